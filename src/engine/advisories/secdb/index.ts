/** secdb: the lists of fixed packages of Alpine, Wolfi and Chainguard, as one advisory a vulnerability. */
import { compareText } from "#model";
import { jsonOf, readRecord, unlessUnusable } from "../feed-bytes.ts";
import type { FeedItem } from "../feed-types.ts";
import { advisoryOf, type Fixes } from "./advisory.ts";
import { ecosystemOf, type SecdbDistribution, secfixesOf } from "./packages.ts";

export interface SecdbFile {
	readonly distribution: SecdbDistribution;
	/** For messages: `v3.19/main.json`. */
	readonly name: string;
	readonly bytes: Uint8Array;
}

export interface SecdbOptions {
	/** RFC 3339. The files carry no dates, so this is when they were changed or fetched. */
	readonly modified: string;
}

/**
 * Reads all files of one feed together (some 20 MB for all branches of Alpine), as a vulnerability occurs in many of
 * them. Throws `advisories_source_unusable` when one is not a secdb file, or not all of it.
 */
export async function* readSecdb(
	files: Iterable<SecdbFile> | AsyncIterable<SecdbFile>,
	{ modified }: SecdbOptions,
): AsyncGenerator<FeedItem> {
	const fixes: Fixes = new Map();
	for await (const file of files) yield* readFile(file, fixes);
	for (const id of [...fixes.keys()].sort(compareText)) {
		const item = advisoryOf(id, fixes, modified);
		if (item) yield item;
	}
}

function* readFile({ distribution, name, bytes }: SecdbFile, fixes: Fixes): Generator<FeedItem> {
	try {
		const { ecosystem, packages } = ecosystemOf(jsonOf(bytes), distribution);
		for (const [index, entry] of packages.entries()) {
			yield* readRecord(`${name}: packages[${index}]`, () => {
				for (const { id, aliases, fixed, pkg } of secfixesOf(entry, distribution)) {
					let known = fixes.get(id);
					if (!known) fixes.set(id, (known = { aliases: new Set(), fixed: new Map() }));
					for (const alias of aliases) known.aliases.add(alias);
					const key = `${ecosystem}\0${pkg}`;
					const versions = known.fixed.get(key);
					if (versions) versions.add(fixed);
					else known.fixed.set(key, new Set([fixed]));
				}
				return [];
			});
		}
	} catch (error) {
		throw unlessUnusable(`secdb (${name})`, error);
	}
}
