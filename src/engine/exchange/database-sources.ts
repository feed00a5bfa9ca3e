import { join } from "node:path";
import { currentSnapshot } from "../advisories/database/snapshots.ts";
import { EngineError } from "../errors.ts";

/** The databases that a scan may be told to use: the one of our own feeds, and the one that was made from trivy-db. */
export const databaseSources = ["own", "trivy-db"] as const;
export type DatabaseSource = (typeof databaseSources)[number];

/** `auto`: our own when it is there, else trivy-db's. */
export const databaseChoices = ["auto", ...databaseSources] as const;
export type DatabaseChoice = (typeof databaseChoices)[number];

/** Where the snapshots of a source lie in the folder of the advisory database. */
export function folderOf(dir: string, source: DatabaseSource): string {
	return source === "own" ? dir : join(dir, source);
}

export interface FoundDatabase {
	readonly source: DatabaseSource;
	readonly folder: string;
}

/** The database that a choice means. One that is there but damaged counts: it is not passed over. Throws `advisories_missing`. */
export function findDatabase(dir: string, choice: DatabaseChoice): FoundDatabase {
	const sources = choice === "auto" ? databaseSources : [choice];
	const source = sources.find((one) => isThere(folderOf(dir, one)));
	if (source) return { source, folder: folderOf(dir, source) };
	const of = choice === "trivy-db" ? " made from trivy-db" : choice === "own" ? " made from the feeds" : "";
	throw new EngineError(
		"advisories_missing",
		`There is no advisory database${of} in ${dir}.`,
		"Run `plimsoll db update` to build one from the feeds, or `plimsoll db import` to take one from a file or a registry.",
	);
}

function isThere(folder: string): boolean {
	try {
		currentSnapshot(folder);
		return true;
	} catch (error) {
		return !(error instanceof EngineError && error.code === "advisories_missing");
	}
}
