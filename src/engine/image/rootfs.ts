/**
 * A root filesystem in a folder, as if it were one layer. Links are never followed, special files never opened, and
 * nothing outside the folder is read.
 */
import { closeSync, constants, type Dirent, fstatSync, lstatSync, openSync, readdirSync, readSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { Warning } from "#model";
import { abortedError } from "./chunks.ts";
import type { Limits } from "./limits.ts";
import { targetNotFound } from "./sources/image-problems.ts";
import type { FileSink, FileVisitor } from "./types.ts";
import { WarningList } from "./warnings.ts";

export interface RootfsOptions {
	readonly limits: Limits;
	readonly signal: AbortSignal;
}

export interface RootfsRead {
	/** Files, folders, links and special files. */
	readonly entries: number;
	readonly warnings: readonly Warning[];
	/** False when a limit ended the walk. */
	readonly complete: boolean;
}

// Content that a running kernel makes up; in an image's root these folders are empty.
const kernelFolders: ReadonlySet<string> = new Set(["proc", "sys", "dev"]);
// Between these the event loop gets its turn: the walk itself is synchronous, which is ten times as fast as promises.
const entriesPerTurn = 2000;
const readChunk = 256 * 1024;

/**
 * Walks the folder in sorted order and passes wanted files to the sinks. A sink whose file cannot be read to its end is
 * not ended. What cannot be read is a warning. Throws EngineError target_not_found when `folder` is no readable
 * folder, and aborted.
 */
export async function readRootfs(folder: string, visit: FileVisitor, options: RootfsOptions): Promise<RootfsRead> {
	const { limits, signal } = options;
	const root = await realpath(folder).catch((error: unknown) => {
		throw targetNotFound(folder, error);
	});
	const warnings = new WarningList(limits.warnings);
	const buffer = Buffer.allocUnsafe(readChunk);
	const waiting = [""];
	let entries = 0;
	for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
		const found = list(root, path, warnings, folder);
		const folders: string[] = [];
		for (const entry of found) {
			if (entries++ % entriesPerTurn === 0) {
				await setImmediate();
				if (signal.aborted) throw abortedError(signal);
			}
			if (entries > limits.entries) {
				const message = `The folder was not read to its end: it has more than ${limits.entries} entries.`;
				warnings.add({ code: "layer_limit", message });
				return { entries, warnings: warnings.all(), complete: false };
			}
			const child = path === "" ? entry.name : `${path}/${entry.name}`;
			if (entry.isDirectory()) {
				if (root !== "/" || !kernelFolders.has(child)) folders.push(child);
			} else if (entry.isFile()) readFile(root, child, visit, buffer, warnings);
		}
		waiting.push(...folders.reverse());
	}
	return { entries, warnings: warnings.all(), complete: true };
}

function list(root: string, path: string, warnings: WarningList, shown: string): Dirent[] {
	try {
		const found = readdirSync(join(root, path), { withFileTypes: true });
		return found.sort((a, b) => (a.name < b.name ? -1 : 1));
	} catch (error) {
		if (path === "") throw targetNotFound(shown, error);
		if (!isSystemError(error)) throw error;
		warnings.add(unreadable("folder", path, error.code));
		return [];
	}
}

function readFile(root: string, path: string, visit: FileVisitor, buffer: Buffer, warnings: WarningList): void {
	const full = join(root, path);
	let descriptor: number | null = null;
	try {
		const { size, mode } = lstatSync(full);
		const sink = visit({ path, size, mode: mode & 0o7777 });
		if (sink === null) return;
		// The path may have become a link or a pipe since it was listed.
		descriptor = openSync(full, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
		if (fstatSync(descriptor).isFile() && copy(descriptor, size, buffer, sink)) sink.end();
		else warnings.add(unreadable("file", path, "it changed while it was read"));
	} catch (error) {
		// What the visitor throws is not the folder's fault.
		if (!isSystemError(error)) throw error;
		warnings.add(unreadable("file", path, error.code));
	} finally {
		if (descriptor !== null) closeSync(descriptor);
	}
}

/** Passes `size` bytes on, whatever is added to the file meanwhile; false when it became shorter. */
function copy(descriptor: number, size: number, buffer: Buffer, sink: FileSink): boolean {
	for (let left = size; left > 0; ) {
		const read = readSync(descriptor, buffer, 0, Math.min(buffer.length, left), null);
		if (read === 0) return false;
		left -= read;
		sink.write(buffer.subarray(0, read));
	}
	return true;
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
	return error instanceof Error && "syscall" in error && "code" in error;
}

function unreadable(kind: "file" | "folder", path: string, reason: string): Warning {
	return { code: "entry_malformed", message: `A ${kind} cannot be read (${reason}); it was skipped.`, path };
}
