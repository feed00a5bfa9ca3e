import type { Warning } from "#model";
import type { CatalogResult, CatalogSink, FileInfo } from "./types.ts";

/** Parses a whole file; `path` is the file's own, relative to the image's root. Must not throw. */
export type ParseFile = (bytes: Uint8Array, path: string) => CatalogResult;

/**
 * A sink that collects one small file and parses it at its end.
 * It never holds more than `limit` bytes: a longer file is not parsed and ends in a `file_too_large` warning.
 * The announced size is not trusted for memory, only for giving up early.
 */
export function wholeFile(file: FileInfo, limit: number, parse: ParseFile): CatalogSink {
	let chunks: Uint8Array[] = [];
	let length = 0;
	let tooLarge = file.size > limit;
	return {
		write(chunk) {
			if (tooLarge) return;
			length += chunk.length;
			if (length > limit) {
				tooLarge = true;
				chunks = [];
				return;
			}
			chunks.push(Uint8Array.from(chunk));
		},
		end() {
			if (tooLarge) return { packages: [], warnings: [tooLargeWarning(file, limit)] };
			return parse(join(chunks, length), file.path);
		},
	};
}

function join(chunks: readonly Uint8Array[], length: number): Uint8Array {
	const [only] = chunks;
	if (only && chunks.length === 1) return only;
	const whole = new Uint8Array(length);
	let offset = 0;
	for (const chunk of chunks) {
		whole.set(chunk, offset);
		offset += chunk.length;
	}
	return whole;
}

function tooLargeWarning(file: FileInfo, limit: number): Warning {
	const mebibytes = limit / 1024 / 1024;
	return {
		code: "file_too_large",
		message: `The file is larger than ${mebibytes} MiB and was not read; packages that it lists are missing.`,
		path: file.path,
	};
}
