/**
 * Changes inputs byte by byte and block by block. None is changed in place, as the corpus holds it (`slice` of a Buffer is
 * the same memory).
 */
import type { Random } from "./random.ts";

export interface Surroundings {
	readonly corpus: readonly Uint8Array[];
	readonly words: readonly string[];
	readonly mostBytes: number;
}

type Change = (input: Uint8Array, random: Random, around: Surroundings) => Uint8Array;

/** One input with one to a dozen changes, at most `mostBytes` long. */
export function mutated(input: Uint8Array, random: Random, around: Surroundings): Uint8Array {
	let bytes = input;
	for (let left = random.few(12); left > 0; left--) {
		bytes = random.pick(changes)(bytes, random, around).subarray(0, around.mostBytes);
	}
	return bytes;
}

/** Bytes that many formats give a meaning to. */
const tellingBytes = [
	0x00, 0x01, 0x0a, 0x0d, 0x20, 0x22, 0x27, 0x2e, 0x2f, 0x3a, 0x3c, 0x3d, 0x5c, 0x7b, 0x7f,
] as const;
const highBytes = [0x80, 0xbf, 0xc0, 0xe2, 0xed, 0xf0, 0xf4, 0xfe, 0xff] as const;

/** Where counters and sizes turn over. */
const extremes = [0n, 1n, 0x7fn, 0x80n, 0xffn, 0x7fffn, 0x8000n, 0xffffn, 0x7fff_ffffn, 0x8000_0000n, 0xffff_ffffn,
	0x1f_ffff_ffff_ffffn, 0x7fff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn] as const; // biome-ignore format: one row of edges

const numerals = [
	"0",
	"-1",
	"1",
	"00",
	"4294967296",
	"9007199254740993",
	"99999999999999999999999",
	"1e999",
	"0x10",
] as const;

function flipBit(input: Uint8Array, random: Random): Uint8Array {
	const bytes = new Uint8Array(input);
	const at = random.below(bytes.length);
	if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
	return bytes;
}

function setByte(input: Uint8Array, random: Random): Uint8Array {
	const bytes = new Uint8Array(input);
	if (bytes.length > 0) bytes[random.below(bytes.length)] = anyByte(random);
	return bytes;
}

function anyByte(random: Random): number {
	if (random.once(3)) return random.below(256);
	return random.once(2) ? random.pick(tellingBytes) : random.pick(highBytes);
}

function insertBytes(input: Uint8Array, random: Random): Uint8Array {
	const added = Uint8Array.from({ length: random.few(16) }, () => anyByte(random));
	return spliced(input, random.below(input.length + 1), 0, added);
}

function insertWord(input: Uint8Array, random: Random, { words }: Surroundings): Uint8Array {
	const word = wordOf(random, words);
	const at = random.below(input.length + 1);
	return spliced(input, at, random.once(2) ? word.length : 0, word);
}

function wordOf(random: Random, words: readonly string[]): Uint8Array {
	const [first, ...rest] = words;
	const word = first === undefined || random.once(8) ? random.pick(numerals) : random.pick([first, ...rest]);
	return Buffer.from(word, "latin1");
}

function deleteBlock(input: Uint8Array, random: Random): Uint8Array {
	const [at, length] = blockOf(input, random);
	return spliced(input, at, length, new Uint8Array());
}

function duplicateBlock(input: Uint8Array, random: Random, { mostBytes }: Surroundings): Uint8Array {
	const [at, length] = blockOf(input, random);
	if (length === 0) return input;
	const room = Math.floor(Math.max(0, mostBytes - input.length) / length);
	// Now and then until nothing more fits: what is quadratic shows.
	const times = Math.min(room, random.once(16) ? room : random.few(64));
	const block = input.subarray(at, at + length);
	const copies = new Uint8Array(length * times);
	for (let copy = 0; copy < times; copy++) copies.set(block, copy * length);
	return spliced(input, at, 0, copies);
}

function moveBlock(input: Uint8Array, random: Random): Uint8Array {
	const [at, length] = blockOf(input, random);
	const without = spliced(input, at, length, new Uint8Array());
	return spliced(without, random.below(without.length + 1), 0, input.subarray(at, at + length));
}

function fillBlock(input: Uint8Array, random: Random): Uint8Array {
	const [at, length] = blockOf(input, random);
	return new Uint8Array(input).fill(random.once(2) ? 0 : anyByte(random), at, at + length);
}

function truncate(input: Uint8Array, random: Random): Uint8Array {
	return input.subarray(0, random.below(input.length + 1));
}

/** The beginning of this one, the end of another one. */
function crossOver(input: Uint8Array, random: Random, { corpus }: Surroundings): Uint8Array {
	const other = corpus[random.below(corpus.length)] ?? input;
	return Buffer.concat([
		input.subarray(0, random.below(input.length + 1)),
		other.subarray(random.below(other.length + 1)),
	]);
}

function borrowBlock(input: Uint8Array, random: Random, { corpus }: Surroundings): Uint8Array {
	const other = corpus[random.below(corpus.length)] ?? input;
	const [from, length] = blockOf(other, random);
	return spliced(
		input,
		random.below(input.length + 1),
		random.once(2) ? length : 0,
		other.subarray(from, from + length),
	);
}

/** Overwrites 1, 2, 4 or 8 bytes by a number at which counters turn over, or one next to it. */
function extremeInteger(input: Uint8Array, random: Random): Uint8Array {
	const size = random.pick([1, 2, 4, 8]);
	if (input.length < size) return input;
	const bytes = Buffer.from(input);
	const near = BigInt(random.once(2) ? 0 : random.below(33) - 16);
	const value = BigInt.asUintN(size * 8, random.pick(extremes) + near);
	const hex = Buffer.from(value.toString(16).padStart(size * 2, "0"), "hex");
	bytes.set(random.once(2) ? hex : hex.toReversed(), random.below(bytes.length - size + 1));
	return bytes;
}

/** Changes a small number in place, as lengths and offsets are. */
function nudge(input: Uint8Array, random: Random): Uint8Array {
	const bytes = new Uint8Array(input);
	const at = random.below(bytes.length);
	if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) + random.below(17) - 8;
	return bytes;
}

/** Another number in place of one that is written in digits. */
function otherNumeral(input: Uint8Array, random: Random): Uint8Array {
	const from = random.below(input.length);
	const start = input.findIndex((byte, at) => at >= from && isDigit(byte));
	if (start < 0) return input;
	let end = start;
	while (end < input.length && isDigit(input[end] ?? 0)) end++;
	return spliced(input, start, end - start, Buffer.from(random.pick(numerals)));
}

function isDigit(byte: number): boolean {
	return byte >= 0x30 && byte <= 0x39;
}

const changes: readonly [Change, ...Change[]] = [
	flipBit, flipBit, setByte, setByte, insertBytes, insertWord, insertWord, deleteBlock, deleteBlock, duplicateBlock,
	duplicateBlock, moveBlock, fillBlock, truncate, crossOver, borrowBlock, extremeInteger, extremeInteger, nudge, nudge,
	otherNumeral,
]; // biome-ignore format: what stands twice is tried twice as often

/** Short blocks mostly, sometimes any. */
function blockOf(input: Uint8Array, random: Random): readonly [at: number, length: number] {
	const at = random.below(input.length);
	const rest = input.length - at;
	const length = random.once(4) ? 1 + random.below(rest) : 1 + random.below(Math.min(rest, 32));
	return input.length === 0 ? [0, 0] : [at, Math.min(length, rest)];
}

function spliced(input: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
	return Buffer.concat([input.subarray(0, at), added, input.subarray(Math.min(at + removed, input.length))]);
}
