/** A folder's files. Links are followed only as long as they stay inside the folder. */
import { constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import type { EngineError } from "../../errors.ts";
import { abortedError } from "../chunks.ts";
import { cleanPath } from "../tar/paths.ts";
import { eachConcurrently } from "./concurrent.ts";
import { readRange, readWhole } from "./file-range.ts";
import type { ImageFiles } from "./image-files.ts";
import { malformed, missingFile, targetNotFound, tooLarge } from "./image-problems.ts";

/** Opens a folder; throws EngineError target_not_found when it cannot be read. */
export async function openFolder(folder: string): Promise<ImageFiles> {
	const root = await realpath(folder).catch((error: unknown) => {
		throw targetNotFound(folder, error);
	});
	const openInside = async (path: string): Promise<{ file: FileHandle; size: number } | null> => {
		const clean = cleanPath(path);
		if (clean === null) throw outside(folder, path);
		const real = await realpath(join(root, clean)).catch((error: unknown) => notThere(error, folder));
		if (real === null) return null;
		if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep)) throw outside(folder, path);
		// Not blocking: a pipe in the folder must not hang the scan.
		const file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) =>
			notThere(error, folder),
		);
		if (file === null) return null;
		const stat = await file.stat();
		if (stat.isFile()) return { file, size: stat.size };
		await file.close();
		return null;
	};
	const withFile = async <T>(
		path: string,
		signal: AbortSignal,
		use: (file: FileHandle, size: number) => Promise<T>,
	) => {
		if (signal.aborted) throw abortedError(signal);
		const opened = await openInside(path);
		if (opened === null) throw missingFile(folder, path);
		try {
			return await use(opened.file, opened.size);
		} finally {
			await opened.file.close();
		}
	};
	return {
		name: folder,
		size: async (path, signal) => {
			if (signal.aborted) throw abortedError(signal);
			const opened = await openInside(path);
			await opened?.file.close();
			return opened?.size ?? null;
		},
		read: (path, most, signal) =>
			withFile(path, signal, async (file, size) => {
				if (size > most) throw tooLarge(folder, path, most);
				return readWhole(file, 0, size);
			}),
		stream: (paths, visit, { concurrency, signal }) =>
			eachConcurrently(paths.length, concurrency, (index) =>
				withFile(paths[index] as string, signal, (file, size) => visit(index, readRange(file, 0, size))),
			),
		close: async () => undefined,
	};
}

function notThere(error: unknown, folder: string): null {
	const code = error instanceof Error && "code" in error ? error.code : "";
	if (code === "ENOENT" || code === "ENOTDIR") return null;
	throw malformed(folder, `a file cannot be read (${String(code || error)})`, error);
}

function outside(folder: string, path: string): EngineError {
	return malformed(folder, `${path} leads out of it`);
}
