/**
 * NVD's feed files, one a year and some 100 MB each: `{…, vulnerabilities: [{cve: {…}}]}`.
 * https://nvd.nist.gov/vuln/data-feeds
 */
import type { Advisory, Vulnerability } from "#model";
import { jsonOf, readRecord, wholeFeed } from "../feed-bytes.ts";
import { feedLimits } from "../feed-limits.ts";
import { cveAt, lineAs, looseDateAt, webAddresses } from "../feed-text.ts";
import type { FeedBytes, FeedItem } from "../feed-types.ts";
import { isObject, type JsonObject, Malformed, objectAt } from "../json.ts";
import { jsonMembers } from "../json-members.ts";
import { affectedOf } from "./configurations.ts";
import { unquoted } from "./cpe.ts";
import { ratingsOf } from "./ratings.ts";

export interface NvdOptions {
	/** Products whose versions are read: what an advisory calls them, and NVD's `vendor:product` for them, escaped as in CPE. */
	readonly products: readonly { readonly name: string; readonly cpes: readonly string[] }[];
}

/**
 * What NVD knows of each CVE, and an advisory (ecosystem `NVD`) for the products that are asked for. Rejected CVEs give
 * nothing. Throws `advisories_source_unusable` when the file is not of NVD, or not all of it.
 */
export function readNvd(bytes: FeedBytes, { products }: NvdOptions): AsyncIterable<FeedItem> {
	const names = new Map(products.flatMap(({ name, cpes }) => cpes.map((cpe) => [unquoted(cpe), name] as const)));
	return wholeFeed("NVD", itemsOf(bytes, names));
}

async function* itemsOf(bytes: FeedBytes, products: ReadonlyMap<string, string>): AsyncGenerator<FeedItem> {
	const members = jsonMembers(bytes, { at: "vulnerabilities", mostBytes: feedLimits.recordBytes });
	for await (const member of members) {
		const path = `vulnerabilities[${member.key}]`;
		yield* readRecord(path, () => {
			if ("problem" in member) throw new Malformed(member.problem);
			const cve = objectAt(objectAt(jsonOf(member.bytes), path)["cve"], `${path}.cve`);
			const id = cveAt(cve["id"], `${path}.cve.id`);
			return cve["vulnStatus"] === "Rejected" ? [] : readRecord(id, () => itemsOfCve(id, cve, products));
		});
	}
}

function itemsOfCve(id: string, cve: JsonObject, products: ReadonlyMap<string, string>): readonly FeedItem[] {
	const published = looseDateAt(cve["published"], "published");
	const modified = looseDateAt(cve["lastModified"], "lastModified");
	const references = webAddresses(
		objectsIn(cve["references"]).map((reference) => reference["url"]),
		feedLimits.references,
	);
	const description = objectsIn(cve["descriptions"]).find((one) => one["lang"] === "en")?.["value"];
	const vulnerability: Vulnerability = {
		id,
		...lineAs("description", description, feedLimits.description),
		published,
		modified,
		cwes: cwesOf(cve["weaknesses"]),
		references,
		ratings: ratingsOf(cve["metrics"]),
	};
	const affected = affectedOf(cve["configurations"], products);
	if (affected.length === 0) return [{ kind: "vulnerability", vulnerability }];
	const advisory: Advisory = {
		id,
		aliases: [],
		upstream: [],
		related: [],
		modified,
		published,
		severity: [],
		references: [`https://nvd.nist.gov/vuln/detail/${id}`],
	};
	return [
		{ kind: "vulnerability", vulnerability },
		{ kind: "advisory", advisory, affected: affected.map((one) => ({ ...one, ratedBy: "nvd" })) },
	];
}

function cwesOf(weaknesses: unknown): readonly string[] {
	const values = objectsIn(weaknesses).flatMap((weakness) => objectsIn(weakness["description"]));
	const cwes = values.map((description) => description["value"]).filter(isCwe);
	return [...new Set(cwes)].slice(0, feedLimits.references);
}

/** Not `NVD-CWE-noinfo` and its like. */
function isCwe(value: unknown): value is string {
	return typeof value === "string" && /^CWE-\d{1,6}$/.test(value);
}

function objectsIn(value: unknown): readonly JsonObject[] {
	return Array.isArray(value) ? value.filter(isObject) : [];
}
