/**
 * Whether the file system or SQLite refused: system calls that failed carry `syscall`, SQLite's errors this code. What
 * reads a source tells its own errors.
 */
export function comesFromDisk(error: Error): boolean {
	return "syscall" in error || ("code" in error && error.code === "ERR_SQLITE_ERROR");
}
