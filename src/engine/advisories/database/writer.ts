/**
 * Builds a database file. Until `finish` returns, the file is nobody's: it is written without a journal, and a
 * process that dies leaves only garbage behind. The same records in the same order give the same rows.
 */
import { rmSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Advisory, Affected, Vulnerability } from "#model";
import { copyRecords, type OldRecords } from "./carry-over.ts";
import { encodeAdvisory, encodeAffected } from "./rows.ts";
import { applicationId, schemaVersion, tables } from "./schema.ts";
import { encodeVulnerability } from "./vulnerability-rows.ts";

export interface DatabaseMeta {
	/** RFC 3339. */
	readonly builtAt: string;
	/** `starter` is the small made set of the demo. */
	readonly kind: "full" | "starter";
	/** The folder or URL that the records were read from. */
	readonly source: string;
	/** Under which choice its OSV records were read (../osv-changes.ts), when all were read under the same. */
	readonly taken?: string;
}

/** Where a record comes from. */
export interface RecordSource {
	/** `osv`, `debian-tracker`, `nvd`. */
	readonly feed: string;
	/** The file or folder of the feed, as it is called there: an OSV ecosystem, a year; the feed's own name when it has one. */
	readonly part: string;
}

/** What one part of a feed held. */
export interface Feed extends RecordSource {
	readonly url: string;
	/** RFC 3339; when it was read. */
	readonly fetchedAt: string;
	/** Well-formed records, withdrawn ones included. */
	readonly records: number;
	readonly withdrawn: number;
	readonly malformed: number;
	/** The youngest `modified`, RFC 3339; empty when there are no records. */
	readonly newest: string;
	/** Why the last update could not read it, for people: the records are then those of `fetchedAt`. */
	readonly failure?: string;
}

export interface PartContent {
	/** Advisories, or where a feed has none of its own, vulnerabilities that it knows something of. */
	readonly records: number;
	readonly withdrawn: number;
	/** The youngest `modified`, RFC 3339; empty when there are no records. */
	readonly newest: string;
}

export interface DatabaseWriter {
	/**
	 * Adds a record, or replaces the one of the same feed and id when this one was modified later, or the other one only
	 * stood in for what could not be read.
	 */
	add(source: RecordSource, advisory: Advisory, affected: readonly Affected[]): void;
	/** Adds packages to a record; starts it when there is none of that feed and id. For feeds sorted by package. */
	append(source: RecordSource, id: string, modified: string, affected: readonly Affected[]): void;
	/** What a feed knows of a vulnerability itself; kept when some record names it. Once a feed and id; later ones replace. */
	addVulnerability(source: RecordSource, vulnerability: Vulnerability): void;
	/** What a Red Hat content set stands for. */
	addProducts(source: RecordSource, contentSet: string, cpes: readonly string[]): void;
	addFeed(feed: Feed): void;
	/** Removes all that was added from a part: it turned out to be broken. */
	forget(source: RecordSource): void;
	/** What the database holds of a part; of the feed's records with these ids, whatever they are filed under. */
	contentOf(source: RecordSource, ids?: Iterable<string>): PartContent;
	/**
	 * Copies what an older database file holds: for feeds that could not be read, or that only tell what changed.
	 * Throws `advisories_malformed` when that file is damaged; nothing but `discard` may then follow.
	 */
	carryOver(old: OldRecords): void;
	/** Writes the finished, compacted file to `path` and closes the writer. Not yet flushed to the disk. */
	finish(path: string, meta: DatabaseMeta): void;
	/** Closes the writer and removes what it wrote; does nothing after `finish`. */
	discard(): void;
}

/** Rows between commits: few enough for a small page cache, many enough to make the commit free. */
const rowsPerTransaction = 20_000;

/** The name that a package is stored and looked up by: one text for all spellings of an ecosystem. */
export type NameKey = (ecosystem: string, name: string) => string;

