import { comesFromDisk } from "../advisories/disk.ts";
import { EngineError } from "../errors.ts";

export interface ImportPlaces {
	/** As people write it. */
	readonly from: string;
	/** The folder of the advisory database. */
	readonly dir: string;
	readonly signal: AbortSignal;
}

/**
 * What stopped an import, for people: the caller's signal, or what the file system or SQLite refuses. A mistake of ours
 * stays what it is.
 */
export function explained(error: unknown, { from, dir, signal }: ImportPlaces): unknown {
	if (signal.aborted)
		return new EngineError("aborted", "The import was stopped.", "The database is as it was before.", error);
	if (error instanceof EngineError || !(error instanceof Error) || !comesFromDisk(error)) return error;
	if ("path" in error && typeof error.path === "string" && !error.path.startsWith(dir))
		return new EngineError("target_not_found", `${from} cannot be read: ${error.message}.`, "Check the path.", error);
	return new EngineError(
		"advisories_unwritable",
		`The advisory database in ${dir} cannot be written: ${error.message}.`,
		"Check that the folder is yours to write to and that the disk has room, or choose another one with --db.",
		error,
	);
}
