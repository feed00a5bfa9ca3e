/** Undoes the packing that a file's name tells, as its bytes come. */
import { PassThrough, type Readable } from "node:stream";
import { createGunzip, createZstdDecompress } from "node:zlib";
import { EngineError } from "../errors.ts";
import { bunzip2 } from "./bunzip2.ts";
import { Malformed } from "./json.ts";

/** Unpacked bytes of a file; the largest feeds have one or two GB. */
const mostBytes = 32 * 1024 ** 3;

/**
 * Throws `Malformed` when the file is not what its name says, or ends early, and `advisories_source_unusable` when it
 * cannot be read. `path` is for messages.
 */
export async function* unpacked(packed: Readable, name: string, path = name): AsyncGenerator<Uint8Array> {
	const stream = streamOf(packed, name);
	let length = 0;
	try {
		for await (const chunk of stream) {
			const bytes = chunk as Uint8Array;
			length += bytes.length;
			if (length > mostBytes) throw new Malformed(`it unpacks to more than ${mostBytes} bytes`);
			yield bytes;
		}
	} catch (error) {
		if (error instanceof Malformed) throw error;
		if (comesFromDisk(error)) throw unreadable(path, error);
		throw new Malformed(`it cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
	} finally {
		packed.destroy();
	}
}

function streamOf(packed: Readable, name: string): AsyncIterable<unknown> {
	if (name.endsWith(".bz2")) return bunzip2(packed);
	const step = name.endsWith(".gz") ? createGunzip() : name.endsWith(".zst") ? createZstdDecompress() : null;
	if (!step) return packed;
	const out = new PassThrough();
	packed.on("error", (error) => out.destroy(error));
	step.on("error", (error: Error) => out.destroy(error));
	packed.pipe(step).pipe(out);
	return out;
}

function comesFromDisk(error: unknown): error is Error {
	return error instanceof Error && "syscall" in error;
}

function unreadable(path: string, error: Error): EngineError {
	return new EngineError(
		"advisories_source_unusable",
		`The file ${path} cannot be read: ${error.message}.`,
		"Check the file and the disk that it is on, then repeat the update.",
		error,
	);
}
