/**
 * Undoes bzip2, block by block, as the bytes come. Blocks are at most 900,000 bytes, but may stand for 50 times as many:
 * what a block unpacks to is given in pieces, so that memory stays small whatever the file holds. (The package
 * unbzip2-stream unpacks all that it has before it gives the first byte: 2 GB for a file of 785 bytes.)
 * There is no specification by its author; the format is described in
 * https://github.com/dsnet/compress/blob/master/doc/bzip2-format.pdf
 */
import { chunksOf } from "./feed-bytes.ts";
import { Malformed } from "./json.ts";

/** Bytes of a piece of output. */
const pieceBytes = 256 * 1024;
const blockMagic = 0x3141_5926_5359;
const endMagic = 0x1772_4538_5090;
const symbolsPerSelector = 50;
const mostCodeLength = 20;
/** Codes up to this length are looked up at once. */
const quickBits = 10;

/** The input ends within what is being read: more of it may come. */
class Short extends Error {}

/** Throws `Malformed` when it is not bzip2, ends early, or a checksum does not match. */
export async function* bunzip2(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
	const bits = new Bits();
	const reader = new Reader(bits);
	/** A block that was not there in whole is tried again when there is twice as much, so that it is read a few times only. */
	let wanted = 0;
	for await (const chunk of chunksOf(packed)) {
		bits.append(chunk);
		if (bits.available < wanted) continue;
		yield* reader.blocks(false);
		wanted = Math.max(pieceBytes, 2 * bits.available);
	}
	yield* reader.blocks(true);
}

class Bits {
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
			const longer = new Uint8Array(Math.max(2 * this.available, this.available + chunk.length, pieceBytes));
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
interface Code {
	readonly quick: Uint16Array;
	/** By length: what the codes of that length are below of, and what makes one an index of `symbols`. */
	readonly limits: Int32Array;
	readonly offsets: Int32Array;
	readonly symbols: Uint16Array;
}

class Reader {
	readonly #bits: Bits;
	/** Bytes of a block; 0 outside of a stream. */
	#blockSize = 0;
	#streams = 0;
	#streamSum = 0;
	#cells = new Uint32Array(0);

	constructor(bits: Bits) {
		this.#bits = bits;
	}

