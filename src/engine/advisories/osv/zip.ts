/**
 * The records of one `all.zip`, in the order of its central directory. One record is in memory at a time; sizes and
 * CRC-32 are verified, and nothing is written to disk, so entry names are never paths.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { crc32, inflateRawSync } from "node:zlib";
import { type Entry, fromRandomAccessReader, RandomAccessReader, type ZipFile } from "yauzl";
import { EngineError } from "../../errors.ts";
import { limits } from "./limits.ts";

/** One file of the zip: its bytes, or why there are none. `name` is as hostile as the zip. */
export type ZipRecord =
	| { readonly name: string; readonly bytes: Uint8Array }
	| { readonly name: string; readonly problem: string };

/** Read-ahead. Records are small and lie in order, so that one read serves about fifty of them. */
const windowBytes = 128 * 1024;

interface Window {
	readonly bytes: Buffer;
	start: number;
	length: number;
}

/**
 * Reads a file through two windows, one for the central directory and one for the records that it points to.
 * Synchronous: a trip through the thread pool for every 30-byte header costs more than the read itself.
 */
class WindowedReader extends RandomAccessReader {
	readonly #fd: number;
	/** The one used last comes first. */
	readonly #windows: Window[] = [1, 2].map(() => ({ bytes: Buffer.allocUnsafe(windowBytes), start: 0, length: 0 }));

	constructor(fd: number) {
		super();
		this.#fd = fd;
	}

	override read(
		buffer: Buffer,
		offset: number,
		length: number,
		start: number,
		done: (error: Error | null) => void,
	): void {
		try {
			this.readInto(buffer.subarray(offset, offset + length), start);
		} catch (error) {
			done(error as Error);
			return;
		}
		done(null);
	}

	/** Fills `target` with the bytes at `start`, or throws when the file ends before that. */
	readInto(target: Uint8Array, start: number): void {
		if (target.length > windowBytes) return this.#readPast(target, start);
		const window = this.#windowOf(start, target.length);
		const at = start - window.start;
		if (at + target.length > window.length) throw new Error("the file ends too early");
		target.set(window.bytes.subarray(at, at + target.length));
	}

	#windowOf(start: number, length: number): Window {
		const index = this.#windows.findIndex((w) => start >= w.start && start + length <= w.start + w.length);
		const [window] = this.#windows.splice(index < 0 ? -1 : index, 1) as [Window];
		this.#windows.unshift(window);
		if (index < 0) {
			window.start = start;
			window.length = 0;
			window.length = readSync(this.#fd, window.bytes, 0, windowBytes, start);
		}
		return window;
	}

	#readPast(target: Uint8Array, start: number): void {
		let done = 0;
		while (done < target.length) {
			const count = readSync(this.#fd, target, done, target.length - done, start + done);
			if (count === 0) throw new Error("the file ends too early");
			done += count;
		}
	}
}

/**
 * Streams the records of the zip at `path`; `onCount` hears first how many entries it says that it has.
 * Throws `advisories_source_unusable` when it is not a zip, ends early, or a checksum does not match.
 */
export async function* zipRecords(path: string, onCount?: (entries: number) => void): AsyncGenerator<ZipRecord> {
	const fd = openZip(path);
	try {
		const reader = new WindowedReader(fd);
		const { size } = fstatSync(fd);
		const zip = await openDirectory(reader, size);
		onCount?.(zip.entryCount);
		let packed = 0;
		let unpacked = 0;
		for await (const entry of zip.eachEntry()) {
			packed += entry.compressedSize;
			unpacked += entry.uncompressedSize;
			// Entries that share their bytes, or shrink beyond reason, are made to keep a reader busy.
			if (packed > size) throw new Error("its entries overlap");
			if (unpacked > size * limits.zipRatio + limits.recordBytes) throw new Error("it unpacks to too many bytes");
			if (entry.fileName.endsWith("/")) continue;
			yield await readRecord(zip, entry, reader);
		}
	} catch (error) {
		if (error instanceof EngineError) throw error;
		throw unreadable(path, error);
	} finally {
		closeSync(fd);
	}
}

function openZip(path: string): number {
	try {
		return openSync(path, "r");
	} catch (error) {
		throw unreadable(path, error);
	}
}

function unreadable(path: string, cause: unknown): EngineError {
	// The library's messages quote file names of the zip.
	const why = (cause instanceof Error ? cause.message : String(cause))
		.slice(0, 200)
		.replaceAll(/[\p{Cc}\p{Cf}]/gu, "?");
	return new EngineError(
		"advisories_source_unusable",
		`${path} is not a readable zip file: ${why}.`,
		"Fetch the file again, then repeat the update.",
		cause,
	);
}

function openDirectory(reader: RandomAccessReader, size: number): Promise<ZipFile> {
	return new Promise((resolve, reject) => {
		fromRandomAccessReader(reader, size, { lazyEntries: true, autoClose: false }, (error, zip) =>
			error ? reject(error) : resolve(zip),
		);
	});
}

async function readRecord(zip: ZipFile, entry: Entry, reader: WindowedReader): Promise<ZipRecord> {
	const name = entry.fileName;
	if (Math.max(entry.uncompressedSize, entry.compressedSize) > limits.recordBytes)
		return { name, problem: `it is larger than ${limits.recordBytes} bytes` };
	if (!entry.canDecodeFileData()) return { name, problem: "it is encrypted or packed by an unknown method" };
	const { fileDataStart } = await zip.readLocalFileHeaderPromise(entry, { minimal: true });
	const packed = Buffer.allocUnsafe(entry.compressedSize);
	reader.readInto(packed, fileDataStart);
	const bytes = entry.compressionMethod === 0 ? packed : inflate(packed, entry.uncompressedSize);
	if (bytes.length !== entry.uncompressedSize || crc32(bytes) !== entry.crc32)
		throw new Error(`the content of ${JSON.stringify(name)} does not match its checksum`);
	return { name, bytes };
}

/** A stream that grows beyond the size that the zip tells stops there. */
function inflate(packed: Uint8Array, size: number): Uint8Array {
	return inflateRawSync(packed, { maxOutputLength: Math.max(size, 1) });
}
