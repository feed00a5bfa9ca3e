/**
 * One Plimsoll a data folder. The lock is SQLite's on a file: the kernel lets go of it when the process ends, however it
 * ends, so that there is never a stale one to break.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { StoreError } from "../errors.ts";

export interface FolderLock {
	readonly release: () => void;
}

/** @throws StoreError folder_in_use */
export function lockFolder(folder: string): FolderLock {
	const database = new DatabaseSync(join(folder, "lock"));
	try {
		// Without a wait: who holds it keeps it for as long as it runs.
		database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
	} catch (cause) {
		database.close();
		if (!isBusy(cause)) throw cause;
		const holder = holderOf(folder);
		throw new StoreError(
			"folder_in_use",
			`Another Plimsoll${holder ? ` (process ${holder})` : ""} runs on the data folder ${folder}.`,
			"Stop that one first, or give this one another folder with --data. To run a worker beside it: `plimsoll serve --role worker`.",
			cause,
		);
	}
	writeFileSync(join(folder, "holder"), `${process.pid}\n`);
	return { release: () => database.close() };
}

/** SQLITE_BUSY is 5. */
function isBusy(cause: unknown): boolean {
	return cause instanceof Error && "errcode" in cause && cause.errcode === 5;
}

function holderOf(folder: string): string | null {
	try {
		return /^\d+/.exec(readFileSync(join(folder, "holder"), "utf8"))?.[0] ?? null;
	} catch {
		return null;
	}
}
