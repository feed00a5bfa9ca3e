import { randomUUID } from "node:crypto";
import { access, constants, open, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CliError } from "./errors.ts";

/** Fails early where a result could not be written after a long scan. */
export async function requireWritable(file: string): Promise<void> {
	try {
		const place = await whereTo(file);
		if (place.isSpecial) await access(place.path, constants.W_OK);
		else await access(dirname(place.path), constants.W_OK);
	} catch (cause) {
		throw unwritable(file, cause, "usage");
	}
}

/**
 * Writes a whole file or none: a reader never sees half a report. Links are followed; what is no regular file
 * (`/dev/stdout`, a pipe) is written to and not replaced.
 */
export async function writeAtomically(file: string, text: string): Promise<void> {
	try {
		const place = await whereTo(file);
		if (place.isSpecial) await writeDirectly(place.path, text);
		else await writeAndRename(place.path, text);
	} catch (cause) {
		throw unwritable(file, cause, "output_unwritable");
	}
}

async function whereTo(file: string): Promise<{ readonly path: string; readonly isSpecial: boolean }> {
	try {
		const path = await realpath(file);
		const found = await stat(path);
		if (found.isDirectory()) throw new Error("it is a folder");
		return { path, isSpecial: !found.isFile() };
	} catch (error) {
		if (isMissing(error)) return { path: file, isSpecial: false };
		throw error;
	}
}

async function writeDirectly(path: string, text: string): Promise<void> {
	const handle = await open(path, "w");
	try {
		await handle.writeFile(text);
	} finally {
		await handle.close();
	}
}

async function writeAndRename(path: string, text: string): Promise<void> {
	const temporary = join(dirname(path), `.${basename(path).slice(0, 100)}.${randomUUID()}`);
	const handle = await open(temporary, "wx");
	try {
		await handle.writeFile(text);
		await handle.sync();
		await handle.close();
		await rename(temporary, path);
	} catch (error) {
		await handle.close().catch(() => undefined);
		await rm(temporary, { force: true });
		throw error;
	}
}

function unwritable(file: string, cause: unknown, code: "usage" | "output_unwritable"): CliError {
	const why = cause instanceof Error ? cause.message : String(cause);
	return new CliError(
		code,
		`${file} cannot be written: ${why}`,
		"Choose a file in a folder that exists and is writable.",
		cause,
	);
}

function isMissing(error: unknown): boolean {
	return error instanceof Error && "code" in error && error.code === "ENOENT";
}
