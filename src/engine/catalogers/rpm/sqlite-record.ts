import type { Buffer } from "node:buffer";

/** A value of a record; null also stands for what rpm's tables do not hold (fractions). */
export type SqliteValue = null | number | string | Buffer;

/** More columns than the tables that are read have (5). */
const columnLimit = 16;

/**
 * The first values of a record, or null when it is none. A value that the record is too short for is cut short.
 * https://www.sqlite.org/fileformat2.html#record_format
 */
export function readRecord(record: Buffer): readonly SqliteValue[] | null {
	const header = readVarint(record, 0);
	if (header === null || header.value < header.end || header.value > record.length) return null;
	const values: SqliteValue[] = [];
	let at = header.value;
	for (let next = header.end; next < header.value && values.length < columnLimit; ) {
		const type = readVarint(record, next);
		if (type === null) return null;
		const size = sizeOf(type.value);
		values.push(valueOf(type.value, record.subarray(at, at + size)));
		at += size;
		next = type.end;
	}
	return values;
}

/** Bytes of a value by its serial type. */
function sizeOf(type: number): number {
	if (type >= 12) return Math.floor((type - 12) / 2);
	return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0][type] ?? 0;
}

function valueOf(type: number, bytes: Buffer): SqliteValue {
	if (type >= 12) return type % 2 === 0 ? bytes : bytes.toString("utf8");
	if (type === 8 || type === 9) return type - 8;
	const size = sizeOf(type);
	return type >= 1 && type <= 5 && bytes.length === size ? bytes.readIntBE(0, size) : null;
}

/**
 * SQLite's integer of one to nine bytes: seven bits each, the highest first, eight in the ninth. Null when it leaves the
 * buffer. Beyond 2^53 the value is not exact; no length or number of a real file is so large.
 */
export function readVarint(bytes: Buffer, offset: number): { readonly value: number; readonly end: number } | null {
	let value = 0;
	for (let at = offset; at < offset + 9; at++) {
		const byte = bytes[at];
		if (byte === undefined) return null;
		if (at === offset + 8) return { value: value * 256 + byte, end: at + 1 };
		value = value * 128 + (byte & 0x7f);
		if (byte < 0x80) return { value, end: at + 1 };
	}
	return null;
}
