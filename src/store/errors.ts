/** Errors of the store that people read. */
export const storeErrorCodes = [
	"database_unavailable",
	"database_too_new",
	"database_damaged",
	"folder_in_use",
	"key_missing",
] as const;
export type StoreErrorCode = (typeof storeErrorCodes)[number];

export class StoreError extends Error {
	readonly code: StoreErrorCode;
	readonly hint: string;
	constructor(code: StoreErrorCode, message: string, hint: string, cause?: unknown) {
		super(message, { cause });
		this.name = "StoreError";
		this.code = code;
		this.hint = hint;
	}
}

/** Whether an error of the file system or of a socket has this code. */
export function hasCode(error: unknown, code: string): boolean {
	return error instanceof Error && "code" in error && error.code === code;
}