	/** What is there in whole. `last`: nothing will follow. */
	*blocks(last: boolean): Generator<Uint8Array> {
		for (;;) {
			const before = this.#bits.mark();
			try {
				if (last && this.#blockSize === 0 && this.#streams > 0 && this.#bits.available === 0) return;
				const block = this.#next();
				if (block === null) continue;
				yield* unpack(block);
				this.#streamSum = ((this.#streamSum << 1) | (this.#streamSum >>> 31)) ^ block.sum;
			} catch (error) {
				if (!(error instanceof Short)) throw error;
				if (last) throw new Malformed("it ends early");
				this.#bits.back(before);
				return;
			}
		}
	}

	/** The next block; null after the header or the end of a stream. */
	#next(): Block | null {
		const bits = this.#bits;
		if (this.#blockSize === 0) {
			const level = bits.readLong(4) - 0x425a_6830;
			if (level < 1 || level > 9)
				throw new Malformed(this.#streams > 0 ? "something follows its end" : "it is no bzip2");
			this.#blockSize = level * 100_000;
			this.#streamSum = 0;
			if (this.#cells.length < this.#blockSize) this.#cells = new Uint32Array(this.#blockSize);
			return null;
		}
		const magic = bits.readLong(6);
		const sum = bits.readLong(4) | 0;
		if (magic === blockMagic) return this.#block(sum);
		if (magic !== endMagic) throw new Malformed("it is not sound bzip2: a block has no mark");
		if (sum !== (this.#streamSum | 0)) throw new Malformed("its checksum does not match");
		bits.align();
		this.#blockSize = 0;
		this.#streams += 1;
		return null;
	}

	#block(sum: number): Block {
		const bits = this.#bits;
		if (bits.read(1) === 1) throw new Malformed("it is of a bzip2 older than version 0.9.5");
		const origin = bits.read(24);
		const bytes = usedBytes(bits);
		const groups = bits.read(3);
		const selectors = readSelectors(bits, groups);
		const codes = Array.from({ length: groups }, () => readCode(bits, bytes.length + 2));
		const length = this.#fill(bytes, selectors, codes);
		if (origin >= length) throw new Malformed("it is not sound bzip2: a block begins behind its end");
		return { cells: this.#cells, length, origin, sum };
	}

	/** Undoes Huffman's codes, the runs of zeros and the move to the front: bytes into the low parts of the cells. */
	#fill(bytes: Uint8Array, selectors: Uint8Array, codes: readonly Code[]): number {
		const bits = this.#bits;
		const cells = this.#cells;
		const end = bytes.length + 1;
		let length = 0;
		let run = 0;
		let weight = 1;
		for (const selector of selectors) {
			const code = codes[selector] as Code;
			for (let left = symbolsPerSelector; left > 0; left--) {
				const symbol = readSymbol(bits, code);
				if (symbol < 2) {
					// The run's length in digits 1 and 2, the lowest first.
					run += weight << symbol;
					weight <<= 1;
					if (run > this.#blockSize) throw new Malformed("it is not sound bzip2: a block is too long");
					continue;
				}
				if (run > 0) {
					if (length + run > this.#blockSize) throw new Malformed("it is not sound bzip2: a block is too long");
					cells.fill(bytes[0] as number, length, length + run);
					length += run;
					run = 0;
					weight = 1;
				}
				if (symbol === end) return length;
				if (length === this.#blockSize) throw new Malformed("it is not sound bzip2: a block is too long");
				const place = symbol - 1;
				const byte = bytes[place] as number;
				bytes.copyWithin(1, 0, place);
				bytes[0] = byte;
				cells[length++] = byte;
			}
		}
		throw new Malformed("it is not sound bzip2: a block has no end");
	}
}

/** Bytes that occur in the block, in their order. */
function usedBytes(bits: Bits): Uint8Array {
	const rows = bits.read(16);
	const used: number[] = [];
	for (let row = 0; row < 16; row++) {
		if (((rows >>> (15 - row)) & 1) === 0) continue;
		const columns = bits.read(16);
		for (let column = 0; column < 16; column++)
			if (((columns >>> (15 - column)) & 1) === 1) used.push(row * 16 + column);
	}
	if (used.length === 0) throw new Malformed("it is not sound bzip2: a block uses no bytes");
	return Uint8Array.from(used);
}

/** Which code each 50 symbols have. */
function readSelectors(bits: Bits, groups: number): Uint8Array {
	if (groups < 2 || groups > 6) throw new Malformed(`it is not sound bzip2: a block has ${groups} codes`);
	const selectors = new Uint8Array(bits.read(15));
	const order = [0, 1, 2, 3, 4, 5];
	for (let at = 0; at < selectors.length; at++) {
		let place = 0;
		while (bits.read(1) === 1)
			if (++place >= groups) throw new Malformed("it is not sound bzip2: there is no such code");
		const [group = 0] = order.splice(place, 1);
		order.unshift(group);
		selectors[at] = group;
	}
	return selectors;
}

/** A canonical Huffman code by the lengths of its words. */
function readCode(bits: Bits, count: number): Code {
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

function readSymbol(bits: Bits, { quick, limits, offsets, symbols }: Code): number {
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

/** A block before the Burrows-Wheeler transform is undone: bytes in the order of what follows them. */
interface Block {
	readonly cells: Uint32Array;
	readonly length: number;
	readonly origin: number;
	/** CRC-32 of what it unpacks to. */
	readonly sum: number;
}

/** Undoes the transform and the first runs: four equal bytes are followed by the number of further ones. */
function* unpack({ cells, length, origin, sum }: Block): Generator<Uint8Array> {
	link(cells, length);
	let cell = cells[origin] as number;
	let piece = new Uint8Array(pieceBytes);
	let filled = 0;
	let equal = 0;
	let last = -1;
	let crc = -1;
	for (let left = length; left > 0; left--) {
		cell = cells[cell >>> 8] as number;
		const byte = cell & 0xff;
		let times = 1;
		if (equal === 4) {
			times = byte;
			equal = 0;
		} else {
			equal = byte === last ? equal + 1 : 1;
			last = byte;
		}
		if (filled + times > pieceBytes) {
			yield piece.subarray(0, filled);
			piece = new Uint8Array(pieceBytes);
			filled = 0;
		}
		for (; times > 0; times--) {
			piece[filled++] = last;
			crc = (crc << 8) ^ (crcTable[(crc >>> 24) ^ last] as number);
		}
	}
	if (~crc !== sum) throw new Malformed("the checksum of a block does not match");
	if (filled > 0) yield piece.subarray(0, filled);
}

/** Puts into the high part of each cell where the byte behind its own is. */
function link(cells: Uint32Array, length: number): void {
	const counts = new Uint32Array(257);
	for (let at = 0; at < length; at++)
		counts[((cells[at] as number) & 0xff) + 1] = (counts[((cells[at] as number) & 0xff) + 1] as number) + 1;
	for (let byte = 0; byte < 256; byte++) counts[byte + 1] = (counts[byte + 1] as number) + (counts[byte] as number);
	for (let at = 0; at < length; at++) {
		const byte = (cells[at] as number) & 0xff;
		const place = counts[byte] as number;
		counts[byte] = place + 1;
		cells[place] = ((cells[place] as number) & 0xff) | (at << 8);
	}
}

/** CRC-32 with the highest bit first, as bzip2 has it. */
const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
	let crc = byte << 24;
	for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? (crc << 1) ^ 0x04c1_1db7 : crc << 1;
	return crc;
});
