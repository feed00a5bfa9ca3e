/**
 * What changed in an ecosystem of the OSV bucket since an older database: `<Ecosystem>/modified_id.csv` lists every
 * record with the moment it was last changed, newest first.
 * https://google.github.io/osv.dev/data/#data-dumps
 */
import { createHash } from "node:crypto";
import { EngineError } from "../errors.ts";
import { inDatabase, readChanged } from "./database/reader.ts";
import type { Feed } from "./database/writer.ts";
import type { Bucket } from "./osv/index.ts";
import { osvFeed } from "./osv-zip.ts";
import type { Previous } from "./parts.ts";

export interface OsvChanges {
	readonly url: string;
	/** RFC 3339. */
	readonly fetchedAt: string;
	/** The records that are new or were changed, as the bucket has them. */
	readonly records: readonly { readonly name: string; readonly json: unknown }[];
	/** The ids of all its records, one a line: a tenth of the memory that a set of them takes until they are stored. */
	readonly ids: string;
}

/** Raised when a record is read into other rows than before: by the translation, errata, `fold`, `covers` or `keyOf`. */
const translatorVersion = 1;

/** The choice that records are read under: what they say of other ecosystems is left out, so they are whole only for this one. */
export function takenDigest(ecosystems: Iterable<string>): string {
	const text = JSON.stringify([translatorVersion, [...ecosystems].sort()]);
	return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

/** One request a record: beyond this, the zip is quicker and kinder to the server. */
const mostRecords = 300;

/**
 * Null when the zip is to be taken: there is no older data that was read under the same choice, too much changed, or the
 * bucket does not tell. Throws `advisories_malformed` when the older database is damaged.
 */
export async function osvChanges(
	bucket: Bucket,
	ecosystem: string,
	{ previous, taken, signal }: { previous: Previous | null; taken: string; signal: AbortSignal },
): Promise<OsvChanges | null> {
	const before = previous?.feeds.find((feed) => feed.feed === osvFeed && feed.part === ecosystem);
	// Records that could not be read then may be readable now: only their own files tell.
	if (!previous || previous.taken !== taken || !before || before.malformed > 0) return null;
	try {
		return await changesSince(bucket, before, previous, signal);
	} catch (error) {
		if (signal.aborted || !(error instanceof EngineError) || error.code !== "advisories_download_failed") throw error;
		return null;
	}
}

async function changesSince(
	bucket: Bucket,
	{ part: ecosystem, records: recordsBefore }: Feed,
	previous: Previous,
	signal: AbortSignal,
): Promise<OsvChanges | null> {
	if (!bucket.modified || !bucket.record) return null;
	const list = await bucket.modified(ecosystem);
	const listed = list && parseModified(list.text);
	// A list that has become that much shorter is more likely cut off than true.
	if (!listed || listed.size === 0 || listed.size + mostRecords < recordsBefore) return null;
	// A record that stands in several zips is filed under one of them, so all parts are looked through.
	const changed = inDatabase(previous.path, (database) => readChanged(database, osvFeed, listed, isSame));
	if (changed.length > mostRecords) return null;
	const records: { name: string; json: unknown }[] = [];
	for (const id of changed) {
		signal.throwIfAborted();
		const json = await bucket.record(ecosystem, id);
		if (json === null) return null;
		records.push({ name: `${id}.json`, json });
	}
	return { url: list.url, fetchedAt: list.fetchedAt, records, ids: [...listed.keys()].join("\n") };
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
function isSame(known: string, listed: string): boolean {
	return Math.abs(Date.parse(known) - Date.parse(listed)) < 1000;
}
