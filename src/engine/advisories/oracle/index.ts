/**
 * Oracle Linux: OVAL definitions, one an advisory (ELSA).
 * https://linux.oracle.com/security/oval/
 */
import type { Advisory, Affected } from "#model";
import { readRecord, wholeFeed } from "../feed-bytes.ts";
import { feedLimits } from "../feed-limits.ts";
import { isCve, lineAs, looseDateAt, webAddresses } from "../feed-text.ts";
import type { FeedBytes, FeedItem } from "../feed-types.ts";
import { type JsonObject, Malformed, stringAt } from "../json.ts";
import { isDebugPackage } from "../rpm-names.ts";
import { xmlElements } from "../xml-elements.ts";
import { attributeOf, childOf, childrenOf, textOf, xmlRecord } from "../xml-record.ts";
import { type Fix, fixesOf } from "./criteria.ts";

/**
 * One advisory an ELSA, its CVEs in `upstream`; ksplice's and FIPS's packages have their mark in the version, which is
 * left as it is. Throws `advisories_source_unusable` when the file is not of this format, or not all of it.
 */
export function readOracle(bytes: FeedBytes): AsyncIterable<FeedItem> {
	return wholeFeed("Oracle Linux", itemsOf(bytes));
}

async function* itemsOf(bytes: FeedBytes): AsyncGenerator<FeedItem> {
	const options = { root: "oval_definitions", name: "definition", mostCharacters: feedLimits.recordBytes };
	let index = 0;
	for await (const element of xmlElements(bytes, options)) {
		const place = `definition ${++index}`;
		yield* readRecord(place, () => {
			if ("problem" in element) throw new Malformed(element.problem);
			const definition = xmlRecord(element.text, "definition");
			if (attributeOf(definition, "class") !== "patch") return [];
			const id = idOf(definition);
			return readRecord(id, () => [advisoryOf(id, definition), ...ratingsOf(definition)]);
		});
	}
}

function referencesOf(definition: JsonObject, source: string): readonly JsonObject[] {
	return childrenOf(childOf(definition, "metadata"), "reference").filter(
		(reference) => attributeOf(reference, "source")?.toLowerCase() === source,
	);
}

function idOf(definition: JsonObject): string {
	const [reference = {}] = referencesOf(definition, "elsa");
	const id = stringAt(attributeOf(reference, "ref_id"), "the reference to its ELSA", feedLimits.identifier);
	if (!/^ELSA-[0-9A-Za-z:.-]+$/.test(id)) throw new Malformed("the reference to its ELSA is none");
	return id;
}

function advisoryOf(id: string, definition: JsonObject): FeedItem {
	const metadata = childOf(definition, "metadata");
	const about = childOf(metadata, "advisory");
	const issued = looseDateAt(attributeOf(childOf(about, "issued"), "date"), "issued");
	const severity = textOf(childOf(about, "severity")).toLowerCase();
	const cves = [
		...referencesOf(definition, "cve").map((reference) => attributeOf(reference, "ref_id")),
		...childrenOf(about, "cve").map(textOf),
	];
	const advisory: Advisory = {
		id,
		aliases: [],
		upstream: [...new Set(cves.filter(isCve))],
		related: [],
		...lineAs("summary", textOf(childOf(metadata, "title")), feedLimits.title),
		modified: issued,
		published: issued,
		severity: [],
		...(/^[a-z]{1,20}$/.test(severity) ? { severityWord: severity } : {}),
		references: webAddresses(
			referencesOf(definition, "elsa").map((one) => attributeOf(one, "ref_url")),
			1,
		),
	};
	return { kind: "advisory", advisory, affected: affectedOf(definition) };
}

/** The CVSS vectors that Oracle gives for each CVE, beside the base score: `7.5/CVSS:3.1/AV:N/…`. */
function ratingsOf(definition: JsonObject): readonly FeedItem[] {
	return childrenOf(childOf(childOf(definition, "metadata"), "advisory"), "cve").flatMap((cve): readonly FeedItem[] => {
		const id = textOf(cve);
		const vector = /^(?:[\d.]{1,4}\/)?(CVSS:3\.[01]\/[A-Z:/]{1,200})$/.exec(attributeOf(cve, "cvss3") ?? "")?.[1];
		if (!isCve(id) || vector === undefined) return [];
		const ratings = [{ source: "oracle-oval", vectors: [{ type: "CVSS_V3" as const, vector }] }];
		return [{ kind: "vulnerability", vulnerability: { id, cwes: [], references: [], ratings } }];
	});
}

function affectedOf(definition: JsonObject): readonly Affected[] {
	const platforms = childrenOf(childOf(definition, "metadata"), "affected")
		.flatMap((affected) => childrenOf(affected, "platform"))
		.flatMap((platform) => /^Oracle Linux (\d+)$/.exec(textOf(platform))?.[1] ?? []);
	// Sources are not installed, whatever they are called.
	const fixes = fixesOf(definition).filter(({ name, arch }) => arch !== "src" && !isDebugPackage(name));
	const merged = Map.groupBy(fixes, ({ release, module, name, fixed }) => [release, module, name, fixed].join("\0"));
	return [...merged.values()].flatMap((same) => {
		const [{ release }] = same as [Fix];
		const releases = release === null ? platforms : [release];
		if (releases.length === 0) throw new Malformed("it does not tell the release");
		return releases.map((number) => entryOf(`Oracle Linux:${number}`, same));
	});
}

/** Stands for any stream of any module, but not for a package of none. */
const anyModule = "*";

/** One entry for what is fixed in one version on several architectures. */
function entryOf(ecosystem: string, same: readonly Fix[]): Affected {
	const [{ name, fixed, module }] = same as [Fix];
	const arches = [...new Set(same.map(({ arch }) => arch))];
	// A package that is for all architectures in one place may be for one in another.
	const everywhere = arches.some((arch) => arch === null || arch === "noarch");
	// Some 150 packages of modules come without their stream.
	const stream = module ?? (/\.module[+_]el/.test(fixed) ? anyModule : null);
	const only = {
		...(everywhere ? {} : { arches: arches.filter((arch) => arch !== null).sort() }),
		...(stream === null ? {} : { module: stream }),
	};
	return {
		ecosystem,
		name,
		ranges: [{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed }] }],
		versions: [],
		...(Object.keys(only).length === 0 ? {} : { only }),
		ratedBy: "oracle-oval",
	};
}
