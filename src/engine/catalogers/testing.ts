import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Cataloger, CatalogResult } from "./types.ts";

export interface TestFile {
	readonly path: string;
	readonly bytes: Uint8Array;
	readonly mode?: number;
	/** Bytes a chunk; the whole file at once when it is not given. */
	readonly chunk?: number;
}

/** Runs a cataloger over one file. The chunk's memory is overwritten after each write, as a reused buffer would be. */
export function runCataloger(cataloger: Cataloger, file: TestFile): CatalogResult {
	const { path, bytes, mode = 0o644, chunk = Math.max(1, bytes.length) } = file;
	const sink = cataloger.open({ path, size: bytes.length, mode });
	for (let at = 0; at < bytes.length; at += chunk) {
		const part = Uint8Array.from(bytes.subarray(at, at + chunk));
		sink.write(part);
		part.fill(0xee);
	}
	return sink.end();
}

/** A file of `testdata` beside the test; `from` is the test's `import.meta.url`. */
export function testdata(from: string, name: string): Uint8Array {
	return Uint8Array.from(readFileSync(fileURLToPath(new URL(`testdata/${name}`, from))));
}

export function utf8(text: string): Uint8Array {
	return new TextEncoder().encode(text);
}
