import { Buffer } from "node:buffer";
import { type DatabaseItem, SeenPages } from "./database.ts";
import type { StoredFile } from "./stored-file.ts";

/**
 * Reads rpm's `Packages` of Berkeley DB (rpm 4.0 to 4.16: RHEL 5 to 8, Amazon Linux 2, SLES 12): a hash of header
 * numbers and headers, in the byte order of the machine that wrote it.
 *
 * The pages are not walked by bucket but in their order in the file: every hash page is in use, and pages that were
 * given back are marked so. Layout of a page: lsn 8, own number 4, previous 4, next 4, entries 2, offset 2, level 1,
 * type 1, then offsets of the items, which fill the page from its end; on an overflow page, data instead.
 * https://github.com/berkeleydb/libdb/blob/a835393fa14fa6052c46abeae47a3dda95996de2/src/dbinc/db_page.h
 */
export const pageTypes = { free: 0, hashUnsorted: 2, overflow: 7, meta: 8, hash: 13 } as const;

/** What an item of a hash page begins with. */
const itemTypes = { inline: 1, overflow: 3 } as const;

const magic = 0x00_06_15_61;
const pageHeader = 26;

interface Integers {
	u16(bytes: Buffer, offset: number): number;
	u32(bytes: Buffer, offset: number): number;
}

const littleEndian: Integers = {
	u16: (bytes, offset) => bytes.readUInt16LE(offset),
	u32: (bytes, offset) => bytes.readUInt32LE(offset),
};
const bigEndian: Integers = {
	u16: (bytes, offset) => bytes.readUInt16BE(offset),
	u32: (bytes, offset) => bytes.readUInt32BE(offset),
};

interface Hash {
	readonly file: StoredFile;
	readonly int: Integers;
	readonly pageSize: number;
	/** Pages that the file says it has. */
	readonly pages: number;
	readonly seen: SeenPages;
}

export function isBerkeleyDb(start: Buffer): boolean {
	return start.length >= 16 && (start.readUInt32LE(12) === magic || start.readUInt32BE(12) === magic);
}

export function* readBerkeleyDb(file: StoredFile): Generator<DatabaseItem> {
	const hash = openHash(file);
	if (typeof hash === "string") {
		yield { fault: `page 0 ${hash}` };
		return;
	}
	for (let page = 1; page < hash.pages; page++) {
		const bytes = file.read(page * hash.pageSize, hash.pageSize);
		if (bytes === null) {
			yield { fault: `page ${page} of ${hash.pages} lies outside the file` };
			return;
		}
		const type = bytes.readUInt8(25);
		if (type === pageTypes.hash || type === pageTypes.hashUnsorted) yield* readHashPage(hash, page, bytes);
		else if (type !== pageTypes.free && type !== pageTypes.overflow && type !== pageTypes.meta) {
			yield { fault: `page ${page} is of type ${type}, which rpm's databases do not have` };
		}
	}
}

/** The file's own description, or in words why it cannot be read. */
function openHash(file: StoredFile): Hash | string {
	const meta = file.read(0, 72);
	if (meta === null) return "is cut short";
	const int = meta.readUInt32LE(12) === magic ? littleEndian : bigEndian;
	const version = int.u32(meta, 16);
	const pageSize = int.u32(meta, 20);
	if (meta.readUInt8(25) !== pageTypes.meta) return "does not begin a hash";
	if (version < 8 || version > 10) return `is of Berkeley DB's hash version ${version}, and 8 to 10 are known`;
	if (meta.readUInt8(24) !== 0) return "says that the database is encrypted";
	if ((meta.readUInt8(26) & 1) !== 0) return "says that pages have checksums, which rpm's do not";
	if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0)
		return `gives a page size of ${pageSize}`;
	const pages = int.u32(meta, 32) + 1;
	return { file, int, pageSize, pages, seen: new SeenPages(Math.min(pages, Math.ceil(file.length / pageSize))) };
}

/** Items come in pairs, key and value; each ends where the one before it begins, the first at the page's end. */
function* readHashPage(hash: Hash, page: number, bytes: Buffer): Generator<DatabaseItem> {
	const { int, pageSize } = hash;
	const entries = int.u16(bytes, 20);
	const lowest = pageHeader + 2 * entries;
	if (entries % 2 !== 0 || lowest > pageSize) {
		yield { fault: `page ${page} has ${entries} items, which is no number of pairs that fits` };
		return;
	}
	let end = pageSize;
	for (let entry = 0; entry < entries; entry += 2) {
		const keyAt = int.u16(bytes, pageHeader + 2 * entry);
		const valueAt = int.u16(bytes, pageHeader + 2 * entry + 2);
		if (keyAt >= end || valueAt >= keyAt || valueAt < lowest) {
			yield { fault: `page ${page} has items that overlap` };
			return;
		}
		const key = bytes.subarray(keyAt, end);
		if (key.length !== 5 || key.readUInt8(0) !== itemTypes.inline) {
			yield { fault: `page ${page} has a key that is no header number` };
		} else {
			const number = int.u32(key, 1);
			// Number 0 stands for the next free number, not for a package.
			if (number !== 0) yield* readValue(hash, page, number, bytes.subarray(valueAt, keyAt));
		}
		end = valueAt;
	}
}

function* readValue(hash: Hash, page: number, number: number, item: Buffer): Generator<DatabaseItem> {
	const type = item.readUInt8(0);
	if (type === itemTypes.inline) {
		yield { header: item.subarray(1), number };
	} else if (type === itemTypes.overflow && item.length >= 12) {
		yield* readOverflow(hash, number, hash.int.u32(item, 4), hash.int.u32(item, 8));
	} else {
		yield { fault: `page ${page} holds header ${number} in a form that rpm does not write` };
	}
}

/** A value too long for a page of its own: a chain of overflow pages from `first`, `length` bytes in all. */
function* readOverflow(hash: Hash, number: number, first: number, length: number): Generator<DatabaseItem> {
	const parts: Buffer[] = [];
	let held = 0;
	let fault: string | null = null;
	for (let page = first; held < length && fault === null; ) {
		const bytes = page === 0 ? null : hash.file.read(page * hash.pageSize, hash.pageSize);
		if (page === 0) fault = `ends after ${held} of ${length} bytes`;
		else if (bytes === null) fault = `goes on at page ${page}, which lies outside the file`;
		else if (bytes.readUInt8(25) !== pageTypes.overflow) fault = `goes on at page ${page}, which holds something else`;
		else if (!hash.seen.mark(page)) fault = `goes on at page ${page}, which another one has`;
		else {
			const here = Math.min(hash.int.u16(bytes, 22), hash.pageSize - pageHeader, length - held);
			parts.push(bytes.subarray(pageHeader, pageHeader + here));
			held += here;
			page = hash.int.u32(bytes, 16);
		}
	}
	yield { header: Buffer.concat(parts, held), number, ...(fault === null ? {} : { cut: fault }) };
}
