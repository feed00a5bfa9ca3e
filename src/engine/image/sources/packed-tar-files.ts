/**
 * The files of a compressed tar, which can only be read from its start. The first pass notes what there is and keeps
 * the small JSON documents; each later pass streams wanted files in the archive's order, one at a time.
 */
import type { FileHandle } from "node:fs/promises";
import { chunksOf } from "../chunks.ts";
import { type Compression, Decompressor } from "../decompress.ts";
import type { Limits } from "../limits.ts";
import { TarReader, type TarVisitor } from "../tar/tar.ts";
import type { FileSink } from "../types.ts";
import { type BodyQueue, bodyQueue } from "./body-queue.ts";
import { readRange } from "./file-range.ts";
import type { FileStreamVisitor, ImageFiles } from "./image-files.ts";
import { malformed, missingFile, tooLarge } from "./image-problems.ts";
import { type IndexedFile, TarIndex } from "./tar-index.ts";

export interface PackedTar {
	readonly name: string;
	readonly file: FileHandle;
	/** Compressed bytes. */
	readonly size: number;
	readonly compression: Exclude<Compression, "none" | "bzip2" | "xz">;
	readonly limits: Limits;
}

// Manifests and configurations are some KiB each; beyond this they are read again by another pass.
const keptDocumentBytes = 64 * 2 ** 20;
// Streamed bytes that wait for their reader.
const mostQueued = 2 ** 20;

export async function openPackedTar(tar: PackedTar, signal: AbortSignal): Promise<ImageFiles> {
	const documents = new DocumentKeeper(tar.limits.documentBytes);
	const index = new TarIndex(tar.name, (file) => documents.sink(file));
	await pass(tar, index, signal);
	if (index.empty) throw malformed(tar.name, "it holds no files");
	const find = (path: string): IndexedFile => {
		const found = index.find(path);
		if (found === null) throw missingFile(tar.name, path);
		return found;
	};
	const stream: ImageFiles["stream"] = async (paths, visit, options) => {
		let left = paths.map((path, at) => ({ offset: find(path).offset, at }));
		while (left.length > 0) {
			// A file that is wanted twice takes another pass: bodies are not kept.
			const round = new Map(left.toReversed().map(({ offset, at }) => [offset, at]));
			await streamOnce(tar, round, visit, options.signal);
			left = left.filter(({ offset, at }) => round.get(offset) !== at);
		}
	};
	return {
		name: tar.name,
		size: async (path) => index.find(path)?.size ?? null,
		read: async (path, most, at) => {
			const found = find(path);
			if (found.size > most) throw tooLarge(tar.name, path, most);
			const kept = documents.kept.get(found.offset);
			if (kept !== undefined) return kept;
			const chunks: Uint8Array[] = [];
			const collect: FileStreamVisitor = async (_, body) => {
				for await (const chunk of body) chunks.push(chunk);
			};
			await stream([path], collect, { concurrency: 1, signal: at });
			return Buffer.concat(chunks);
		},
		stream,
		close: () => tar.file.close(),
	};
}

/** Keeps small files that look like JSON, by their place in the archive. */
class DocumentKeeper {
	readonly kept = new Map<number, Buffer>();
	private readonly most: number;
	private total = 0;

	constructor(most: number) {
		this.most = most;
	}

	sink({ offset, size }: IndexedFile): FileSink | null {
		if (size === 0 || size > this.most || this.total + size > keptDocumentBytes) return null;
		const chunks: Buffer[] = [];
		let isJson: boolean | null = null;
		return {
			write: (chunk) => {
				isJson ??= chunk[0] === 0x7b || chunk[0] === 0x5b;
				if (isJson) chunks.push(Buffer.from(chunk));
			},
			end: () => {
				if (!isJson) return;
				this.kept.set(offset, Buffer.concat(chunks));
				this.total += size;
			},
		};
	}
}

interface PassControl {
	/** Set to hold the archive's bytes back. */
	pause(): void;
	resume(): void;
	/** Ends the pass early. */
	stop(): void;
}

/** Reads the archive once. Throws image_malformed when it is broken. */
async function pass(
	tar: PackedTar,
	visitor: TarVisitor,
	signal: AbortSignal,
	control?: (control: PassControl) => void,
): Promise<void> {
	const { name, limits } = tar;
	const reader = new TarReader(visitor, { ...limits, entries: limits.archiveEntries });
	let plain = 0;
	let packed = 0;
	let stopped = false;
	const decompressor = new Decompressor(tar.compression, (chunk) => {
		plain += chunk.length;
		if (plain > limits.ratioFreeBytes && plain > packed * limits.ratio) {
			throw malformed(name, `it unpacks to more than ${limits.ratio} times its size`);
		}
		reader.push(chunk);
	});
	control?.({
		pause: () => decompressor.pause(),
		resume: () => decompressor.resume(),
		stop: () => {
			stopped = true;
			decompressor.close();
		},
	});
	try {
		for await (const chunk of chunksOf(readRange(tar.file, 0, tar.size), signal)) {
			packed += chunk.length;
			await decompressor.write(chunk);
			if (stopped) return;
			if (reader.status !== "reading" || decompressor.failure !== null) break;
		}
		if (reader.status === "reading") await decompressor.end();
		if (stopped) return;
		const whole = reader.finish();
		if (whole) return;
		const cause = decompressor.failure;
		throw malformed(name, cause ? `${tar.compression} says "${cause.message}"` : reader.reason, cause ?? undefined);
	} finally {
		decompressor.close();
	}
}

/** Streams the wanted files, given by their place in the archive, one after the other. */
async function streamOnce(
	tar: PackedTar,
	wanted: ReadonlyMap<number, number>,
	visit: FileStreamVisitor,
	signal: AbortSignal,
): Promise<void> {
	const left = new Map(wanted);
	let control: PassControl | null = null;
	let queued = 0;
	let open: BodyQueue | null = null;
	let failure: { readonly error: unknown } | null = null;
	let visits: Promise<void> = Promise.resolve();
	const onTaken = (bytes: number) => {
		queued -= bytes;
		if (queued <= mostQueued) control?.resume();
	};
	const begin = (index: number): FileSink => {
		const queue = bodyQueue(onTaken);
		open = queue;
		visits = visits.then(async () => {
			if (failure !== null) return;
			try {
				await visit(index, queue.body);
			} catch (error) {
				failure = { error };
				control?.stop();
			}
			// A visitor that stopped early must not leave bytes waiting.
			queue.drop();
		});
		return {
			write: (chunk) => {
				queued += chunk.length;
				// The reader comes later than the call that a chunk is valid for.
				queue.push(Buffer.from(chunk));
				if (queued > mostQueued) control?.pause();
			},
			end: () => {
				open = null;
				queue.end();
				if (left.size === 0) control?.stop();
			},
		};
	};
	const visitor: TarVisitor = {
		entry: (entry) => {
			const index = entry.kind === "file" ? left.get(entry.offset) : undefined;
			if (index === undefined) return null;
			left.delete(entry.offset);
			return begin(index);
		},
		problem: () => undefined,
	};
	await pass(tar, visitor, signal, (given) => {
		control = given;
	}).catch((error: unknown) => {
		failure ??= { error };
		const broken = error instanceof Error ? error : new Error(String(error));
		open?.fail(broken);
	});
	await visits;
	if (failure !== null) throw (failure as { readonly error: unknown }).error;
	if (left.size > 0) throw malformed(tar.name, "it changed while it was read");
}
