import type { Descriptor } from "#model";

/** Where an image comes from: a registry, an OCI layout, an archive. Content is checked by the reader, not by the source. */
export interface ImageSource {
	/** The reference as it was asked for. */
	readonly name: string;
	/** The manifest or index that the reference points to. */
	root(signal: AbortSignal): Promise<Document>;
	/** A manifest, index or configuration: small JSON, whole, verified against its digest. */
	document(descriptor: Descriptor, signal: AbortSignal): Promise<Document>;
	/**
	 * Streams blobs as they are stored. `visit` is called once a descriptor, in an order the source chooses, and up to
	 * `concurrency` at a time where the source can (a gzipped archive cannot). A blob that breaks off ends
	 * its stream with an error; an error of `visit` stops the whole call.
	 */
	blobs(descriptors: readonly Descriptor[], visit: BlobVisitor, options: BlobOptions): Promise<void>;
	close(): Promise<void>;
}

/** Reads one blob. A chunk of `body` is only valid until the next one is asked for. */
export type BlobVisitor = (descriptor: Descriptor, body: AsyncIterable<Uint8Array>) => Promise<void>;

export interface BlobOptions {
	readonly concurrency: number;
	readonly signal: AbortSignal;
}

export interface Document {
	readonly descriptor: Descriptor;
	readonly bytes: Uint8Array;
}

/** A regular file in a layer or a root filesystem. `path` is cleaned: relative, `/`-separated, no `.` or `..`. */
export interface FileEntry {
	readonly path: string;
	/** Bytes. */
	readonly size: number;
	/** Permission bits. */
	readonly mode: number;
}

/** Takes a file's bytes in order. A chunk is only valid during the call. */
export interface FileSink {
	write(chunk: Uint8Array): void;
	end(): void;
}

/** Chooses which files' bytes are wanted; null skips a body without copying it. */
export type FileVisitor = (entry: FileEntry) => FileSink | null;
