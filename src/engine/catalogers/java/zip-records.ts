/**
 * The records of a ZIP archive, read at the place of their signature; the caller sees to it that they are there in full.
 * Specification: PKWARE APPNOTE 6.3, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
import type { Buffer } from "node:buffer";

/** The two bytes that begin every signature, and the two that tell them apart. */
export const signaturePrefix: Uint8Array = Uint8Array.of(0x50, 0x4b);
export const signatures = {
	localHeader: 0x0403,
	descriptor: 0x0807,
	directoryEntry: 0x0201,
	directoryEnd: 0x0605,
	directoryEnd64: 0x0606,
} as const;

/** Bytes of each record before its texts. */
export const fixedSize = { localHeader: 30, descriptor: 24, directoryEntry: 46, directoryEnd: 22, directoryEnd64: 56 };

/** Longer names are no paths. */
export const nameLimit = 4096;

/** A field of 32 bits that refers to the 64-bit one in the extra field. */
const inExtra = 0xffff_ffff;

export interface LocalHeader {
	readonly name: string;
	readonly method: number;
	/** Bytes; null when only the data descriptor or the central directory tells. */
	readonly compressedSize: number | null;
}

export interface DirectoryEntry {
	readonly name: string;
	readonly method: number;
	readonly encrypted: boolean;
	readonly compressedSize: number;
	/** Of the local header, from where the archive says that it begins. */
	readonly offset: number;
}

/** Lengths of the variable parts: name, extra field, comment. */
export interface Lengths {
	readonly name: number;
	readonly extra: number;
	readonly comment: number;
}

export function localLengths(bytes: Buffer, at: number): Lengths {
	return { name: bytes.readUInt16LE(at + 26), extra: bytes.readUInt16LE(at + 28), comment: 0 };
}

export function entryLengths(bytes: Buffer, at: number): Lengths {
	return {
		name: bytes.readUInt16LE(at + 28),
		extra: bytes.readUInt16LE(at + 30),
		comment: bytes.readUInt16LE(at + 32),
	};
}

/** The highest compression method and version of the format that the specification knows, with room above. */
const methodLimit = 99;
const versionLimit = 99;

/** Whether what begins like a local header can be one; the first 30 bytes must be there. */
export function isPlausibleHeader(bytes: Buffer, at: number): boolean {
	return (bytes[at + 4] ?? 0) <= versionLimit && bytes.readUInt16LE(at + 8) <= methodLimit;
}

/** Whether what begins like an entry of the directory can be one; the first 46 bytes must be there. No archive has parts on other disks. */
export function isPlausibleEntry(bytes: Buffer, at: number): boolean {
	const disk = bytes.readUInt16LE(at + 34);
	return (
		(bytes[at + 6] ?? 0) <= versionLimit &&
		bytes.readUInt16LE(at + 10) <= methodLimit &&
		(disk === 0 || disk === 0xffff)
	);
}

/** The fixed part, the name and the extra field must be there. */
export function readLocalHeader(bytes: Buffer, at: number, { name, extra }: Lengths): LocalHeader {
	const nameAt = at + fixedSize.localHeader;
	const sizes = [bytes.readUInt32LE(at + 22), bytes.readUInt32LE(at + 18)] as const;
	const [, compressedSize] = widened(bytes.subarray(nameAt + name, nameAt + name + extra), sizes);
	const sizeFollows = (bytes.readUInt16LE(at + 6) & 8) !== 0;
	return {
		name: bytes.toString("utf8", nameAt, nameAt + name),
		method: bytes.readUInt16LE(at + 8),
		compressedSize: sizeFollows ? null : (compressedSize ?? null),
	};
}

/** The fixed part, the name and the extra field must be there. */
export function readDirectoryEntry(bytes: Buffer, at: number, { name, extra }: Lengths): DirectoryEntry {
	const nameAt = at + fixedSize.directoryEntry;
	const fields = [bytes.readUInt32LE(at + 24), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 42)] as const;
	const [, compressedSize, offset] = widened(bytes.subarray(nameAt + name, nameAt + name + extra), fields);
	return {
		name: bytes.toString("utf8", nameAt, nameAt + name),
		method: bytes.readUInt16LE(at + 10),
		encrypted: (bytes.readUInt16LE(at + 8) & 1) !== 0,
		compressedSize: compressedSize ?? 0,
		offset: offset ?? 0,
	};
}

/** The fields that are at their limit, in their order, from the ZIP64 extra field (APPNOTE 4.5.3); the others as they are. */
function widened(extra: Buffer, fields: readonly number[]): readonly number[] {
	if (!fields.includes(inExtra)) return fields;
	for (let at = 0; at + 4 <= extra.length; ) {
		const end = at + 4 + extra.readUInt16LE(at + 2);
		if (extra.readUInt16LE(at) === 1) return take(extra.subarray(at + 4, end), fields);
		at = end;
	}
	return fields;
}

function take(values: Buffer, fields: readonly number[]): readonly number[] {
	let at = 0;
	return fields.map((value) => {
		if (value !== inExtra || at + 8 > values.length) return value;
		at += 8;
		return Number(values.readBigUInt64LE(at - 8));
	});
}

/** Where the central directory lies, as its end record says; a field at its limit means that the ZIP64 record tells. */
export interface DirectoryEnd {
	readonly size: number;
	readonly offset: number;
	/** Length of the comment that ends the archive. */
	readonly comment: number;
}

export function readDirectoryEnd(bytes: Buffer, at: number): DirectoryEnd {
	return {
		size: bytes.readUInt32LE(at + 12),
		offset: bytes.readUInt32LE(at + 16),
		comment: bytes.readUInt16LE(at + 20),
	};
}

export function readDirectoryEnd64(bytes: Buffer, at: number): DirectoryEnd {
	return { size: Number(bytes.readBigUInt64LE(at + 40)), offset: Number(bytes.readBigUInt64LE(at + 48)), comment: 0 };
}

export function mergeEnds(narrow: DirectoryEnd, wide: DirectoryEnd | null): DirectoryEnd {
	if (wide === null) return narrow;
	return {
		size: narrow.size === inExtra ? wide.size : narrow.size,
		offset: narrow.offset === inExtra ? wide.offset : narrow.offset,
		comment: narrow.comment,
	};
}

/** Whether a data descriptor (of 32 or 64 bits) says that the data before it were `length` bytes. */
export function describes(bytes: Buffer, at: number, length: number): boolean {
	return bytes.readUInt32LE(at + 8) === length || bytes.readBigUInt64LE(at + 8) === BigInt(length);
}
