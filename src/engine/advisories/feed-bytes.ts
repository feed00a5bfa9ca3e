/** How the bytes of a feed are read, and what becomes of a file that is no such feed or not all of it. */
import { EngineError } from "../errors.ts";
import { printable } from "./feed-text.ts";
import type { FeedBytes, FeedItem } from "./feed-types.ts";
import { Malformed } from "./json.ts";

export async function* chunksOf(bytes: FeedBytes): AsyncGenerator<Uint8Array> {
	if (bytes instanceof Uint8Array) yield bytes;
	else yield* bytes;
}

/** All bytes at once. Throws `Malformed` when there are more than `most`. */
export async function wholeOf(bytes: FeedBytes, most: number): Promise<Uint8Array> {
	if (bytes instanceof Uint8Array && bytes.length <= most) return bytes;
	const kept: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of chunksOf(bytes)) {
		length += chunk.length;
		if (length > most) throw new Malformed(`it is larger than ${most} bytes`);
		kept.push(chunk.slice());
	}
	return Buffer.concat(kept, length);
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** JSON in UTF-8, with or without a byte order mark. Throws `Malformed`. */
export function jsonOf(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(utf8.decode(bytes));
	} catch (error) {
		throw new Malformed(
			`it is not JSON in UTF-8: ${printable(error instanceof Error ? error.message : String(error))}`,
		);
	}
}

/**
 * Passes the items of a feed on. A fault of the file itself, which is then no such feed or not all of it, becomes
 * `advisories_source_unusable`: half a feed would pass for a clean one.
 */
export async function* wholeFeed(feed: string, items: AsyncIterable<FeedItem>): AsyncGenerator<FeedItem> {
	try {
		yield* items;
	} catch (error) {
		throw unlessUnusable(feed, error);
	}
}

/** The error to throw on for a file of a feed: `Malformed` is told to people, anything else stays what it is. */
export function unlessUnusable(feed: string, error: unknown): unknown {
	if (!(error instanceof Malformed)) return error;
	return new EngineError(
		"advisories_source_unusable",
		`The ${feed} feed cannot be used: ${error.message}.`,
		"Repeat the update; when it fails again, the source has changed or gives something else under this address.",
		error,
	);
}

/** The items that one record gives; what is wrong with it becomes an item that names it. */
export function readRecord(name: string, read: () => readonly FeedItem[]): readonly FeedItem[] {
	try {
		return read();
	} catch (error) {
		if (!(error instanceof Malformed)) throw error;
		return [{ kind: "malformed", name: printable(name), problem: error.message }];
	}
}
