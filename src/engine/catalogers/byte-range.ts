/** Copies one range of a stream as it passes by. */
export interface ByteRange {
	/** `offset` is where the chunk begins in the stream. */
	write(chunk: Uint8Array, offset: number): void;
	/** What has passed by of the range, from its beginning; empty when that was not seen. */
	bytes(): Uint8Array;
}

/** A range of `length` bytes from `start`; memory grows with what is there, not with what is asked for. */
export function byteRange(start: number, length: number): ByteRange {
	let held = new Uint8Array(Math.min(length, 4096));
	let filled = 0;
	return {
		write(chunk, offset) {
			const from = start + filled - offset;
			if (from < 0 || from >= chunk.length || filled >= length) return;
			const part = chunk.subarray(from, from + length - filled);
			if (filled + part.length > held.length) {
				const larger = new Uint8Array(Math.min(length, Math.max(held.length * 2, filled + part.length)));
				larger.set(held.subarray(0, filled));
				held = larger;
			}
			held.set(part, filled);
			filled += part.length;
		},
		bytes: () => held.subarray(0, filled),
	};
}
