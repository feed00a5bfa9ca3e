import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let folder: string | null = null;

/** Writes bytes to a file of this thread, for parsers that read files. The next call with the same name overwrites it. */
export function tempFile(name: string, bytes: Uint8Array): string {
	folder ??= newFolder();
	const path = join(folder, name);
	writeFileSync(path, bytes);
	return path;
}

function newFolder(): string {
	const made = mkdtempSync(join(tmpdir(), "plimsoll-fuzz-"));
	process.on("exit", () => rmSync(made, { recursive: true, force: true }));
	return made;
}
