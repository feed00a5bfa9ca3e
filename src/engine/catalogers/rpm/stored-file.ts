import { Buffer } from "node:buffer";

/** A file that is held in memory and read out of order. */
export interface StoredFile {
	/** Bytes. */
	readonly length: number;
	/** Null when the range is not all in the file. What is returned may be a view: it must not be written to or kept. */
	read(offset: number, length: number): Buffer | null;
}

/**
 * A multiple of every page size that a database of rpm's can have, so that no page lies in two segments; small against
 * a database, which has some ten to 150 MiB.
 */
const segmentSize = 1024 * 1024;

/** Keeps a file as it streams by: each byte is copied once, and memory grows with what came, not with what was announced. */
export class FileStore implements StoredFile {
	private readonly segments: Buffer[] = [];
	private held = 0;

	get length(): number {
		return this.held;
	}

	append(chunk: Uint8Array): void {
		for (let at = 0; at < chunk.length; ) {
			const room = this.held % segmentSize;
			if (room === 0) this.segments.push(Buffer.allocUnsafeSlow(segmentSize));
			const part = chunk.subarray(at, at + segmentSize - room);
			this.segments.at(-1)?.set(part, room);
			this.held += part.length;
			at += part.length;
		}
	}

	/** Forgets everything. */
	clear(): void {
		this.segments.length = 0;
		this.held = 0;
	}

	read(offset: number, length: number): Buffer | null {
		if (!(offset >= 0 && length >= 0 && offset + length <= this.held)) return null;
		const parts: Buffer[] = [];
		for (let at = offset; at < offset + length; ) {
			const within = at % segmentSize;
			const part = this.segments[Math.floor(at / segmentSize)]?.subarray(within, within + offset + length - at);
			if (!part) return null;
			parts.push(part);
			at += part.length;
		}
		const [only] = parts;
		return only && parts.length === 1 ? only : Buffer.concat(parts);
	}
}
