/** For tests of translators: testdata, streams in small pieces, and what a translator gives. */
import { readFileSync } from "node:fs";
import { EngineError } from "../errors.ts";
import type { FeedItem } from "./feed-types.ts";

/** The bytes of `testdata/<name>` beside a test. */
export function testdata(test: string, name: string): Uint8Array {
	return readFileSync(new URL(`testdata/${name}`, test));
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A stream in pieces of `size` bytes. Each piece is wiped once the next is asked for, as a reader may reuse its buffer. */
export async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
	const piece = new Uint8Array(size);
	for (let at = 0; at < bytes.length; at += size) {
		const part = bytes.subarray(at, at + size);
		piece.fill(0xff);
		piece.set(part);
		yield piece.subarray(0, part.length);
	}
}

export async function all<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
	const list: T[] = [];
	for await (const item of items) list.push(item);
	return list;
}

type ItemOf<K extends FeedItem["kind"]> = Extract<FeedItem, { readonly kind: K }>;

export function ofKind<K extends FeedItem["kind"]>(items: readonly FeedItem[], kind: K): readonly ItemOf<K>[] {
	return items.filter((item): item is ItemOf<K> => item.kind === kind);
}

/** The message of the `advisories_source_unusable` that reading ends in; fails when it ends well or otherwise. */
export async function unusable(items: AsyncIterable<FeedItem>): Promise<string> {
	try {
		await all(items);
	} catch (error) {
		if (error instanceof EngineError && error.code === "advisories_source_unusable") return error.message;
		throw error;
	}
	throw new Error("It was read to the end.");
}
