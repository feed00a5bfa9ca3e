/** What a failed query means to who asked: that the database is busy, away, or full is no fault of the request. */
import { ServerError } from "#server";

type Words = readonly [code: "unavailable" | "storage_full", message: string, hint: string];

const slow: Words = [
	"unavailable",
	"The database took too long for this, and it was given up.",
	"Ask for less at once: filter more, or leave the total out.",
];
const busy: Words = ["unavailable", "The database has too much to do at the moment.", "Try again in some seconds."];
const away: Words = ["unavailable", "The database does not answer.", "Try again in some seconds."];
const full: Words = [
	"storage_full",
	"The database has no room to write.",
	"Make room on its disk; nothing was changed.",
];

/** SQLSTATEs and codes of the system. */
const meanings: Readonly<Record<string, Words>> = {
	"57014": slow,
	// Deadlock, serialisation, lock not available, too many connections, out of memory.
	"40P01": busy,
	"40001": busy,
	"55P03": busy,
	"53300": busy,
	"53200": busy,
	"53100": full,
	// Shut down by an administrator, crashed, starting.
	"57P01": away,
	"57P02": away,
	"57P03": away,
	ECONNREFUSED: away,
	ECONNRESET: away,
	EPIPE: away,
	ENOENT: away,
};
/** What the driver says without a code. */
const sayings: readonly (readonly [RegExp, Words])[] = [
	[/^timeout exceeded when trying to connect/, busy],
	[/^Connection terminated|^Client has encountered a connection error|^Cannot use a pool after/, away],
];

/** Null: it is no trouble of the database, but a mistake in a query or something else entirely. */
export function databaseTrouble(error: unknown): ServerError | null {
	if (!(error instanceof Error)) return null;
	const { code, syscall } = error as { readonly code?: unknown; readonly syscall?: unknown };
	const ofSystem = typeof code === "string" && /^E[A-Z]+$/.test(code);
	// A file that is missing is not a database that is.
	const known = typeof code === "string" && (!ofSystem || isOfSocket(syscall)) ? meanings[code] : undefined;
	const words = known ?? sayings.find(([saying]) => saying.test(error.message))?.[1];
	if (words === undefined && typeof code === "string" && /^08\w{3}$/.test(code)) return new ServerError(...away, error);
	return words === undefined ? null : new ServerError(...words, error);
}

function isOfSocket(syscall: unknown): boolean {
	return syscall === "connect" || syscall === "read" || syscall === "write";
}
