import {
	type DirectoryWishes,
	directoryReader,
	type ReadDirectory,
	type RecordRead,
	wantedLimit,
} from "./zip-directory.ts";
import {
	describes,
	fixedSize,
	isPlausibleHeader,
	type LocalHeader,
	localLengths,
	nameLimit,
	readLocalHeader,
	signaturePrefix,
	signatures,
} from "./zip-records.ts";

/** Takes the data of one entry as they lie in the archive. */
export interface EntrySink {
	write(bytes: Uint8Array): void;
	/** After the last byte. */
	end(): void;
}

/** What the reader of an archive wants of it. Names are as the archive writes them. */
export interface ZipWishes extends Omit<DirectoryWishes, "wants"> {
	/** `file`: the data are kept. `archive`: they are handed on as they pass by. Null: they pass by unread. */
	kindOf(name: string): "file" | "archive" | null;
	openArchive(entry: { readonly name: string; readonly method: number }): EntrySink;
	/** Bytes of a file's data that may be held; what a file has beyond is dropped. */
	allowance(): number;
	/** So many bytes of a file are now held. */
	held(length: number): void;
}

/** An entry whose data were seen behind a local header. */
export interface SeenEntry {
	readonly name: string;
	readonly method: number;
	/** Bytes that passed by. */
	readonly length: number;
	/** Of a file: all of them; more than the directory says when the end was not told. */
	readonly bytes: Uint8Array | null;
	/** Of an archive: what `openArchive` gave. */
	readonly sink: EntrySink | null;
	/** The data passed by to their end. */
	readonly whole: boolean;
}

export interface ZipScan {
	/** Entries that were seen, by the offset of their local header in the stream. */
	readonly seen: ReadonlyMap<number, SeenEntry>;
	/** What is wanted of the central directory; null when there is none. */
	readonly directory: ReadDirectory | null;
	/** Whether anything in the stream belongs to a ZIP archive. */
	readonly isZip: boolean;
}

interface OpenFile {
	readonly at: number;
	readonly name: string;
	readonly method: number;
	readonly chunks: Uint8Array[];
	readonly limit: number;
	length: number;
}

interface OpenArchive {
	readonly at: number;
	readonly name: string;
	readonly method: number;
	readonly sink: EntrySink;
	/** Null: a data descriptor marks the end. */
	readonly size: number | null;
	length: number;
}

/**
 * Reads a ZIP archive in one pass, from its first byte to its last, holding no more than the wanted files.
 *
 * The central directory stands at the end and is what counts. So every local header with a wanted name is believed until
 * then; who calls keeps what the directory names, and must say so when it names something that was not seen. A size in
 * front of an archive within the archive is believed, though: one that lies can hide the entries behind it from this
 * reader, but not from the directory.
 */
