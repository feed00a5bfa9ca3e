/** Bits and Huffman codes of bzip2 (bunzip2.ts). */
import { Malformed } from "./json.ts";

const mostCodeLength = 20;
/** Codes up to this length are looked up at once. */
const quickBits = 10;
/** Bytes that the buffer holds at least. */
const leastBytes = 256 * 1024;

/** The input ends within what is being read: more of it may come. */
export class Short extends Error {}

export class Bits {
	#bytes: Uint8Array = new Uint8Array(0);
	#length = 0;
	#at = 0;
	#held = 0;
	#count = 0;

	/** Bytes that are not read yet. */
	get available(): number {
		return this.#length - this.#at;
	}

	append(chunk: Uint8Array): void {
		if (this.#length + chunk.length > this.#bytes.length) {
			const longer = new Uint8Array(Math.max(2 * this.available, this.available + chunk.length, leastBytes));
			longer.set(this.#bytes.subarray(this.#at, this.#length));
			this.#length -= this.#at;
			this.#at = 0;
			this.#bytes = longer;
		}
		this.#bytes.set(chunk, this.#length);
		this.#length += chunk.length;
	}

	/** At most 24 bits, the first of them the highest. */
	read(count: number): number {
		while (this.#count < count) {
			if (this.#at === this.#length) throw new Short();
			this.#held = ((this.#held << 8) | (this.#bytes[this.#at++] as number)) & 0x7fff_ffff;
			this.#count += 8;
		}
		this.#count -= count;
		return (this.#held >>> this.#count) & ((1 << count) - 1);
	}

	/** The next bits without taking them, zeros behind the end. */
	peek(count: number): number {
		while (this.#count < count) {
			const byte = this.#at < this.#length ? (this.#bytes[this.#at] as number) : 0;
			if (this.#at === this.#length) return (this.#held << (count - this.#count)) & ((1 << count) - 1);
			this.#at += 1;
			this.#held = ((this.#held << 8) | byte) & 0x7fff_ffff;
			this.#count += 8;
		}
		return (this.#held >>> (this.#count - count)) & ((1 << count) - 1);
	}

	readLong(bytes: 4 | 6): number {
		let value = 0;
		for (let left = bytes; left > 0; left--) value = value * 256 + this.read(8);
		return value;
	}

	/** Passes over what is missing to a whole byte. */
	align(): void {
		this.#count -= this.#count % 8;
	}

	mark(): readonly [number, number, number] {
		return [this.#at, this.#held, this.#count];
	}

	back([at, held, count]: readonly [number, number, number]): void {
		this.#at = at;
		this.#held = held;
		this.#count = count;
	}
}

/** A code's symbols by their bits (`quick`: length and symbol), and the longer codes by length. */
export interface Code {
	readonly quick: Uint16Array;
	/** By length: what the codes of that length are below of, and what makes one an index of `symbols`. */
	readonly limits: Int32Array;
	readonly offsets: Int32Array;
	readonly symbols: Uint16Array;
}

/** A canonical Huffman code by the lengths of its words. */
export function readCode(bits: Bits, count: number): Code {
	const lengths = new Uint8Array(count);
	let length = bits.read(5);
	for (let symbol = 0; symbol < count; symbol++) {
		for (;;) {
			if (length < 1 || length > mostCodeLength)
				throw new Malformed("it is not sound bzip2: a code word has no length");
			if (bits.read(1) === 0) break;
			length += bits.read(1) === 0 ? 1 : -1;
		}
		lengths[symbol] = length;
	}
	return codeOf(lengths);
}

function codeOf(lengths: Uint8Array): Code {
	const counts = new Int32Array(mostCodeLength + 2);
	for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1;
	const limits = new Int32Array(mostCodeLength + 1);
	const offsets = new Int32Array(mostCodeLength + 1);
	const starts = new Int32Array(mostCodeLength + 1);
	let word = 0;
	let seen = 0;
	for (let length = 1; length <= mostCodeLength; length++) {
		const count = counts[length] ?? 0;
		starts[length] = seen;
		offsets[length] = seen - word;
		word += count;
		seen += count;
		limits[length] = word;
		if (word > 2 ** length) throw new Malformed("it is not sound bzip2: a code has too many words");
		word *= 2;
	}
	const symbols = new Uint16Array(lengths.length);
	const next = starts.slice();
	lengths.forEach((length, symbol) => {
		const at = next[length] ?? 0;
		next[length] = at + 1;
		symbols[at] = symbol;
	});
	const quick = new Uint16Array(2 ** quickBits);
	for (let length = 1; length <= quickBits; length++) {
		for (let at = starts[length] ?? 0; at < (next[length] ?? 0); at++) {
			const first = (at - (offsets[length] ?? 0)) << (quickBits - length);
			// Symbols are below 258: nine bits.
			quick.fill((length << 9) | (symbols[at] ?? 0), first, first + 2 ** (quickBits - length));
		}
	}
	return { quick, limits, offsets, symbols };
}

export function readSymbol(bits: Bits, { quick, limits, offsets, symbols }: Code): number {
	const entry = quick[bits.peek(quickBits)] as number;
	if (entry !== 0) {
		bits.read(entry >>> 9);
		return entry & 0x1ff;
	}
	let word = bits.read(quickBits);
	for (let length = quickBits + 1; length <= mostCodeLength; length++) {
		word = word * 2 + bits.read(1);
		if (word < (limits[length] as number)) return symbols[word + (offsets[length] as number)] as number;
	}
	throw new Malformed("it is not sound bzip2: there is no such code word");
}
