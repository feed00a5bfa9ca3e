/**
 * The files of an image kept outside a registry: a folder or a tar. One port, so that layouts and docker-save archives
 * are read the same way from all of them.
 */
import type { BlobOptions } from "../types.ts";

export interface ImageFiles {
	/** For messages: the folder or archive as the user wrote it. */
	readonly name: string;
	/** Bytes of a regular file after links were followed; null when there is none. */
	size(path: string, signal: AbortSignal): Promise<number | null>;
	/** A small file, whole; throws image_malformed when it is missing or larger than `most` bytes. */
	read(path: string, most: number, signal: AbortSignal): Promise<Buffer>;
	/**
	 * Streams files to `visit` by their index in `paths`, in an order of the container's choice, once each.
	 * All of them must exist.
	 */
	stream(paths: readonly string[], visit: FileStreamVisitor, options: BlobOptions): Promise<void>;
	close(): Promise<void>;
}

export type FileStreamVisitor = (index: number, body: AsyncIterable<Uint8Array>) => Promise<void>;
