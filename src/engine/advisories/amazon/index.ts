/**
 * Amazon Linux: `updateinfo.xml` of a package repository, one `<update>` an advisory (ALAS).
 * https://alas.aws.amazon.com/ and https://docs.aws.amazon.com/linux/al2/ug/amazon-linux-extras.html
 */
import type { Advisory, Affected } from "#model";
import { readRecord, wholeFeed } from "../feed-bytes.ts";
import { feedLimits } from "../feed-limits.ts";
import { isCve, lineAs, looseDateAt } from "../feed-text.ts";
import type { FeedBytes, FeedItem } from "../feed-types.ts";
import { type JsonObject, Malformed, stringAt } from "../json.ts";
import { evrOf, isDebugPackage, rpmNameAt } from "../rpm-names.ts";
import { xmlElements } from "../xml-elements.ts";
import { attributeOf, childOf, childrenOf, textOf, xmlRecord } from "../xml-record.ts";
import { lineStart } from "./extras.ts";

export interface AmazonOptions {
	/** `1`, `2`, `2023`. */
	readonly release: string;
}

/**
 * One advisory an ALAS, its CVEs in `upstream`. A repository for x86_64 lists the packages of all architectures, and
 * their versions do not differ by it, so that architectures are left out.
 * Throws `advisories_source_unusable` when the file is not of this format, or not all of it.
 */
export function readAmazon(bytes: FeedBytes, { release }: AmazonOptions): AsyncIterable<FeedItem> {
	return wholeFeed(`Amazon Linux ${release}`, itemsOf(bytes, `Amazon Linux:${release}`));
}

async function* itemsOf(bytes: FeedBytes, ecosystem: string): AsyncGenerator<FeedItem> {
	const options = { root: "updates", name: "update", mostCharacters: feedLimits.recordBytes };
	let index = 0;
	for await (const element of xmlElements(bytes, options)) {
		const place = `update ${++index}`;
		yield* readRecord(place, () => {
			if ("problem" in element) throw new Malformed(element.problem);
			const update = xmlRecord(element.text, "update");
			if ((attributeOf(update, "type") ?? "security") !== "security") return [];
			const id = stringAt(textOf(childOf(update, "id")), "id", feedLimits.identifier);
			return readRecord(id, () => [advisoryOf(id, update, ecosystem)]);
		});
	}
}

function advisoryOf(id: string, update: JsonObject, ecosystem: string): FeedItem {
	const references = childrenOf(childOf(update, "references"), "reference");
	const cves = references.map((reference) => attributeOf(reference, "id")?.toUpperCase()).filter(isCve);
	const issued = looseDateAt(attributeOf(childOf(update, "issued"), "date"), "issued");
	const updated = attributeOf(childOf(update, "updated"), "date");
	const severity = textOf(childOf(update, "severity")).toLowerCase();
	const advisory: Advisory = {
		id,
		aliases: [],
		upstream: [...new Set(cves)],
		related: [],
		...lineAs("summary", textOf(childOf(update, "title")), feedLimits.title),
		modified: updated ? looseDateAt(updated, "updated") : issued,
		published: issued,
		severity: [],
		...(/^[a-z]{1,20}$/.test(severity) ? { severityWord: severity } : {}),
		references: [],
	};
	return { kind: "advisory", advisory, affected: affectedOf(id, update, ecosystem) };
}

function affectedOf(id: string, update: JsonObject, ecosystem: string): readonly Affected[] {
	const collections = childrenOf(update, "pkglist").flatMap((list) => childrenOf(list, "collection"));
	const packages = collections.flatMap((collection) => childrenOf(collection, "package"));
	if (packages.length > feedLimits.packages) throw new Malformed(`it lists ${packages.length} packages`);
	const fixes = new Map<string, Set<string>>();
	for (const pkg of packages) {
		const name = rpmNameAt(attributeOf(pkg, "name"), "a package");
		// Sources are not installed, whatever they are called.
		if (attributeOf(pkg, "arch") === "src" || isDebugPackage(name)) continue;
		const version = `${attributeOf(pkg, "version") ?? ""}-${attributeOf(pkg, "release") ?? ""}`;
		const fixed = evrOf(attributeOf(pkg, "epoch"), version, name);
		const known = fixes.get(name);
		if (known) known.add(fixed);
		else fixes.set(name, new Set([fixed]));
	}
	return [...fixes].map(([name, fixed]) => ({
		ecosystem,
		name,
		ranges: [...fixed].map((version) => ({
			type: "ECOSYSTEM",
			events: [{ introduced: lineStart(id, version) }, { fixed: version }],
		})),
		versions: [],
		ratedBy: "amazon",
	}));
}
