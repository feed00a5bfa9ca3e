/**
 * One 512-byte tar header: V7, ustar, star, GNU. Every field may be hostile; the checksum is checked before anything is read.
 * https://www.gnu.org/software/tar/manual/html_node/Standard.html, POSIX.1 pax "ustar Interchange Format"
 */
import { isUtf8 } from "node:buffer";

/** A header as it stands, before long names and PAX records are applied. `name` and `linkName` are not cleaned. */
export interface TarHeader {
	readonly name: string;
	readonly linkName: string;
	/** The type flag's code; NUL is the V7 regular file. */
	readonly type: number;
	/** Bytes; negative or NaN when the field is no number. */
	readonly size: number;
	/** Permission bits. */
	readonly mode: number;
	readonly magic: "v7" | "ustar" | "gnu";
}

export const blockSize = 512;

/** Whether a block is a header by its checksum, an end mark (all zero) or neither. */
export function classifyBlock(block: Buffer): "header" | "zero" | "other" {
	let sum = 0;
	for (let i = 0; i < blockSize; i++) sum += block[i] as number;
	if (sum === 0) return "zero";
	let field = 0;
	for (let i = 148; i < 156; i++) field += block[i] as number;
	// The checksum is taken as if its own field were blanks.
	const expected = readNumber(block, 148, 8);
	const rest = sum - field + 8 * 0x20;
	return rest === expected || signedSum(block) === expected ? "header" : "other";
}

/** Some old tars added up signed bytes. */
function signedSum(block: Buffer): number {
	let sum = 8 * 0x20;
	for (let i = 0; i < blockSize; i++) if (i < 148 || i >= 156) sum += block.readInt8(i);
	return sum;
}

export function decodeHeader(block: Buffer): TarHeader {
	const magic = readMagic(block);
	const name = readText(block, 0, 100);
	const prefix = magic === "ustar" ? readText(block, 345, isStar(block) ? 131 : 155) : "";
	const mode = readNumber(block, 100, 8);
	return {
		name: prefix === "" ? name : `${prefix}/${name}`,
		linkName: block[157] === 0 ? "" : readText(block, 157, 100),
		type: block[156] as number,
		size: readNumber(block, 124, 12),
		mode: mode >= 0 ? mode & 0o7777 : 0,
		magic,
	};
}

/** `ustar` NUL is POSIX; `ustar` blank blank is GNU, which uses the prefix for times. */
function readMagic(block: Buffer): TarHeader["magic"] {
	if (block.readUInt32BE(257) !== 0x75737461 || block[261] !== 0x72) return "v7";
	return block[262] === 0x20 ? "gnu" : "ustar";
}

/** Schilling's star marks itself at the block's end and keeps times behind a shorter prefix. */
function isStar(block: Buffer): boolean {
	return block.readUInt32BE(508) === 0x74617200;
}

/** A NUL-terminated text field. */
function readText(block: Buffer, start: number, length: number): string {
	if (block[start] === 0) return "";
	const nul = block.indexOf(0, start);
	return decodeName(block, start, nul < 0 || nul > start + length ? start + length : nul);
}

/**
 * Names are UTF-8 as a rule; others are read as Latin-1, so that different names stay different. That is decided for
 * each part of a path by itself: a folder has one name, whatever the files in it are called.
 */
export function decodeName(bytes: Buffer, start: number, end: number): string {
	const text = bytes.toString("utf8", start, end);
	if (!text.includes("\uFFFD")) return text;
	const latin1 = bytes.toString("latin1", start, end);
	return latin1.length > longestPath ? latin1 : latin1.split("/").map(decodePart).join("/");
}

/** No path is longer (limits.ts); a mebibyte of slashes must not cost a tenth of a second. */
const longestPath = 4096;

function decodePart(latin1: string): string {
	const bytes = Buffer.from(latin1, "latin1");
	return isUtf8(bytes) ? bytes.toString("utf8") : latin1;
}

/**
 * A numeric field: octal digits between blanks and NULs, or base-256 with the top bit set (GNU, for big and negative
 * values). NaN for anything else and for what a double cannot hold.
 */
export function readNumber(block: Buffer, start: number, length: number): number {
	const first = block[start] as number;
	if ((first & 0x80) !== 0) return readBase256(block, start, length);
	let at = start;
	const end = start + length;
	while (at < end && (block[at] === 0x20 || block[at] === 0)) at++;
	let value = 0;
	for (; at < end; at++) {
		const digit = (block[at] as number) - 0x30;
		if (digit < 0 || digit > 7) break;
		value = value * 8 + digit;
	}
	for (; at < end; at++) if (block[at] !== 0x20 && block[at] !== 0) return Number.NaN;
	return value;
}

/** Two's complement over the field, whose very first bit only marks the form. */
function readBase256(block: Buffer, start: number, length: number): number {
	const first = block[start] as number;
	let value = (first & 0x40) !== 0 ? first - 256 : first & 0x3f;
	for (let i = 1; i < length; i++) value = value * 256 + (block[start + i] as number);
	return Number.isSafeInteger(value) ? value : Number.NaN;
}
