/**
 * The members of one large JSON object or array, one after the other, while the text streams by: only one member is in
 * memory at a time. Between members the syntax is checked here; a member's own text is for whoever reads it.
 * https://www.rfc-editor.org/rfc/rfc8259
 */
import { chunksOf } from "./feed-bytes.ts";
import type { FeedBytes } from "./feed-types.ts";
import { Malformed } from "./json.ts";

/** A member's text, which is valid until the next member is asked for, or why it is left out. */
export type JsonMember =
	| { readonly key: string; readonly bytes: Uint8Array }
	| { readonly key: string; readonly problem: string };

export interface JsonMembersOptions {
	/** The member of the top-level object whose members are given; the top level's own when it is left out. */
	readonly at?: string;
	/** A member with more bytes is left out, and said so. */
	readonly mostBytes: number;
}

/** A member nested deeper is left out: no feed comes near it. */
const mostDepth = 200;
/** Bytes of a key as it is written. */
const mostKeyBytes = 64 * 1024;

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openObject, closeObject, openArray, closeArray] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Throws `Malformed` when the text is not JSON, ends early, or has no such member. Keys of an array are its indices. */
export async function* jsonMembers(bytes: FeedBytes, options: JsonMembersOptions): AsyncGenerator<JsonMember> {
	const splitter = new Splitter(options);
	for await (const chunk of chunksOf(bytes)) {
		// In parts, so that one huge chunk does not give all its members at once.
		for (let at = 0; at < chunk.length; at += partBytes) yield* splitter.push(chunk.subarray(at, at + partBytes));
	}
	splitter.end();
}

const partBytes = 256 * 1024;

type Expected = "start" | "key or close" | "key" | "colon" | "value or close" | "value" | "comma or close" | "nothing";

interface Level {
	readonly array: boolean;
	/** Whether its members are given; else it only holds the one that is looked for. */
	readonly given: boolean;
	count: number;
}

class Splitter {
	readonly #at: string | undefined;
	readonly #mostBytes: number;
	readonly #levels: Level[] = [];
	#found = false;
	#expected: Expected = "start";
	#key = "";
	/** What is being taken: a key, or a member's value. */
	#taking: "key" | "value" | null = null;
	/** A value's kind decides where it ends. */
	#scalar = false;
	#depth = 0;
	#inString = false;
	#escaped = false;
	#kept: Uint8Array[] = [];
	#keptBytes = 0;
	#problem: string | null = null;
	#given = false;

	constructor({ at, mostBytes }: JsonMembersOptions) {
		this.#at = at;
		this.#mostBytes = mostBytes;
	}

