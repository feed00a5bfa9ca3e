/**
 * CISA's catalogue of known exploited vulnerabilities, one JSON file of some 1.3 MB.
 * https://www.cisa.gov/known-exploited-vulnerabilities-catalog
 */
import { jsonOf, readRecord, wholeFeed, wholeOf } from "../feed-bytes.ts";
import { cveAt } from "../feed-text.ts";
import type { FeedBytes, FeedItem } from "../feed-types.ts";
import { isAbsent, listAt, Malformed, objectAt } from "../json.ts";

/** The catalogue grows by some 200 entries of one KiB a year. */
const mostBytes = 64 * 1024 * 1024;
const mostEntries = 100_000;

/** Throws `advisories_source_unusable` when the file is not the catalogue, or not all of it. */
export function readKev(bytes: FeedBytes): AsyncIterable<FeedItem> {
	return wholeFeed("KEV", itemsOf(bytes));
}

async function* itemsOf(bytes: FeedBytes): AsyncGenerator<FeedItem> {
	const catalogue = objectAt(jsonOf(await wholeOf(bytes, mostBytes)), "the catalogue");
	const { vulnerabilities, count } = catalogue as { vulnerabilities?: unknown; count?: unknown };
	if (isAbsent(vulnerabilities)) throw new Malformed("it has no vulnerabilities");
	const entries = listAt(vulnerabilities, "vulnerabilities", mostEntries);
	if (typeof count === "number" && count !== entries.length)
		throw new Malformed(`it says that it has ${count} entries, but has ${entries.length}`);
	for (const [index, entry] of entries.entries()) {
		const path = `vulnerabilities[${index}]`;
		yield* readRecord(path, () => [entryOf(entry, path)]);
	}
}

function entryOf(value: unknown, path: string): FeedItem {
	const entry = objectAt(value, path);
	const due = entry["dueDate"];
	return {
		kind: "kev",
		id: cveAt(entry["cveID"], `${path}.cveID`),
		kev: {
			added: dayAt(entry["dateAdded"], `${path}.dateAdded`),
			...(isAbsent(due) || due === "" ? {} : { due: dayAt(due, `${path}.dueDate`) }),
			ransomware: entry["knownRansomwareCampaignUse"] === "Known",
		},
	};
}

function dayAt(value: unknown, path: string): string {
	if (typeof value !== "string" || !/^\d{4}-\d\d-\d\d$/.test(value) || Number.isNaN(Date.parse(value)))
		throw new Malformed(`${path} is not a day`);
	return value;
}
