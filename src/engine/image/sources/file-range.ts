import type { FileHandle } from "node:fs/promises";
import { EngineError } from "../../errors.ts";

// Large enough that reading costs nothing beside hashing, small enough to keep several in flight.
const readChunk = 256 * 1024;

/** The bytes of a part of an open file; an error when the file ends before it. Chunks are not reused. */
export async function* readRange(file: FileHandle, start: number, length: number): AsyncGenerator<Buffer> {
	let at = start;
	const end = start + length;
	while (at < end) {
		const buffer = Buffer.allocUnsafe(Math.min(readChunk, end - at));
		const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
		if (bytesRead === 0) throw shortFile(end - at);
		at += bytesRead;
		yield buffer.subarray(0, bytesRead);
	}
}

/** All bytes of a part of an open file. */
export async function readWhole(file: FileHandle, start: number, length: number): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of readRange(file, start, length)) chunks.push(chunk);
	return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

function shortFile(missing: number): EngineError {
	return new EngineError(
		"blob_truncated",
		`The file ends ${missing} bytes too early.`,
		"Copy or save the image again: this copy is not whole.",
	);
}
