import { Buffer } from "node:buffer";
import { type ByteRange, byteRange } from "../byte-range.ts";
import { beginningWithin, beginsLikeCrates } from "./parse.ts";

/** Crates' lists are some dozen KiB; so much is kept of each place that may be one. */
const listLimit = 1024 * 1024;

/** A program has one list; a scanner may carry samples. */
const foundLimit = 8;

/** Tries to inflate, each some ten microseconds: a compiler of 160 MB takes 1,200. */
const triesLimit = 50_000;

/** The first byte of every zlib stream with the usual window, and its four companions, by level of compression. */
const first = 0x78;
const seconds: ReadonlySet<number> = new Set([0x01, 0x5e, 0x9c, 0xda]);

interface Place {
	readonly offset: number;
	readonly range: ByteRange;
}

export interface ZlibSearch {
	write(chunk: Uint8Array, offset: number): void;
	/** The bytes from such a place on, at most `length`; null when no list of crates was noticed there. */
	at(offset: number, length: number): Uint8Array | null;
	/** Whether any was noticed. */
	any(): boolean;
}

/**
 * Notices compressed lists of crates in a stream and keeps the bytes from there on: in an ELF file the headers that tell
 * where the list lies come only at the end. Whatever may be a zlib stream is inflated as far as its first bytes.
 */
export function zlibSearch(): ZlibSearch {
	const found: Place[] = [];
	/** Too near the end of a chunk to be judged. */
	let undecided: Place[] = [];
	let tries = 0;

	function begins(bytes: Uint8Array): boolean {
		tries++;
		return beginsLikeCrates(bytes);
	}

	function keep(place: Place): void {
		if (found.length < foundLimit) found.push(place);
	}

	function decide(place: Place): void {
		if (begins(place.range.bytes())) keep(place);
	}

	function search(bytes: Buffer, offset: number): void {
		for (let at = bytes.indexOf(first); at >= 0 && tries < triesLimit; at = bytes.indexOf(first, at + 1)) {
			if (!mayBeZlib(bytes, at)) continue;
			const rest = bytes.subarray(at, at + listLimit);
			if (rest.length >= beginningWithin && !begins(rest)) continue;
			const place = { offset: offset + at, range: byteRange(offset + at, listLimit) };
			place.range.write(rest, place.offset);
			if (rest.length >= beginningWithin) keep(place);
			else undecided.push(place);
		}
	}

	return {
		write(chunk, offset) {
			for (const { range } of found) range.write(chunk, offset);
			const waiting = undecided;
			undecided = [];
			for (const place of waiting) {
				place.range.write(chunk, offset);
				if (place.range.bytes().length < beginningWithin) undecided.push(place);
				else decide(place);
			}
			search(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length), offset);
		},
		at(offset, length) {
			const place = [...found, ...undecided].find((one) => one.offset === offset);
			return place?.range.bytes().subarray(0, length) ?? null;
		},
		any: () => found.length > 0 || undecided.some(({ range }) => beginsLikeCrates(range.bytes())),
	};
}

/** Whether a zlib header stands there, and what follows can begin its first block; bytes behind the chunk may be anything. */
function mayBeZlib(bytes: Buffer, at: number): boolean {
	const second = bytes[at + 1];
	if (second === undefined) return true;
	if (!seconds.has(second)) return false;
	const third = bytes[at + 2] ?? dynamicBlock;
	const type = (third >> 1) & 3;
	if (type === 2) return third >> 3 <= mostLengthCodes;
	return type === 1 || (type === 0 && (bytes[at + 7] ?? brace) === brace);
}

/** RFC 1951, 3.2.7: a block with its own codes, of which at most 286 are for lengths (257 and this). */
const dynamicBlock = 4;
const mostLengthCodes = 29;
const brace = 0x7b;
