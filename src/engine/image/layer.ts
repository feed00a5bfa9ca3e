/**
 * Reads one layer blob in one pass: verifies the stored bytes against the descriptor, decompresses, walks the tar, feeds
 * wanted files to the visitor. Only a blob that is not what the descriptor promised is an error; whatever is wrong
 * inside it is a warning. https://github.com/opencontainers/image-spec/blob/main/layer.md
 */
import { createHash, type Hash } from "node:crypto";
import { type Descriptor, type Digest, digestAlgorithm, digestHex, type Warning, type WarningCode } from "#model";
import { EngineError } from "../errors.ts";
import { chunksOf } from "./chunks.ts";
import { type Compression, Decompressor, sniffBytes, sniffCompression } from "./decompress.ts";
import { type HardLink, LayerEntries, type SymbolicLink } from "./layer-entries.ts";
import type { Limits } from "./limits.ts";
import { TarReader } from "./tar/tar.ts";
import type { FileVisitor } from "./types.ts";

export interface LayerOptions {
	readonly limits: Limits;
	readonly signal: AbortSignal;
	/** Which hard links `LayerRead.links` tells of, by their own path; none without it. */
	readonly wantsLink?: (path: string, mode: number) => boolean;
}

export interface LayerRead {
	/** False only when reading stopped at a limit or an unknown compression: then the blob was not read to its end. */
	readonly digestVerified: boolean;
	/** sha256 of the uncompressed bytes; null when they could not all be had. */
	readonly diffId: Digest | null;
	/** Uncompressed bytes that were read. */
	readonly bytes: number;
	/** Tar entries of all kinds. */
	readonly entries: number;
	/** Paths that the layer deletes from those below it. */
	readonly whiteouts: readonly string[];
	/** Folders whose lower content the layer hides; empty text for the root. */
	readonly opaqueDirs: readonly string[];
	/** What is a symbolic link (or a device, or a pipe) once the layer is applied: lower files and folders of that name are gone. */
	readonly symlinks: readonly SymbolicLink[];
	/** The wanted hard links. */
	readonly links: readonly HardLink[];
	readonly warnings: readonly Warning[];
	/** The archive was walked to its end. Single entries may still have been skipped, as the warnings tell. */
	readonly complete: boolean;
}

/**
 * Reads the layer that `descriptor` points to from its stored bytes.
 * A sink whose file breaks off in the middle is not ended: what it gathered must be dropped.
 * The digest may be that of the stored or of the uncompressed bytes: docker-save archives name layers by diffID and
 * may store them compressed.
 * Throws EngineError: digest_mismatch, blob_truncated, aborted; errors of `body` and of `visit` as they are.
 */
export async function readLayer(
	descriptor: Descriptor,
	body: AsyncIterable<Uint8Array>,
	visit: FileVisitor,
	options: LayerOptions,
): Promise<LayerRead> {
	const pass = new LayerPass(descriptor, visit, options);
	try {
		for await (const chunk of chunksOf(body, options.signal)) {
			pass.check(chunk);
			await pass.write(chunk);
			if (pass.stopped !== null) break;
		}
		await pass.end();
	} finally {
		pass.close();
	}
	return pass.result();
}

/** One reading of one layer. */
class LayerPass {
	/** Why the rest of the blob is not read. */
	stopped: { readonly code: WarningCode; readonly reason: string } | null = null;

	private readonly descriptor: Descriptor;
	private readonly limits: Limits;
	private readonly entries: LayerEntries;
	private readonly tar: TarReader;
	private readonly storedHash: Hash;
	private storedBytes = 0;
	private plainHash: Hash | null = null;
	private plainBytes = 0;
	private compression: Compression | null = null;
	private decompressor: Decompressor | null = null;
	private head: Buffer = Buffer.alloc(0);
	private tarWhole = false;

	constructor(descriptor: Descriptor, visit: FileVisitor, options: LayerOptions) {
		this.descriptor = descriptor;
		this.limits = options.limits;
		this.storedHash = createHash(digestAlgorithm(descriptor.digest));
		this.entries = new LayerEntries(visit, { ...options, stop: (reason) => this.tar.stop(reason) });
		this.tar = new TarReader(this.entries, options.limits);
	}

	/** Takes stored bytes into account. */
	check(chunk: Uint8Array): void {
		this.storedBytes += chunk.length;
		if (this.storedBytes > this.descriptor.size) throw this.mismatch("it is longer than the manifest says");
		this.storedHash.update(chunk);
	}

