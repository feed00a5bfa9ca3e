/**
 * The files of a tar archive. A plain tar is indexed once by jumping from header to header and then read at random;
 * a compressed one is read from its start each time (packed-tar-files.ts).
 */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { abortedError } from "../chunks.ts";
import { sniffBytes, sniffCompression } from "../decompress.ts";
import type { Limits } from "../limits.ts";
import { TarReader } from "../tar/tar.ts";
import { eachConcurrently } from "./concurrent.ts";
import { readRange, readWhole } from "./file-range.ts";
import type { ImageFiles } from "./image-files.ts";
import { malformed, missingFile, targetNotFound, tooLarge } from "./image-problems.ts";
import { openPackedTar } from "./packed-tar-files.ts";
import { type IndexedFile, TarIndex } from "./tar-index.ts";

/** Opens a tar, plain or compressed. Throws EngineError target_not_found or image_malformed. */
export async function openTar(path: string, limits: Limits, signal: AbortSignal): Promise<ImageFiles> {
	// Not blocking: a pipe must not hang the scan.
	const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
		throw targetNotFound(path, error);
	});
	try {
		const stat = await file.stat();
		if (!stat.isFile()) throw malformed(path, "it is no file");
		const head = await readWhole(file, 0, Math.min(sniffBytes, stat.size));
		const compression = sniffCompression(head);
		if (compression === "bzip2" || compression === "xz") {
			throw malformed(path, `it is compressed with ${compression}, which is not supported`);
		}
		if (compression === "none") return await openPlainTar(path, file, stat.size, limits, signal);
		return await openPackedTar({ name: path, file, size: stat.size, compression, limits }, signal);
	} catch (error) {
		await file.close();
		throw error;
	}
}

async function openPlainTar(
	name: string,
	file: FileHandle,
	size: number,
	limits: Limits,
	signal: AbortSignal,
): Promise<ImageFiles> {
	const index = new TarIndex(name, () => null);
	await indexFile(name, file, size, index, limits, signal);
	const find = (path: string, at: AbortSignal): IndexedFile => {
		if (at.aborted) throw abortedError(at);
		const found = index.find(path);
		if (found === null) throw missingFile(name, path);
		return found;
	};
	return {
		name,
		size: async (path) => index.find(path)?.size ?? null,
		read: async (path, most, at) => {
			const found = find(path, at);
			if (found.size > most) throw tooLarge(name, path, most);
			return readWhole(file, found.offset, found.size);
		},
		stream: (paths, visit, options) =>
			eachConcurrently(paths.length, options.concurrency, (i) => {
				const found = find(paths[i] as string, options.signal);
				return visit(i, readRange(file, found.offset, found.size));
			}),
		close: () => file.close(),
	};
}

// Headers of neighbouring small files come in one read; bodies larger than this are jumped over.
const indexChunk = 32 * 1024;

async function indexFile(
	name: string,
	file: FileHandle,
	size: number,
	index: TarIndex,
	limits: Limits,
	signal: AbortSignal,
): Promise<void> {
	const tar = new TarReader(index, { ...limits, entries: limits.archiveEntries });
	const buffer = Buffer.allocUnsafe(indexChunk);
	for (let at = 0; at < size && tar.status === "reading"; ) {
		if (signal.aborted) throw abortedError(signal);
		const { bytesRead } = await file.read(buffer, 0, indexChunk, at);
		if (bytesRead === 0) break;
		at += bytesRead;
		tar.push(buffer.subarray(0, bytesRead));
		const jump = Math.min(tar.skippable, size - at);
		tar.skip(jump);
		at += jump;
	}
	if (!tar.finish()) throw malformed(name, tar.reason);
	if (index.empty) throw malformed(name, "it holds no files");
}