/** Starts a new database in the file `path`, which must not exist. */
export function createDatabase(path: string, keyOf: NameKey = (_, name) => name): DatabaseWriter {
	const database = new DatabaseSync(path);
	// A half-written file is thrown away, so neither journal nor flush is needed.
	database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;");
	database.exec("PRAGMA cache_size = -65536; PRAGMA temp_store = FILE;");
	database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion};`);
	database.exec(tables);
	database.exec("CREATE TEMP TABLE named (id TEXT PRIMARY KEY) WITHOUT ROWID");
	database.exec("BEGIN");
	return writerOf(database, path, keyOf);
}

function writerOf(database: DatabaseSync, path: string, keyOf: NameKey): DatabaseWriter {
	const insert = prepareAll(database);
	let pending = 0;
	let nextRecord = 1;
	let nextPosition = 1;
	let replaced = false;
	/** Numbers of records that stand in for what could not be read, as ranges without their ends. */
	const standIns: (readonly [from: number, to: number])[] = [];
	const standsIn = (record: number) => standIns.some(([from, to]) => record >= from && record < to);

	const commitAt = (rows: number): void => {
		pending += rows;
		if (pending < rowsPerTransaction) return;
		database.exec("COMMIT; BEGIN");
		pending = 0;
	};

	const add = ({ feed, part }: RecordSource, advisory: Advisory, affected: readonly Affected[]): void => {
		const known = insert.known.get(feed, advisory.id) as { record: number; modified: string } | undefined;
		if (known && !isLater(advisory.modified, known.modified) && !standsIn(known.record)) return;
		if (known) {
			// Its other rows are swept in one go at the end.
			insert.remove.run(known.record);
			replaced = true;
		}
		const record = nextRecord++;
		const { id, modified } = advisory;
		const withdrawn = advisory.withdrawn ?? null;
		insert.record.run(record, feed, id, part, modified, withdrawn, withdrawn ? "" : encodeAdvisory(advisory));
		let rows = 1;
		if (!withdrawn) {
			for (const name of [id, ...advisory.aliases, ...advisory.upstream, ...advisory.related]) insert.named.run(name);
			rows += insertAffected(insert, record, affected, keyOf) + insertVectors(insert, record, advisory);
		}
		commitAt(rows);
	};

	const append = ({ feed, part }: RecordSource, id: string, modified: string, affected: readonly Affected[]): void => {
		const known = insert.known.get(feed, id) as { record: number } | undefined;
		const record = known?.record ?? nextRecord++;
		if (!known) {
			insert.record.run(record, feed, id, part, modified, null, "{}");
			insert.named.run(id);
		}
		const from = nextPosition;
		nextPosition += affected.length;
		commitAt(1 + insertAffected(insert, record, affected, keyOf, from));
	};

	const discard = (): void => {
		if (database.isOpen) database.close();
		rmSync(path, { force: true });
	};

	return {
		add,
		append,
		addVulnerability: ({ feed, part }, vulnerability) => {
			insert.vulnerability.run(vulnerability.id, feed, part, encodeVulnerability(vulnerability));
			commitAt(1);
		},
		addProducts: ({ feed, part }, contentSet, cpes) => {
			for (const cpe of cpes) insert.product.run(contentSet, cpe, feed, part);
			commitAt(cpes.length);
		},
		addFeed: ({ feed, part, url, fetchedAt, records, withdrawn, malformed, newest, failure = null }) => {
			insert.feed.run(feed, part, url, fetchedAt, records, withdrawn, malformed, newest, failure);
		},
		forget: ({ feed, part }) => {
			for (const table of ["records", "vulnerabilities", "products"])
				database.prepare(`DELETE FROM ${table} WHERE feed = ? AND part = ?`).run(feed, part);
			replaced = true;
		},
		contentOf: ({ feed, part }, ids) => (ids ? contentOfIds(database, feed, ids) : contentOf(database, feed, part)),
		carryOver: (old) => {
			database.exec("COMMIT");
			const first = nextRecord;
			nextRecord = copyRecords(database, old, first);
			if (!old.ids) standIns.push([first, nextRecord]);
			database.exec("BEGIN");
		},
		finish: (target, meta) => {
			if (replaced) sweep(database);
			database.exec("DELETE FROM vulnerabilities WHERE id NOT IN (SELECT id FROM named)");
			countEcosystems(database);
			for (const key of ["builtAt", "kind", "source", "taken"] as const)
				if (meta[key] !== undefined) insert.meta.run(key, meta[key]);
			database.exec("COMMIT; DROP TABLE temp.named");
			// Rewrites every table densely and in key order: the file shrinks and look-ups touch fewer pages.
			database.prepare("VACUUM INTO ?").run(target);
			discard();
		},
		discard,
	};
}

function contentOf(database: DatabaseSync, feed: string, part: string): PartContent {
	const row = database
		.prepare(`
			SELECT count(*) AS records, count(withdrawn) AS withdrawn, coalesce(max(modified), '') AS newest
			FROM records WHERE feed = ? AND part = ?
		`)
		.get(feed, part) as unknown as PartContent;
	if (row.records > 0) return { ...row };
	const { known } = database
		.prepare("SELECT count(*) AS known FROM vulnerabilities WHERE feed = ? AND part = ?")
		.get(feed, part) as { known: number };
	return { records: known, withdrawn: 0, newest: "" };
}

function contentOfIds(database: DatabaseSync, feed: string, ids: Iterable<string>): PartContent {
	const find = database.prepare("SELECT modified, withdrawn FROM records WHERE feed = ? AND id = ?");
	let records = 0;
	let withdrawn = 0;
	let newest = "";
	for (const id of ids) {
		const row = find.get(feed, id) as { modified: string; withdrawn: string | null } | undefined;
		if (!row) continue;
		records += 1;
		if (row.withdrawn !== null) withdrawn += 1;
		if (newest === "" || isLater(row.modified, newest)) newest = row.modified;
	}
	return { records, withdrawn, newest };
}

type Statements = ReturnType<typeof prepareAll>;

function prepareAll(database: DatabaseSync) {
	return {
		known: database.prepare("SELECT record, modified FROM records WHERE feed = ? AND id = ?"),
		remove: database.prepare("DELETE FROM records WHERE record = ?"),
		record: database.prepare("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)"),
		findPackage: database.prepare("SELECT package FROM packages WHERE ecosystem = ? AND name = ?"),
		package: database.prepare("INSERT INTO packages (ecosystem, name) VALUES (?, ?)"),
		affected: database.prepare("INSERT INTO affected VALUES (?, ?, ?, ?)"),
		vector: database.prepare("INSERT INTO vectors VALUES (?, ?, ?, ?, ?)"),
		feed: database.prepare("INSERT OR REPLACE INTO feeds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"),
		vulnerability: database.prepare("INSERT OR REPLACE INTO vulnerabilities VALUES (?, ?, ?, ?)"),
		product: database.prepare("INSERT OR IGNORE INTO products VALUES (?, ?, ?, ?)"),
		named: database.prepare("INSERT OR IGNORE INTO temp.named VALUES (?)"),
		meta: database.prepare("INSERT INTO meta VALUES (?, ?)"),
	} satisfies Record<string, StatementSync>;
}

/** Compares instants, not texts: feeds write different numbers of decimals. */
function isLater(date: string, than: string): boolean {
	return Date.parse(date) > Date.parse(than);
}

function insertAffected(
	insert: Statements,
	record: number,
	affected: readonly Affected[],
	keyOf: NameKey,
	from = 0,
): number {
	for (const [position, one] of affected.entries()) {
		const name = keyOf(one.ecosystem, one.name);
		const found = insert.findPackage.get(one.ecosystem, name) as { package: number } | undefined;
		const id = found?.package ?? insert.package.run(one.ecosystem, name).lastInsertRowid;
		insert.affected.run(id, record, from + position, encodeAffected(one));
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
