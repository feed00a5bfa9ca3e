/** Real names and versions for the images that the parity test makes: what the pack's records call fixed. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { testdata } from "../testdata.ts";

export interface FeedVersion {
	readonly version: string;
	readonly summary: string;
}

interface OsvRecord {
	readonly summary?: string;
	readonly affected?: readonly {
		readonly package?: { readonly ecosystem: string; readonly name: string };
		readonly ranges?: readonly { readonly events: readonly { readonly fixed?: string }[] }[];
	}[];
}

/** Each package of an ecosystem, by name in order, with every version that a record calls fixed, oldest record first. */
export function feedVersions(ecosystem: string): ReadonlyMap<string, readonly FeedVersion[]> {
	const files = unzipSync(readFileSync(join(testdata, "osv", ecosystem, "all.zip")));
	const found = new Map<string, FeedVersion[]>();
	for (const file of Object.keys(files).sort()) {
		const record = JSON.parse(Buffer.from(files[file] ?? []).toString("utf8")) as OsvRecord;
		for (const { package: pkg, ranges = [] } of record.affected ?? []) {
			if (pkg?.ecosystem !== ecosystem) continue;
			const list = found.get(pkg.name) ?? [];
			found.set(pkg.name, list);
			for (const { fixed } of ranges.flatMap(({ events }) => events))
				if (fixed !== undefined) list.push({ version: fixed, summary: record.summary ?? "" });
		}
	}
	return new Map([...found].filter(([, versions]) => versions.length > 0).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One of a list, always the same for a name. */
export function chosen<T>(list: readonly T[], name: string): T {
	const at = createHash("sha256").update(name).digest().readUInt32BE(0) % list.length;
	return list[at] as T;
}

/** About `count` entries, spread evenly over the list. */
export function spread<T>(list: readonly T[], count: number): readonly T[] {
	const step = Math.max(1, list.length / count);
	return Array.from({ length: Math.min(count, list.length) }, (_, at) => list[Math.floor(at * step)] as T);
}
