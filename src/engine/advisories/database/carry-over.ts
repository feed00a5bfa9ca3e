/** Copies rows of an older snapshot into a database that is being built, by SQLite itself: no row is decoded. */
import type { DatabaseSync } from "node:sqlite";
import { EngineError } from "../../errors.ts";

export interface OldRecords {
	/** The older database file, of the same schema. */
	readonly from: string;
	readonly feed: string;
	/** What the copies are filed under. */
	readonly part: string;
	/**
	 * Which records are taken, from whatever part: those with these ids, which are then as good as fresh ones. Left out:
	 * those that were filed under `part`, and those on an ecosystem that it `holds`.
	 */
	readonly ids?: Iterable<string>;
	readonly holds?: ((ecosystem: string) => boolean) | undefined;
	/** What records say of other ecosystems stays behind; all is taken when left out. */
	readonly keeps?: ((ecosystem: string) => boolean) | undefined;
}

/**
 * Copies records of a feed, outside any transaction; gives the next free record number. A record that the new database
 * has already stays as it is. Throws `advisories_malformed` when the older database is damaged. When it throws, the
 * new database is of no use any more. The row about the part in `feeds` is the caller's to write.
 */
export function copyRecords(database: DatabaseSync, old: OldRecords, nextRecord: number): number {
	try {
		return copy(database, old, nextRecord);
	} catch (error) {
		throw isUnwritten(error) ? error : damaged(old.from, error);
	}
}

function copy(database: DatabaseSync, old: OldRecords, nextRecord: number): number {
	const { from, feed, part } = old;
	database.prepare("ATTACH DATABASE ? AS old").run(from);
	database.exec("BEGIN");
	choose(database, old, nextRecord);
	database
		.prepare(`
			INSERT INTO main.records
			SELECT moved.record, feed, id, ?, modified, withdrawn, body
			FROM temp.moved JOIN old.records ON old.records.record = moved.old
		`)
		.run(part);
	database.exec(`
		INSERT OR IGNORE INTO main.packages (ecosystem, name)
		SELECT DISTINCT ecosystem, name
		FROM temp.moved JOIN old.affected ON old.affected.record = moved.old JOIN old.packages USING (package)
		WHERE ecosystem IN (SELECT ecosystem FROM temp.kept)
		ORDER BY ecosystem, name;
		INSERT INTO main.affected
		SELECT now.package, moved.record, position, body
		FROM temp.moved JOIN old.affected ON old.affected.record = moved.old JOIN old.packages AS was USING (package)
		JOIN main.packages AS now ON now.ecosystem = was.ecosystem AND now.name = was.name
		WHERE was.ecosystem IN (SELECT ecosystem FROM temp.kept);
		INSERT INTO main.vectors
		SELECT identifier, moved.record, position, type, vector
		FROM temp.moved JOIN old.vectors ON old.vectors.record = moved.old;
		INSERT OR IGNORE INTO temp.named SELECT id FROM temp.moved JOIN main.records USING (record);
		INSERT OR IGNORE INTO temp.named
		SELECT names.value FROM temp.moved JOIN main.records USING (record),
			json_each(json_array(body -> 'a', body -> 'u', body -> 'l')) AS lists, json_each(lists.value) AS names
		WHERE body <> '' AND lists.value IS NOT NULL;
	`);
	for (const table of ["vulnerabilities", "products"])
		database
			.prepare(`INSERT OR IGNORE INTO main.${table} SELECT * FROM old.${table} WHERE feed = ? AND part = ?`)
			.run(feed, part);
	const { last } = database.prepare("SELECT max(record) AS last FROM temp.moved").get() as { last: number | null };
	database.exec("DROP TABLE temp.moved; DROP TABLE temp.kept; COMMIT");
	database.exec("DETACH DATABASE old");
	return last === null ? nextRecord : last + 1;
}

/** Fills `temp.moved` with the records to copy and their new numbers, `temp.kept` with the ecosystems. */
function choose(database: DatabaseSync, old: OldRecords, nextRecord: number): void {
	const { feed, part, ids, holds, keeps = () => true } = old;
	database.exec(`
		CREATE TEMP TABLE kept (ecosystem TEXT PRIMARY KEY, held INTEGER NOT NULL) WITHOUT ROWID;
		CREATE TEMP TABLE wanted (id TEXT PRIMARY KEY) WITHOUT ROWID;
		CREATE TEMP TABLE moved (record INTEGER PRIMARY KEY, old INTEGER NOT NULL);
	`);
	const keep = database.prepare("INSERT INTO temp.kept VALUES (?, ?)");
	for (const row of database.prepare("SELECT ecosystem FROM old.ecosystems").all()) {
		const ecosystem = String(row["ecosystem"]);
		if (keeps(ecosystem)) keep.run(ecosystem, holds?.(ecosystem) ? 1 : 0);
	}
	const want = database.prepare("INSERT OR IGNORE INTO temp.wanted VALUES (?)");
	for (const id of ids ?? []) want.run(id);
	const chosen = ids
		? "id IN (SELECT id FROM temp.wanted)"
		: `(part = ? OR record IN (
				SELECT affected.record FROM temp.kept JOIN old.packages USING (ecosystem)
				JOIN old.affected AS affected USING (package) WHERE held = 1
			))`;
	database
		.prepare(`
			INSERT INTO temp.moved
			SELECT ? - 1 + row_number() OVER (ORDER BY record), record FROM old.records AS was
			WHERE feed = ? AND ${chosen}
				AND NOT EXISTS (SELECT 1 FROM main.records AS now WHERE now.feed = was.feed AND now.id = was.id)
		`)
		.run(nextRecord, feed, ...(ids ? [] : [part]));
	database.exec("DROP TABLE temp.wanted");
}

/** SQLite's result codes for a disk that takes no more: SQLITE_FULL, SQLITE_IOERR_WRITE, _FSYNC, _TRUNCATE, _SHMSIZE. */
const unwritten = new Set([13, 778, 1034, 1546, 4874]);

function isUnwritten(error: unknown): boolean {
	return error instanceof Error && "errcode" in error && unwritten.has(Number(error.errcode));
}

function damaged(path: string, cause: unknown): EngineError {
	return new EngineError(
		"advisories_malformed",
		`The advisory database ${path} is damaged: ${cause instanceof Error ? cause.message : String(cause)}.`,
		"Run `plimsoll db update` to build it anew.",
		cause,
	);
}