	push(chunk: Uint8Array): JsonMember[] {
		const members: JsonMember[] = [];
		let index = 0;
		while (index < chunk.length) {
			if (this.#taking === null) index = this.#step(chunk, index);
			else index = this.#take(chunk, index, members);
		}
		return members;
	}

	end(): void {
		if (this.#expected === "start") throw new Malformed("it is empty");
		if (this.#taking !== null || this.#expected !== "nothing") throw new Malformed("it ends early");
		if (!this.#found) throw new Malformed(`it has no ${this.#at ?? "members"}`);
	}

	/** One byte between keys and values. Gives where to go on. */
	#step(chunk: Uint8Array, index: number): number {
		const byte = chunk[index] ?? 0;
		if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return index + 1;
		const level = this.#levels.at(-1);
		switch (this.#expected) {
			case "start":
				// A byte order mark.
				if (byte === 0xef || byte === 0xbb || byte === 0xbf) return index + 1;
				if (byte !== openObject && (byte !== openArray || this.#at !== undefined))
					throw new Malformed(this.#at === undefined ? "it is no JSON object or array" : "it is no JSON object");
				this.#enter(byte, this.#at === undefined);
				return index + 1;
			case "key or close":
			case "key":
				if (byte === closeObject && this.#expected === "key or close") return this.#close(index);
				if (byte !== quote) throw new Malformed("it is not JSON: a key is missing");
				this.#begin("key", byte);
				return index;
			case "colon":
				if (byte !== colon) throw new Malformed("it is not JSON: a colon is missing");
				this.#expected = "value";
				return index + 1;
			case "value or close":
			case "value":
				if (byte === closeArray && this.#expected === "value or close") return this.#close(index);
				if (level?.given === false && this.#key === this.#at && (byte === openObject || byte === openArray)) {
					this.#enter(byte, true);
					return index + 1;
				}
				if (byte === comma || byte === colon || byte === closeArray || byte === closeObject)
					throw new Malformed("it is not JSON: a value is missing");
				this.#begin("value", byte);
				return index;
			case "comma or close":
				if (byte === (level?.array ? closeArray : closeObject)) return this.#close(index);
				if (byte !== comma) throw new Malformed("it is not JSON: a comma is missing");
				this.#expected = level?.array ? "value" : "key";
				return index + 1;
			case "nothing":
				throw new Malformed("something follows its end");
		}
	}

	#enter(byte: number, given: boolean): void {
		const array = byte === openArray;
		this.#levels.push({ array, given, count: 0 });
		if (given) this.#found = true;
		this.#expected = array ? "value or close" : "key or close";
	}

	#close(index: number): number {
		this.#levels.pop();
		this.#expected = this.#levels.length === 0 ? "nothing" : "comma or close";
		return index + 1;
	}

	#begin(what: "key" | "value", byte: number): void {
		this.#taking = what;
		this.#scalar = byte !== openObject && byte !== openArray && byte !== quote;
		this.#given = what === "key" || this.#levels.at(-1)?.given === true;
		this.#depth = 0;
		this.#problem = null;
		const level = this.#levels.at(-1);
		if (what === "value" && level?.array) this.#key = String(level.count++);
	}

	/** Goes on with a key or value; gives where it ends, which may be the chunk's end. */
	#take(chunk: Uint8Array, from: number, members: JsonMember[]): number {
		const end = this.#scalar ? endOfScalar(chunk, from) : this.#endOfNested(chunk, from);
		const done = this.#scalar ? end < chunk.length : this.#depth === 0 && !this.#inString;
		this.#keep(chunk.subarray(from, end), done);
		if (done) this.#finish(members);
		return end;
	}

	#endOfNested(chunk: Uint8Array, from: number): number {
		for (let index = from; index < chunk.length; index++) {
			const byte = chunk[index];
			if (this.#inString) {
				if (this.#escaped) this.#escaped = false;
				else if (byte === backslash) this.#escaped = true;
				else if (byte === quote) {
					this.#inString = false;
					if (this.#depth === 0) return index + 1;
				}
			} else if (byte === quote) this.#inString = true;
			else if (byte === openObject || byte === openArray) {
				this.#depth += 1;
				if (this.#depth > mostDepth) this.#problem ??= `it is nested deeper than ${mostDepth} levels`;
			} else if (byte === closeObject || byte === closeArray) {
				this.#depth -= 1;
				if (this.#depth === 0) return index + 1;
			}
		}
		return chunk.length;
	}

	/** The last piece of a text that came in one piece is not copied. */
	#keep(piece: Uint8Array, last: boolean): void {
		if (!this.#given) return;
		this.#keptBytes += piece.length;
		if (this.#taking === "key" && this.#keptBytes > mostKeyBytes)
			throw new Malformed(`a key has more than ${mostKeyBytes} bytes`);
		if (this.#keptBytes > this.#mostBytes) this.#problem ??= `it is larger than ${this.#mostBytes} bytes`;
		if (this.#problem !== null) this.#kept = [];
		else this.#kept.push(last ? piece : piece.slice());
	}

	#finish(members: JsonMember[]): void {
		const [first] = this.#kept;
		const bytes = this.#kept.length === 1 && first ? first : Buffer.concat(this.#kept);
		if (this.#taking === "key") {
			this.#key = keyOf(bytes);
			this.#expected = "colon";
		} else {
			if (this.#given)
				members.push(this.#problem === null ? { key: this.#key, bytes } : { key: this.#key, problem: this.#problem });
			this.#expected = "comma or close";
		}
		this.#taking = null;
		this.#kept = [];
		this.#keptBytes = 0;
	}
}

/** Numbers and the three words end before white space and punctuation. */
function endOfScalar(chunk: Uint8Array, from: number): number {
	for (let index = from; index < chunk.length; index++) {
		const byte = chunk[index] ?? 0;
		if (byte <= 0x20 || byte === comma || byte === closeArray || byte === closeObject) return index;
	}
	return chunk.length;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function keyOf(bytes: Uint8Array): string {
	try {
		return JSON.parse(utf8.decode(bytes)) as string;
	} catch {
		throw new Malformed("it is not JSON: a key is malformed");
	}
}
