/**
 * Builds a database file. Until `finish` returns, the file is nobody's: it is written without a journal, and a
 * process that dies leaves only garbage behind. The same records in the same order give the same rows.
 */
import { rmSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Advisory, Affected } from "#model";
import { encodeAdvisory, encodeAffected } from "./rows.ts";
import { applicationId, schemaVersion, tables } from "./schema.ts";

export interface DatabaseMeta {
	/** RFC 3339. */
	readonly builtAt: string;
	/** `starter` is the small made set of the demo. */
	readonly kind: "full" | "starter";
	/** The folder or URL that the records were read from. */
	readonly source: string;
}

/** What one `all.zip` held. */
export interface Feed {
	readonly ecosystem: string;
	readonly url: string;
	/** RFC 3339; when it was read. */
	readonly fetchedAt: string;
	/** Well-formed records, withdrawn ones included. */
	readonly records: number;
	readonly withdrawn: number;
	readonly malformed: number;
	/** The youngest `modified`, RFC 3339; empty when there are no records. */
	readonly newest: string;
}

export interface DatabaseWriter {
	/** Adds a record, or replaces the one of the same id when this one was modified later. */
	add(advisory: Advisory, affected: readonly Affected[]): void;
	addFeed(feed: Feed): void;
	/** Writes the finished, compacted file to `path` and closes the writer. Not yet flushed to the disk. */
	finish(path: string, meta: DatabaseMeta): void;
	/** Closes the writer and removes what it wrote; does nothing after `finish`. */
	discard(): void;
}

/** Rows between commits: few enough for a small page cache, many enough to make the commit free. */
const rowsPerTransaction = 20_000;

/** Starts a new database in the file `path`, which must not exist. */
export function createDatabase(path: string): DatabaseWriter {
	const database = new DatabaseSync(path);
	// A half-written file is thrown away, so neither journal nor flush is needed.
	database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;");
	database.exec("PRAGMA cache_size = -65536; PRAGMA temp_store = FILE;");
	database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion};`);
	database.exec(tables);
	database.exec("BEGIN");
	return writerOf(database, path);
}

function writerOf(database: DatabaseSync, path: string): DatabaseWriter {
	const insert = prepareAll(database);
	let pending = 0;
	let nextRecord = 1;
	let replaced = false;

	const add = (advisory: Advisory, affected: readonly Affected[]): void => {
		const known = insert.known.get(advisory.id) as { record: number; modified: string } | undefined;
		if (known && !isLater(advisory.modified, known.modified)) return;
		if (known) {
			// Its other rows are swept in one go at the end.
			insert.remove.run(known.record);
			replaced = true;
		}
		const record = nextRecord++;
		const withdrawn = advisory.withdrawn ?? null;
		insert.record.run(record, advisory.id, advisory.modified, withdrawn, withdrawn ? "" : encodeAdvisory(advisory));
		pending += 1;
		if (!withdrawn) pending += insertAffected(insert, record, affected) + insertVectors(insert, record, advisory);
		if (pending >= rowsPerTransaction) {
			database.exec("COMMIT; BEGIN");
			pending = 0;
		}
	};

	const discard = (): void => {
		if (database.isOpen) database.close();
		rmSync(path, { force: true });
	};

	return {
		add,
		addFeed: (feed) => {
			const { ecosystem, url, fetchedAt, records, withdrawn, malformed, newest } = feed;
			insert.feed.run(ecosystem, url, fetchedAt, records, withdrawn, malformed, newest);
		},
		finish: (target, meta) => {
			if (replaced) sweep(database);
			countEcosystems(database);
			for (const key of ["builtAt", "kind", "source"] as const) insert.meta.run(key, meta[key]);
			database.exec("COMMIT");
			// Rewrites every table densely and in key order: the file shrinks and look-ups touch fewer pages.
			database.prepare("VACUUM INTO ?").run(target);
			discard();
		},
		discard,
	};
}

type Statements = ReturnType<typeof prepareAll>;

function prepareAll(database: DatabaseSync) {
	return {
		known: database.prepare("SELECT record, modified FROM records WHERE id = ?"),
		remove: database.prepare("DELETE FROM records WHERE record = ?"),
		record: database.prepare("INSERT INTO records VALUES (?, ?, ?, ?, ?)"),
		findPackage: database.prepare("SELECT package FROM packages WHERE ecosystem = ? AND name = ?"),
		package: database.prepare("INSERT INTO packages (ecosystem, name) VALUES (?, ?)"),
		affected: database.prepare("INSERT INTO affected VALUES (?, ?, ?, ?)"),
		vector: database.prepare("INSERT INTO vectors VALUES (?, ?, ?, ?, ?)"),
		feed: database.prepare("INSERT INTO feeds VALUES (?, ?, ?, ?, ?, ?, ?)"),
		meta: database.prepare("INSERT INTO meta VALUES (?, ?)"),
	} satisfies Record<string, StatementSync>;
}

/** Compares instants, not texts: feeds write different numbers of decimals. */
function isLater(date: string, than: string): boolean {
	return Date.parse(date) > Date.parse(than);
}

function insertAffected(insert: Statements, record: number, affected: readonly Affected[]): number {
	for (const [position, one] of affected.entries()) {
		const found = insert.findPackage.get(one.ecosystem, one.name) as { package: number } | undefined;
		const id = found?.package ?? insert.package.run(one.ecosystem, one.name).lastInsertRowid;
		insert.affected.run(id, record, position, encodeAffected(one));
	}
	return affected.length;
}

/**
 * A vector holds for the record's own identifier and its aliases. It holds for an upstream vulnerability only when
 * there is one: of an erratum with five it is not known which one it scores. Related records are other vulnerabilities.
 */
function insertVectors(insert: Statements, record: number, advisory: Advisory): number {
	if (advisory.severity.length === 0) return 0;
	const upstream = new Set(advisory.upstream);
	const identifiers = new Set([advisory.id, ...advisory.aliases, ...(upstream.size === 1 ? upstream : [])]);
	for (const identifier of identifiers)
		for (const [position, { type, vector }] of advisory.severity.entries())
			insert.vector.run(identifier, record, position, type, vector);
	return identifiers.size * advisory.severity.length;
}

/** Removes the rows of records that a later version replaced, and packages that nothing names any more. */
function sweep(database: DatabaseSync): void {
	database.exec(`
		DELETE FROM affected WHERE record NOT IN (SELECT record FROM records);
		DELETE FROM vectors WHERE record NOT IN (SELECT record FROM records);
		DELETE FROM packages WHERE package NOT IN (SELECT package FROM affected);
	`);
}

function countEcosystems(database: DatabaseSync): void {
	database.exec(`
		INSERT INTO ecosystems
		SELECT ecosystem, count(DISTINCT record), max(modified)
		FROM packages JOIN affected USING (package) JOIN records USING (record)
		GROUP BY ecosystem ORDER BY ecosystem;
	`);
}
