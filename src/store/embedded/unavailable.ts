import { hasCode, StoreError } from "../errors.ts";

const hints = {
	space: "Make room on the disk, or choose another data folder with --data, and start again.",
	folder: "Check the folder's owner and permissions, or choose another data folder with --data.",
	other: "Check free space and the folder's owner, or set DATABASE_URL to a PostgreSQL of your own.",
} as const;

/** Why Plimsoll's own PostgreSQL cannot run. `because` is a sentence; what to do follows from what went wrong. */
export function unavailable(because: string, cause?: unknown): StoreError {
	const full = hasCode(cause, "ENOSPC") || hasCode(cause, "EDQUOT") || /no space left|quota exceeded/i.test(because);
	const refused = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST"].some((code) => hasCode(cause, code));
	const hint = full ? hints.space : refused ? hints.folder : hints.other;
	const message = `Plimsoll's own PostgreSQL cannot run. ${full ? "The disk is full. " : ""}${because}`;
	return new StoreError("database_unavailable", message, hint, cause);
}

/** Does something with the data folder; what the system refuses becomes an error that people can read. */
export async function inFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (cause) {
		if (!(cause instanceof Error) || !("code" in cause) || !("syscall" in cause)) throw cause;
		throw unavailable(`The folder ${folder} cannot be used: ${cause.message}.`, cause);
	}
}