	async write(chunk: Uint8Array): Promise<void> {
		if (this.compression === null) {
			this.head = this.head.length === 0 ? asBuffer(chunk) : Buffer.concat([this.head, chunk]);
			if (this.head.length >= sniffBytes) await this.begin();
		} else if (this.decompressor !== null) await this.decompressor.write(chunk);
		else this.onPlain(asBuffer(chunk));
	}

	async end(): Promise<void> {
		if (this.stopped === null && this.compression === null) await this.begin();
		if (this.stopped !== null) return;
		await this.decompressor?.end();
		if (this.stopped !== null) return;
		this.tarWhole = this.tar.finish();
		if (this.storedBytes < this.descriptor.size) {
			throw new EngineError(
				"blob_truncated",
				`The layer ${this.descriptor.digest} broke off after ${this.storedBytes} of ${this.descriptor.size} bytes.`,
				"Scan again; if it happens every time, the registry or archive has lost a part of the layer: push it again.",
			);
		}
		const digest = digestHex(this.descriptor.digest);
		const stored = this.storedHash.copy().digest("hex");
		if (stored !== digest && this.diffId() !== this.descriptor.digest) throw this.mismatch(`its bytes have ${stored}`);
	}

	close(): void {
		this.decompressor?.close();
	}

	result(): LayerRead {
		const { entries } = this;
		const failure = this.failure();
		if (failure !== null) entries.warnings.add(failure);
		return {
			digestVerified: this.stopped === null,
			diffId: this.diffId(),
			bytes: this.plainBytes,
			entries: this.tar.entries,
			whiteouts: [...entries.whiteouts],
			opaqueDirs: [...entries.opaqueDirs],
			symlinks: Array.from(entries.symlinks, ([path, target]) => ({ path, target })),
			links: [...entries.links.values()],
			warnings: entries.warnings.all(),
			complete: failure === null,
		};
	}

	private async begin(): Promise<void> {
		const { head } = this;
		this.head = Buffer.alloc(0);
		const compression = sniffCompression(head);
		this.compression = compression;
		if (compression === "none") {
			if (digestAlgorithm(this.descriptor.digest) !== "sha256") this.plainHash = createHash("sha256");
			this.onPlain(head);
		} else if (compression === "gzip" || compression === "zstd") {
			this.plainHash = createHash("sha256");
			this.decompressor = new Decompressor(compression, (chunk) => this.onPlain(chunk));
			await this.decompressor.write(head);
		} else {
			this.stopped = { code: "layer_type_unsupported", reason: `it is compressed with ${compression}` };
		}
	}

	private onPlain(chunk: Buffer): void {
		if (this.stopped !== null) return;
		this.plainBytes += chunk.length;
		const { bytes, ratio, ratioFreeBytes } = this.limits;
		if (this.plainBytes > bytes) this.stop(`it holds more than ${bytes} bytes`);
		else if (this.plainBytes > ratioFreeBytes && this.plainBytes > ratio * this.storedBytes) {
			this.stop(`it unpacks to more than ${ratio} times its size`);
		} else {
			this.plainHash?.update(chunk);
			this.tar.push(chunk);
			if (this.tar.status === "limit") this.stop(this.tar.reason);
		}
	}

	private stop(reason: string): void {
		this.stopped = { code: "layer_limit", reason };
		this.decompressor?.close();
	}

	private diffId(): Digest | null {
		if (this.stopped !== null || this.decompressor?.failure) return null;
		return `sha256:${(this.plainHash ?? this.storedHash).copy().digest("hex")}`;
	}

	/** What kept the layer from being read to its end. */
	private failure(): Warning | null {
		if (this.stopped !== null) {
			const { code, reason } = this.stopped;
			return { code, message: `The layer was not read to its end: ${reason}.` };
		}
		const broken = this.decompressor?.failure;
		if (!broken && this.tarWhole) return null;
		const reason = broken ? `${this.compression} says "${broken.message}"` : this.tar.reason;
		if (this.tar.entries === 0) return { code: "layer_unreadable", message: `The layer cannot be read: ${reason}.` };
		return {
			code: "layer_truncated",
			message: `The layer can be read only in part, up to its entry ${this.tar.entries}: ${reason}.`,
		};
	}

	private mismatch(why: string): EngineError {
		return new EngineError(
			"digest_mismatch",
			`The layer ${this.descriptor.digest} is not what the manifest promises: ${why}.`,
			"Do not trust this copy of the image: push or save it again, and look for what changed it on the way.",
		);
	}
}

function asBuffer(chunk: Uint8Array): Buffer {
	return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
