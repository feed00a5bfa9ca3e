/**
 * Undoes bzip2, block by block, as the bytes come. Blocks are at most 900,000 bytes, but may stand for 50 times as many:
 * what a block unpacks to is given in pieces, so that memory stays small whatever the file holds. (The package
 * unbzip2-stream unpacks all that it has before it gives the first byte: 2 GB for a file of 785 bytes.)
 * There is no specification by its author; the format is described in
 * https://github.com/dsnet/compress/blob/master/doc/bzip2-format.pdf
 */
import { Bits, type Code, readCode, readSymbol, Short } from "./bzip2-bits.ts";
import { chunksOf } from "./feed-bytes.ts";
import { Malformed } from "./json.ts";

/** Bytes of a piece of output. */
const pieceBytes = 256 * 1024;
const blockMagic = 0x3141_5926_5359;
const endMagic = 0x1772_4538_5090;
const symbolsPerSelector = 50;

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
