/**
 * PAX extended header records: `LENGTH KEY=VALUE\n`, LENGTH counting the whole record.
 * POSIX.1 pax, "pax Extended Header"; GNU.sparse.*: https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html
 */
import { decodeName } from "./tar-header.ts";

/** What is read of the records before one entry. */
export interface PaxRecords {
	readonly path?: string;
	readonly linkPath?: string;
	/** Bytes of the body in the archive. */
	readonly size?: number;
	readonly sparse?: PaxSparse;
}

/** A sparse file: its body in the archive lacks the holes (and in format 1.0 begins with their map). */
export interface PaxSparse {
	readonly name?: string;
	/** Bytes of the file with its holes. */
	readonly realSize?: number;
}

export interface PaxResult {
	readonly records: PaxRecords;
	/** What was wrong, for people; the records before it hold. */
	readonly problem: string | null;
	/** The archive says a body size that cannot be: nothing behind this entry can be found. */
	readonly sizeBroken: boolean;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads a record block. An empty value takes back what stood before it: the header's own value counts, as POSIX says. */
export function parsePax(bytes: Buffer): PaxResult {
	const found: Writable<PaxRecords> = {};
	const sparse: Writable<PaxSparse> = {};
	let isSparse = false;
	let problem: string | null = null;
	let sizeBroken = false;
	for (let at = 0; at < bytes.length; ) {
		const record = nextRecord(bytes, at);
		if (record === null) {
			problem = "a PAX record has a bad length";
			break;
		}
		at = record.end;
		const { key, value } = record;
		if (key.startsWith("GNU.sparse.")) isSparse = true;
		if (value === "") {
			takeBack(key, found, sparse);
			continue;
		}
		if (value.includes("\0")) {
			if (isNameKey(key)) problem = `the PAX record ${key} holds a NUL byte`;
			continue;
		}
		if (key === "path") found.path = value;
		else if (key === "linkpath") found.linkPath = value;
		else if (key === "size") {
			found.size = decimal(value);
			sizeBroken = Number.isNaN(found.size);
		} else if (key === "GNU.sparse.name") sparse.name = value;
		else if (key === "GNU.sparse.size" || key === "GNU.sparse.realsize") sparse.realSize = decimal(value);
	}
	return { records: isSparse ? { ...found, sparse } : found, problem, sizeBroken };
}

function takeBack(key: string, found: Writable<PaxRecords>, sparse: Writable<PaxSparse>): void {
	if (key === "path") delete found.path;
	else if (key === "linkpath") delete found.linkPath;
	else if (key === "size") delete found.size;
	else if (key === "GNU.sparse.name") delete sparse.name;
	else if (key === "GNU.sparse.size" || key === "GNU.sparse.realsize") delete sparse.realSize;
}

function isNameKey(key: string): boolean {
	return key === "path" || key === "linkpath" || key === "GNU.sparse.name";
}

function nextRecord(bytes: Buffer, start: number): { key: string; value: string; end: number } | null {
	let length = 0;
	let at = start;
	for (; at < bytes.length && bytes[at] !== 0x20; at++) {
		const digit = (bytes[at] as number) - 0x30;
		// 8 digits hold any length under the metadata limit.
		if (digit < 0 || digit > 9 || at - start >= 8) return null;
		length = length * 10 + digit;
	}
	const end = start + length;
	if (at === start || end > bytes.length || end <= at + 2 || bytes[end - 1] !== 0x0a) return null;
	const equals = bytes.indexOf(0x3d, at + 1);
	if (equals <= at + 1 || equals >= end) return null;
	return { key: decodeName(bytes, at + 1, equals), value: decodeName(bytes, equals + 1, end - 1), end };
}

function decimal(text: string): number {
	const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
	return Number.isSafeInteger(value) ? value : Number.NaN;
}
