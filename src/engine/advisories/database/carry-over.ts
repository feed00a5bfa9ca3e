/** Copies rows of an older snapshot into a database that is being built, by SQLite itself: no row is decoded. */
import type { DatabaseSync } from "node:sqlite";

export interface Part {
	/** The older database file, of the same schema. */
	readonly from: string;
	readonly feed: string;
	/** Null: the whole feed. */
	readonly part: string | null;
	/** Ids of records that are not taken. */
	readonly without: ReadonlySet<string>;
	/** The first free record number. */
	readonly nextRecord: number;
}

/**
 * Copies a part of a feed, outside any transaction; gives the next free record number. A record that the new database
 * has already, from another part, stays as it is. When it throws, the new database is of no use any more. The row about the part in `feeds` is the caller's to write.
 */
export function copyPart(database: DatabaseSync, { from, feed, part, without, nextRecord }: Part): number {
	database.prepare("ATTACH DATABASE ? AS old").run(from);
	database.exec("BEGIN");
	database.exec("CREATE TEMP TABLE omitted (id TEXT PRIMARY KEY) WITHOUT ROWID");
	const omit = database.prepare("INSERT INTO temp.omitted VALUES (?)");
	for (const id of without) omit.run(id);
	database.exec("CREATE TEMP TABLE moved (record INTEGER PRIMARY KEY, old INTEGER NOT NULL)");
	database
		.prepare(`
			INSERT INTO temp.moved
			SELECT ? - 1 + row_number() OVER (ORDER BY record), record FROM old.records AS was
			WHERE feed = ? AND (? IS NULL OR part = ?) AND id NOT IN (SELECT id FROM temp.omitted)
				AND NOT EXISTS (SELECT 1 FROM main.records AS now WHERE now.feed = was.feed AND now.id = was.id)
		`)
		.run(nextRecord, feed, part, part);
	database.exec(`
		INSERT INTO main.records
		SELECT moved.record, feed, id, part, modified, withdrawn, body
		FROM temp.moved JOIN old.records ON old.records.record = moved.old;
		INSERT OR IGNORE INTO main.packages (ecosystem, name)
		SELECT DISTINCT ecosystem, name
		FROM temp.moved JOIN old.affected ON old.affected.record = moved.old JOIN old.packages USING (package)
		ORDER BY ecosystem, name;
		INSERT INTO main.affected
		SELECT now.package, moved.record, position, body
		FROM temp.moved JOIN old.affected ON old.affected.record = moved.old JOIN old.packages AS was USING (package)
		JOIN main.packages AS now ON now.ecosystem = was.ecosystem AND now.name = was.name;
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
			.prepare(`
				INSERT OR IGNORE INTO main.${table}
				SELECT * FROM old.${table} WHERE feed = ? AND (? IS NULL OR part = ?)
			`)
			.run(feed, part, part);
	const { last } = database.prepare("SELECT max(record) AS last FROM temp.moved").get() as { last: number | null };
	database.exec("DROP TABLE temp.moved; DROP TABLE temp.omitted; COMMIT");
	database.exec("DETACH DATABASE old");
	return last === null ? nextRecord : last + 1;
}