export function scanZip(wishes: ZipWishes): { write(chunk: Uint8Array): void; end(): ZipScan } {
	const seen = new Map<number, SeenEntry>();
	let carry: Buffer = Buffer.alloc(0);
	/** Offset in the stream of the first byte of the buffer at hand. */
	let base = 0;
	let skip = 0;
	let file: OpenFile | null = null;
	let archive: OpenArchive | null = null;
	let isZip = false;
	const directory = directoryReader({ ...wishes, wants: (name) => wishes.kindOf(name) !== null });

	/** Reads on at `at` and gives where to go on; the same place when more bytes are needed. */
	function step(bytes: Buffer, at: number): number {
		if (skip > 0) {
			const skipped = Math.min(skip, bytes.length - at);
			skip -= skipped;
			return at + skipped;
		}
		if (archive !== null) return readArchive(archive, bytes, at);
		const found = bytes.indexOf(signaturePrefix, at);
		if (found !== at) return readFile(bytes, at, found >= 0 ? found : withoutHalfSignature(bytes));
		if (bytes.length - at < 4) return at;
		return readRecord(bytes, at);
	}

	function readRecord(bytes: Buffer, at: number): number {
		switch (bytes.readUInt16LE(at + 2)) {
			case signatures.localHeader:
				return readLocal(bytes, at);
			case signatures.directoryEntry:
				return readDirectory(bytes, at, directory.entry(bytes, at, base + at));
			case signatures.directoryEnd:
				return readDirectory(bytes, at, directory.end(bytes, at, base + at));
			case signatures.directoryEnd64:
				return readDirectory(bytes, at, directory.end64(bytes, at, base + at));
			case signatures.descriptor:
				closeFile();
				return at + 4;
			default:
				return readFile(bytes, at, at + 2);
		}
	}

	function readLocal(bytes: Buffer, at: number): number {
		if (bytes.length - at < fixedSize.localHeader) return at;
		const lengths = localLengths(bytes, at);
		if (lengths.name > nameLimit || !isPlausibleHeader(bytes, at)) return readFile(bytes, at, at + 4);
		const length = fixedSize.localHeader + lengths.name + lengths.extra;
		if (bytes.length - at < length) return at;
		closeFile();
		isZip = true;
		return openEntry(base + at, readLocalHeader(bytes, at, lengths)) ? at + length : at + 4;
	}

	/** False when the entry is not wanted: what looks like its header may be none, and a header may begin within it. */
	function openEntry(at: number, { name, method, compressedSize }: LocalHeader): boolean {
		const kind = seen.size < wantedLimit ? wishes.kindOf(name) : null;
		if (kind === "file") {
			const limit = Math.min(wishes.allowance(), compressedSize ?? Number.POSITIVE_INFINITY);
			file = { at, name, method, chunks: [], limit, length: 0 };
			if (compressedSize === 0) closeFile();
		} else if (kind === "archive") {
			archive = { at, name, method, sink: wishes.openArchive({ name, method }), size: compressedSize, length: 0 };
			if (compressedSize === 0) closeArchive(archive, true);
		}
		return kind !== null;
	}

	/** Bytes up to `end` belong to the open file, if there is one. */
	function readFile(bytes: Buffer, at: number, end: number): number {
		if (file !== null) {
			const part = bytes.subarray(at, Math.min(end, at + file.limit - file.length));
			if (part.length > 0) file.chunks.push(Uint8Array.from(part));
			file.length += part.length;
			if (file.length >= file.limit) closeFile();
		}
		return end;
	}

	/** A file ends with its size or with the next signature: the central directory tells whether that was all. */
	function closeFile(): void {
		if (file === null) return;
		const { at, name, method, length, chunks } = file;
		seen.set(at, { name, method, length, bytes: Buffer.concat(chunks), sink: null, whole: true });
		wishes.held(length);
		file = null;
	}

	function readArchive(open: OpenArchive, bytes: Buffer, at: number): number {
		if (open.size !== null) {
			const end = Math.min(bytes.length, at + open.size - open.length);
			pass(open, bytes.subarray(at, end));
			if (open.length === open.size) closeArchive(open, true);
			return end;
		}
		const found = bytes.indexOf(signaturePrefix, at);
		const end = found >= 0 ? found : withoutHalfSignature(bytes);
		pass(open, bytes.subarray(at, end));
		if (found < 0 || bytes.length - found < fixedSize.descriptor) return end;
		const isEnd = bytes.readUInt16LE(found + 2) === signatures.descriptor && describes(bytes, found, open.length);
		if (isEnd) closeArchive(open, true);
		else pass(open, bytes.subarray(found, found + 2));
		return found + (isEnd ? 4 : 2);
	}

	function pass(open: OpenArchive, bytes: Uint8Array): void {
		if (bytes.length === 0) return;
		open.length += bytes.length;
		open.sink.write(bytes);
	}

	function closeArchive(open: OpenArchive, whole: boolean): void {
		const { at, name, method, length, sink } = open;
		sink.end();
		seen.set(at, { name, method, length, bytes: null, sink, whole });
		archive = null;
	}

	function readDirectory(bytes: Buffer, at: number, read: RecordRead | "not a record"): number {
		if (read === null) return at;
		if (read === "not a record") return readFile(bytes, at, at + 4);
		closeFile();
		isZip = true;
		skip = read.skip;
		return at + read.length;
	}

	return {
		write(chunk) {
			const bytes =
				carry.length > 0 ? Buffer.concat([carry, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
			let at = 0;
			while (at < bytes.length) {
				const next = step(bytes, at);
				if (next === at) break;
				at = next;
			}
			carry = Buffer.from(bytes.subarray(at));
			base += at;
		},
		end() {
			if (archive !== null) closeArchive(archive, false);
			closeFile();
			return { seen, directory: directory.finish(base + carry.length), isZip };
		},
	};
}

/** The end of the buffer, but for a last byte that may begin a signature. */
function withoutHalfSignature(bytes: Buffer): number {
	return bytes.length > 0 && bytes[bytes.length - 1] === signaturePrefix[0] ? bytes.length - 1 : bytes.length;
}
