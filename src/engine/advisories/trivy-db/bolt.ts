/**
 * Reads a bbolt file from front to back, without a map of it in memory: pages are read when a walk reaches them.
 * Little endian. File format: go.etcd.io/bbolt, internal/common (page, meta, inode, bucket).
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** What makes a file no sound bbolt file; for people. */
export class BoltError extends Error {}

export interface BoltFile {
	/** The entries of the root bucket, in order of key. */
	entries(): Iterable<BoltEntry>;
	close(): void;
}

/** A key with its value, or a bucket. Keys and values are views of a page: they hold as long as anybody keeps them. */
export type BoltEntry =
	| { readonly kind: "value"; readonly key: Buffer; readonly value: Buffer }
	| { readonly kind: "bucket"; readonly key: Buffer; entries(): Iterable<BoltEntry> };

const magic = 0xed0c_daed;
const version = 2;
const pageHeader = 16;
const branchElement = 16;
const leafElement = 16;
const branchFlag = 0x01;
const leafFlag = 0x02;
const bucketFlag = 0x01;
const bucketHeader = 16;

/** Real trees are at most six pages deep. */
const depthLimit = 40;
/** Pages of one run; the largest values of trivy-db take some hundred KiB. */
const runLimit = 64 * 1024 * 1024;

/** How often all pages may be read: in a sound file a page has one parent, in a hostile one a few pages can stand for millions. */
const walksLimit = 8;

/** Opens a file. Throws `BoltError` when it is none of bbolt's, and whatever the file system throws. */
export function openBolt(path: string): BoltFile {
	const file = openSync(path, "r");
	try {
		const { size } = fstatSync(file);
		const { pageSize, root } = readMeta(file, size);
		const reader: Reader = { file, size, pageSize, pagesLeft: Math.ceil(size / pageSize) * walksLimit };
		return { entries: () => walkPage(reader, root, 0, new Set()), close: () => closeSync(file) };
	} catch (error) {
		closeSync(file);
		throw error;
	}
}

interface Reader {
	readonly file: number;
	/** Bytes. */
	readonly size: number;
	readonly pageSize: number;
	pagesLeft: number;
}

/** The newer of the two meta pages that are whole. The second lies a page behind the first, whatever a page is. */
function readMeta(file: number, size: number): { pageSize: number; root: number } {
	const head = readAt(file, 0, Math.min(size, 2 * 65_536 + 4096));
	const first = metaAt(head, 0);
	const sizes = first ? [first.pageSize] : [4096, 8192, 16_384, 32_768, 65_536];
	const metas = [first, ...sizes.map((at) => metaAt(head, at))].filter((meta) => meta !== null);
	const [newest] = metas.sort((a, b) => (a.transaction < b.transaction ? 1 : -1));
	if (!newest) throw new BoltError("it is no bbolt file, or its first pages are damaged");
	return newest;
}

function metaAt(head: Buffer, page: number): { pageSize: number; root: number; transaction: bigint } | null {
	const at = page + pageHeader;
	if (head.length < at + 64 || head.readUInt32LE(at) !== magic || head.readUInt32LE(at + 4) !== version) return null;
	if (head.readBigUInt64LE(at + 56) !== fnv1a(head.subarray(at, at + 56))) return null;
	const pageSize = head.readUInt32LE(at + 8);
	if (pageSize < 1024 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) return null;
	return { pageSize, root: Number(head.readBigUInt64LE(at + 16)), transaction: head.readBigUInt64LE(at + 48) };
}

/** FNV-1a, 64 bit. http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a(bytes: Uint8Array): bigint {
	let hash = 0xcbf2_9ce4_8422_2325n;
	for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100_0000_01b3n);
	return hash;
}

/** `above` are the pages between the root and here: a page below itself would never end. */
function* walkPage(reader: Reader, id: number, depth: number, above: ReadonlySet<number>): Iterable<BoltEntry> {
	if (depth > depthLimit) throw new BoltError("its pages are nested too deeply");
	if (above.has(id)) throw new BoltError(`page ${id} lies below itself`);
	const page = readPage(reader, id);
	const flags = page.readUInt16LE(8);
	if ((flags & leafFlag) !== 0) {
		yield* walkLeaf(reader, page, depth, above);
		return;
	}
	if ((flags & branchFlag) === 0) throw new BoltError(`page ${id} is neither a branch nor a leaf`);
	const below = new Set([...above, id]);
	const count = page.readUInt16LE(10);
	for (let index = 0; index < count; index++) {
		const at = pageHeader + index * branchElement;
		if (at + branchElement > page.length) throw new BoltError(`page ${id} is cut short`);
		yield* walkPage(reader, Number(page.readBigUInt64LE(at + 8)), depth + 1, below);
	}
}

function* walkLeaf(reader: Reader, page: Buffer, depth: number, above: ReadonlySet<number>): Iterable<BoltEntry> {
	const count = page.readUInt16LE(10);
	for (let index = 0; index < count; index++) {
		const at = pageHeader + index * leafElement;
		if (at + leafElement > page.length) throw new BoltError("a leaf is cut short");
		const start = at + page.readUInt32LE(at + 4);
		const keyEnd = start + page.readUInt32LE(at + 8);
		const end = keyEnd + page.readUInt32LE(at + 12);
		if (end > page.length) throw new BoltError("an entry reaches behind its page");
		const key = page.subarray(start, keyEnd);
		const value = page.subarray(keyEnd, end);
		if ((page.readUInt32LE(at) & bucketFlag) === 0) yield { kind: "value", key, value };
		else yield { kind: "bucket", key, entries: () => walkBucket(reader, value, depth, above) };
	}
}

/** A bucket's root page, or the one leaf that small buckets carry in their value. */
function walkBucket(reader: Reader, value: Buffer, depth: number, above: ReadonlySet<number>): Iterable<BoltEntry> {
	if (value.length < bucketHeader) throw new BoltError("a bucket is cut short");
	const root = Number(value.readBigUInt64LE(0));
	if (root !== 0) return walkPage(reader, root, depth + 1, above);
	const inline = value.subarray(bucketHeader);
	if (inline.length < pageHeader) throw new BoltError("a bucket is cut short");
	if (depth > depthLimit) throw new BoltError("its buckets are nested too deeply");
	return walkLeaf(reader, inline, depth + 1, above);
}

function readPage(reader: Reader, id: number): Buffer {
	const { file, size, pageSize } = reader;
	if (reader.pagesLeft-- <= 0) throw new BoltError("its pages point at each other without end");
	const start = id * pageSize;
	if (!Number.isSafeInteger(start) || id < 2 || start + pageSize > size) {
		throw new BoltError(`page ${id} lies behind its end`);
	}
	const first = readAt(file, start, pageSize);
	const overflow = first.readUInt32LE(12);
	if (overflow === 0) return first;
	const length = (overflow + 1) * pageSize;
	if (length > runLimit || start + length > size) throw new BoltError(`page ${id} reaches behind its end`);
	return readAt(file, start, length);
}

function readAt(file: number, position: number, length: number): Buffer {
	const bytes = Buffer.allocUnsafe(length);
	let done = 0;
	while (done < length) {
		const read = readSync(file, bytes, done, length - done, position + done);
		if (read === 0) throw new BoltError("it is cut short");
		done += read;
	}
	return bytes;
}
