/**
 * What changed in an ecosystem of the OSV bucket since an older database: `<Ecosystem>/modified_id.csv` lists every
 * record with the moment it was last changed, newest first.
 * https://google.github.io/osv.dev/data/#data-dumps
 */
import { inDatabase, readModified } from "./database/reader.ts";
import type { Bucket } from "./osv/index.ts";
import { osvFeed } from "./osv-zip.ts";
import type { Previous } from "./parts.ts";

export interface OsvChanges {
	readonly url: string;
	/** RFC 3339. */
	readonly fetchedAt: string;
	/** The records that are new or were changed, as the bucket has them. */
	readonly records: readonly { readonly name: string; readonly json: unknown }[];
	/** Ids that the bucket does not list any more. */
	readonly gone: ReadonlySet<string>;
}

/** One request a record: beyond this, the zip is quicker and kinder to the server. */
const mostRecords = 300;

/**
 * Null when the zip is to be taken: there is no older data, too much changed, or the bucket does not tell.
 * Throws `advisories_download_failed` when the bucket tells, but cannot be read on.
 */
export async function osvChanges(
	bucket: Bucket,
	ecosystem: string,
	previous: Previous | null,
	signal: AbortSignal,
): Promise<OsvChanges | null> {
	const before = previous?.feeds.find((feed) => feed.feed === osvFeed && feed.part === ecosystem);
	// Records that could not be read then may be readable now: only their own files tell.
	if (!previous || !before || before.malformed > 0 || !bucket.modified || !bucket.record) return null;
	const list = await bucket.modified(ecosystem);
	const listed = list && parseModified(list.text);
	if (!listed) return null;
	const known = inDatabase(previous.path, (database) => readModified(database, osvFeed, ecosystem));
	const changed = [...listed].filter(([id, modified]) => !isSame(known.get(id), modified)).map(([id]) => id);
	// Records that stand in several zips are kept under one of them, so a short list need not mean new records.
	if (changed.length > mostRecords || known.size === 0) return null;
	const records: { name: string; json: unknown }[] = [];
	for (const id of changed) {
		signal.throwIfAborted();
		const json = await bucket.record(ecosystem, id);
		if (json === null) return null;
		records.push({ name: `${id}.json`, json });
	}
	const gone = new Set([...known.keys()].filter((id) => !listed.has(id)));
	return { url: list.url, fetchedAt: list.fetchedAt, records, gone };
}

/** Id to `modified`; null when a line is none of such a list. Lines may name the ecosystem's folder before the id. */
export function parseModified(text: string): ReadonlyMap<string, string> | null {
	const listed = new Map<string, string>();
	for (const line of text.split("\n")) {
		if (line.trim() === "") continue;
		const [modified = "", path = ""] = line.trim().split(",");
		const id = path.slice(path.lastIndexOf("/") + 1);
		if (Number.isNaN(Date.parse(modified)) || !/^[A-Za-z0-9][\w.:+-]{0,255}$/.test(id)) return null;
		listed.set(id, modified);
	}
	return listed;
}

/** The list has more decimals than some records. */
function isSame(known: string | undefined, listed: string): boolean {
	return known !== undefined && Math.abs(Date.parse(known) - Date.parse(listed)) < 1000;
}
