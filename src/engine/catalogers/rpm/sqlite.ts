import { Buffer } from "node:buffer";
import { type DatabaseItem, SeenPages } from "./database.ts";
import { readRecord, readVarint } from "./sqlite-record.ts";
import type { StoredFile } from "./stored-file.ts";

/**
 * Reads the table `Packages(hnum INTEGER PRIMARY KEY, blob BLOB)` of rpm's `rpmdb.sqlite` (rpm 4.16 on: RHEL 9, Fedora,
 * Amazon Linux 2023, Azure Linux) straight from the pages of its tree. Nothing of a hostile file comes near an SQL
 * engine; indexes, other tables and free pages are not looked at.
 * https://www.sqlite.org/fileformat2.html
 */

const fileMagic = "SQLite format 3\0";
const interiorPage = 5;
const leafPage = 13;

interface Database {
	readonly file: StoredFile;
	readonly pageSize: number;
	/** Bytes of a page that the format uses: all but those reserved at its end. */
	readonly usable: number;
	readonly pages: number;
	readonly seen: SeenPages;
}

/** A row of a table: its number and its record; or a fault. */
type Row = { readonly rowid: number; readonly record: Buffer; readonly cut?: string } | { readonly fault: string };

export function isSqlite(start: Buffer): boolean {
	return start.toString("latin1", 0, fileMagic.length) === fileMagic;
}

export function* readSqlite(file: StoredFile): Generator<DatabaseItem> {
	const database = openDatabase(file);
	if (typeof database === "string") {
		yield { fault: `page 1 ${database}` };
		return;
	}
	let root: number | null = null;
	for (const row of readTable(database, 1)) {
		if ("fault" in row) yield row;
		else root ??= rootOfPackages(row.record);
	}
	if (root === null) {
		yield { fault: "page 1 names no table of packages" };
		return;
	}
	for (const row of readTable(database, root)) {
		if ("fault" in row) {
			yield row;
			continue;
		}
		const { rowid: number, record, cut } = row;
		const blob = readRecord(record)?.[1];
		if (blob instanceof Buffer) yield { header: blob, number, ...(cut === undefined ? {} : { cut }) };
		else yield { fault: `header ${number} is no binary value` };
	}
}

/** The file's own description, or in words why it cannot be read. */
function openDatabase(file: StoredFile): Database | string {
	const header = file.read(0, 100);
	if (header === null) return "is cut short";
	const written = header.readUInt16BE(16);
	const pageSize = written === 1 ? 65_536 : written;
	const reserved = header.readUInt8(20);
	if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) return `gives a page size of ${pageSize}`;
	if (pageSize - reserved < 480) return `reserves ${reserved} bytes of each page`;
	const encoding = header.readUInt32BE(56);
	if (encoding > 1) return `gives text encoding ${encoding}, and rpm writes UTF-8`;
	const pages = Math.floor(file.length / pageSize);
	return { file, pageSize, usable: pageSize - reserved, pages, seen: new SeenPages(pages) };
}

/** The first page of the table `Packages`, when this row of the schema (type, name, table, root page, SQL) speaks of it. */
function rootOfPackages(record: Buffer): number | null {
	const [type, name, , root] = readRecord(record) ?? [];
	return type === "table" && name === "Packages" && typeof root === "number" ? root : null;
}

/** All rows of a table, by rising number. Faults name the page; what is below it is lost, the rest is read. */
function* readTable(database: Database, root: number): Generator<Row> {
	const stack = [root];
	let last = Number.NEGATIVE_INFINITY;
	for (let page = stack.pop(); page !== undefined; page = stack.pop()) {
		const bytes = readPage(database, page);
		if (typeof bytes === "string") {
			yield { fault: `page ${page} ${bytes}` };
			continue;
		}
		const start = page === 1 ? 100 : 0;
		const type = bytes.readUInt8(start);
		const cells = bytes.readUInt16BE(start + 3);
		const pointers = start + (type === interiorPage ? 12 : 8);
		if ((type !== interiorPage && type !== leafPage) || pointers + 2 * cells > database.usable) {
			yield { fault: `page ${page} is no page of a table` };
		} else if (type === leafPage) {
			for (const row of readLeaf(database, page, bytes, pointers, cells)) {
				const inOrder = "fault" in row || row.rowid > last;
				yield inOrder ? row : { fault: `page ${page} has rows out of order` };
				if (!("fault" in row)) last = row.rowid;
			}
		} else {
			stack.push(...childrenOf(bytes, start, pointers, cells));
		}
	}
}

function readPage(database: Database, page: number): Buffer | string {
	const bytes = database.file.read((page - 1) * database.pageSize, database.pageSize);
	if (page < 1 || bytes === null) return "lies outside the file";
	return database.seen.mark(page) ? bytes : "is named twice";
}

/** Child pages, the last first, so that a stack gives them in order. A cell too near the end stands for page 0, a fault. */
function childrenOf(bytes: Buffer, start: number, pointers: number, cells: number): number[] {
	const children = [bytes.readUInt32BE(start + 8)];
	for (let cell = cells - 1; cell >= 0; cell--) {
		const at = bytes.readUInt16BE(pointers + 2 * cell);
		children.push(at + 4 <= bytes.length ? bytes.readUInt32BE(at) : 0);
	}
	return children;
}

function* readLeaf(database: Database, page: number, bytes: Buffer, pointers: number, cells: number): Generator<Row> {
	// Cells do not overlap; the sum of them shows where a hostile page has one many times.
	let budget = database.usable;
	for (let cell = 0; cell < cells; cell++) {
		const at = bytes.readUInt16BE(pointers + 2 * cell);
		const length = readVarint(bytes, at);
		const rowid = length && readVarint(bytes, length.end);
		if (!rowid || rowid.end > database.usable) {
			yield { fault: `page ${page} has a row outside of it` };
			continue;
		}
		const local = localBytes(database.usable, length.value);
		const end = rowid.end + local;
		budget -= end - at;
		if (end > database.usable || budget < 0) {
			yield { fault: `page ${page} has rows that overlap` };
			return;
		}
		const start = bytes.subarray(rowid.end, end);
		if (local === length.value) yield { rowid: rowid.value, record: start };
		else if (end + 4 > database.usable) yield { fault: `page ${page} has a row outside of it` };
		else yield* readOverflow(database, rowid.value, start, length.value, bytes.readUInt32BE(end));
	}
}

/** How much of a record lies on its leaf page; the rest is on overflow pages (file format, "Cell Payload Overflow Pages"). */
function localBytes(usable: number, length: number): number {
	const most = usable - 35;
	if (length <= most) return length;
	const least = Math.floor(((usable - 12) * 32) / 255) - 23;
	const fitting = least + ((length - least) % (usable - 4));
	return fitting <= most ? fitting : least;
}

/** A record that goes on from its leaf page on a chain of overflow pages: number of the next page, then data. */
function* readOverflow(
	database: Database,
	rowid: number,
	start: Buffer,
	length: number,
	first: number,
): Generator<Row> {
	const parts = [start];
	let held = start.length;
	let cut: string | null = null;
	for (let page = first; held < length; ) {
		const bytes = readPage(database, page);
		if (typeof bytes === "string") {
			cut = `ends after ${held} of ${length} bytes: page ${page} ${bytes}`;
			break;
		}
		const here = bytes.subarray(4, 4 + Math.min(database.usable - 4, length - held));
		parts.push(here);
		held += here.length;
		page = bytes.readUInt32BE(0);
	}
	yield { rowid, record: Buffer.concat(parts, held), ...(cut === null ? {} : { cut }) };
}
