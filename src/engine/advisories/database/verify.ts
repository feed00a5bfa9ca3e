import { DatabaseSync } from "node:sqlite";
import type { Digest } from "#model";
import { openFile } from "./reader.ts";
import { tables } from "./schema.ts";
import { currentSnapshot, digestOfFile } from "./snapshots.ts";

export interface SnapshotVerdict {
	/** What the snapshot is named by. */
	readonly digest: Digest;
	/** What its content hashes to. */
	readonly actual: Digest;
	/** What is wrong, for people; empty when the snapshot is sound. */
	readonly problems: readonly string[];
}

/**
 * Reads the whole current snapshot: its digest, and what `problemsIn` looks at. Takes about a second per 300 MB.
 * Throws `advisories_missing` or `advisories_malformed` when it cannot be opened at all.
 */
export async function verifySnapshot(dir: string): Promise<SnapshotVerdict> {
	const { digest, path } = currentSnapshot(dir);
	const actual = await digestOfFile(path);
	const problems = actual === digest ? [] : [`The content of ${path} is ${actual}, not ${digest}.`];
	return { digest, actual, problems: [...problems, ...problemsIn(path)] };
}

/**
 * Reads a whole database file: SQLite's own check of its pages, and that its tables are those of `schema.ts` to the
 * letter. A file from elsewhere could hold a view in place of a table, which would compute for ever when it is asked.
 * Throws `advisories_malformed` when it is no database of this version.
 */
export function problemsIn(path: string): readonly string[] {
	const database = openFile(path);
	try {
		if (schemaOf(database) !== expectedSchema()) return [`The tables of ${path} are not those that Plimsoll makes.`];
		const rows = database.prepare("PRAGMA quick_check(5)").all();
		const lines = rows.map((row) => String(row["quick_check"])).filter((line) => line !== "ok");
		return lines.map((line) => `SQLite finds ${path} damaged: ${line}`);
	} catch (error) {
		return [`SQLite cannot read ${path}: ${String(error)}`];
	} finally {
		database.close();
	}
}

function expectedSchema(): string {
	const database = new DatabaseSync(":memory:");
	database.exec(tables);
	const schema = schemaOf(database);
	database.close();
	return schema;
}

function schemaOf(database: DatabaseSync): string {
	return JSON.stringify(database.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name").all());
}
