/**
 * One update at a time for a folder. The lock is SQLite's own lock on an empty database file: the operating system
 * gives it up when its holder dies, however that happens, so there is no stale lock to detect.
 * https://www.sqlite.org/lockingv3.html
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { EngineError } from "../../errors.ts";

export interface UpdateLock {
	release(): void;
}

/** SQLITE_BUSY, https://www.sqlite.org/rescode.html#busy */
const busy = 5;

/**
 * Takes the lock of the folder `dir`, which is made when it is missing; does not wait.
 * Throws `advisories_busy`, or what the file system or SQLite says.
 */
export async function lockForUpdate(dir: string): Promise<UpdateLock> {
	await mkdir(dir, { recursive: true });
	const path = join(dir, "update.lock");
	const file = new DatabaseSync(path, { timeout: 0 });
	try {
		// The number of the holder's process goes into the header, for the one who waits.
		file.exec(`BEGIN IMMEDIATE; PRAGMA user_version = ${process.pid}; COMMIT; BEGIN IMMEDIATE;`);
	} catch (error) {
		const holder = holderOf(file);
		file.close();
		if ((error as { errcode?: unknown }).errcode !== busy) throw error;
		throw new EngineError(
			"advisories_busy",
			`Another update of the advisory database in ${dir} is running${holder}.`,
			"Wait until it has ended, or stop it.",
			error,
		);
	}
	return { release: () => file.close() };
}

function holderOf(file: DatabaseSync): string {
	try {
		const pid = file.prepare("PRAGMA user_version").get()?.["user_version"];
		return typeof pid === "number" && pid > 0 ? ` (process ${pid})` : "";
	} catch {
		return "";
	}
}
