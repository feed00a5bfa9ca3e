import { Buffer } from "node:buffer";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pageTypes } from "./berkeley-db.ts";
import { ndbFormat } from "./ndb.ts";

/** Headers by their number in the database. */
export type Headers = ReadonlyMap<number, Uint8Array>;

/** Headers numbered from 1, as rpm does in an empty database. */
export function numbered(headers: readonly Uint8Array[]): Headers {
	return new Map(headers.map((header, at) => [at + 1, header]));
}

/** A database in SQLite's form, written by SQLite with rpm's own schema; `change` runs last. */
export function buildSqlite(headers: Headers, pageSize = 4096, change = ""): Buffer {
	const folder = mkdtempSync(join(tmpdir(), "plimsoll-rpm-"));
	try {
		const file = join(folder, "rpmdb.sqlite");
		const database = new DatabaseSync(file);
		database.exec(`PRAGMA page_size = ${pageSize}; BEGIN;
			CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL);
			CREATE TABLE 'Name' (key 'TEXT' NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL);
			CREATE INDEX 'Name_key_idx' ON 'Name'(key ASC);`);
		const insert = database.prepare("INSERT INTO Packages VALUES (?, ?)");
		for (const [number, header] of headers) insert.run(number, header);
		database.exec(`COMMIT; ${change}`);
		database.close();
		return readFileSync(file);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** A database in ndb's form: one page of slots, then the blobs. The first free slot stands between the used ones. */
export function buildNdb(headers: Headers): Buffer {
	const slots = Buffer.alloc(ndbFormat.pageSize);
	const blobs: Buffer[] = [];
	slots.writeUInt32LE(ndbFormat.fileMagic, 0);
	slots.writeUInt32LE(1, 8);
	slots.writeUInt32LE(1, 12);
	slots.writeUInt32LE(Math.max(0, ...headers.keys()) + 1, 16);
	for (let at = ndbFormat.fileHeader; at < slots.length; at += 16) slots.writeUInt32LE(ndbFormat.slotMagic, at);
	let slot: number = ndbFormat.fileHeader;
	let block = slots.length / ndbFormat.blockSize;
	for (const [number, header] of headers) {
		const blob = ndbBlob(number, header);
		slots.writeUInt32LE(number, slot + 4);
		slots.writeUInt32LE(block, slot + 8);
		slots.writeUInt32LE(blob.length / ndbFormat.blockSize, slot + 12);
		slot += slot === ndbFormat.fileHeader ? 32 : 16;
		block += blob.length / ndbFormat.blockSize;
		blobs.push(blob);
	}
	return Buffer.concat([slots, ...blobs]);
}

function ndbBlob(number: number, header: Uint8Array): Buffer {
	const { blobHeader, blobTail, blockSize } = ndbFormat;
	const blob = Buffer.alloc(Math.ceil((blobHeader + header.length + blobTail) / blockSize) * blockSize);
	for (const [at, word] of [ndbFormat.blobStart, number, 1, header.length].entries()) blob.writeUInt32LE(word, 4 * at);
	blob.set(header, blobHeader);
	const tail = blob.length - blobTail;
	blob.writeUInt32LE(adler32(blob.subarray(0, tail)), tail);
	blob.writeUInt32LE(header.length, tail + 4);
	blob.writeUInt32LE(ndbFormat.blobEnd, tail + 8);
	return blob;
}

function adler32(bytes: Uint8Array): number {
	let a = 1;
	let b = 0;
	for (const byte of bytes) {
		a = (a + byte) % 65_521;
		b = (b + a) % 65_521;
	}
	return b * 65_536 + a;
}

/**
 * A database in Berkeley DB's form: a hash of one bucket, whose pages form a chain. Headers that do not fit a quarter of
 * a page are on overflow pages, as Berkeley DB decides it. The real rpm reads it (`oracle.test.ts`).
 */
export function buildBerkeleyDb(headers: Headers, pageSize = 4096, littleEndian = true): Buffer {
	const u32 = (bytes: Buffer, value: number, at: number) =>
		littleEndian ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at);
	const u16 = (bytes: Buffer, value: number, at: number) =>
		littleEndian ? bytes.writeUInt16LE(value & 0xffff, at) : bytes.writeUInt16BE(value & 0xffff, at);
	const word = (value: number) => {
		const bytes = Buffer.alloc(4);
		u32(bytes, value, 0);
		return bytes;
	};
	const pages: Buffer[] = [];
	const addPage = (type: number): Buffer => {
		const page = Buffer.alloc(pageSize);
		u32(page, pages.length, 8);
		page.writeUInt8(type, 25);
		pages.push(page);
		return page;
	};

	const meta = addPage(pageTypes.meta);
	let page = addPage(pageTypes.hash);
	let items: Buffer[] = [];
	let free = pageSize - 26;
	const closePage = () => {
		let end = pageSize;
		u16(page, items.length, 20);
		for (const [at, item] of items.entries()) {
			end -= item.length;
			page.set(item, end);
			u16(page, end, 26 + 2 * at);
		}
		u16(page, end, 22);
		items = [];
		free = pageSize - 26;
	};
	const overflow = (value: Uint8Array): Buffer => {
		const first = pages.length;
		for (let at = 0; at < value.length; at += pageSize - 26) {
			const part = value.subarray(at, at + pageSize - 26);
			const next = addPage(pageTypes.overflow);
			if (at + part.length < value.length) u32(next, pages.length, 16);
			u16(next, part.length, 22);
			next.set(part, 26);
		}
		return Buffer.concat([Buffer.from([3, 0, 0, 0]), word(first), word(value.length)]);
	};
	for (const [number, header] of [[0, word(headers.size + 1)] as const, ...headers]) {
		const key = Buffer.concat([Buffer.from([1]), word(number)]);
		const value = header.length > pageSize / 4 ? overflow(header) : Buffer.concat([Buffer.from([1]), header]);
		if (key.length + value.length + 4 > free) {
			closePage();
			u32(page, pages.length, 16);
			page = addPage(pageTypes.hash);
		}
		items.push(key, value);
		free -= key.length + value.length + 4;
	}
	closePage();
	for (const [at, value] of [0x00_06_15_61, 9, pageSize].entries()) u32(meta, value, 12 + 4 * at);
	u32(meta, pages.length - 1, 32);
	u32(meta, headers.size + 1, 84);
	u32(meta, 1, 96);
	return Buffer.concat(pages);
}
