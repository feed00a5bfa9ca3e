/**
 * The tables of an advisory database, one immutable SQLite file a snapshot.
 * `application_id` and `user_version` in the file's header say what it is; another version is refused, never migrated:
 * a database is rebuilt from its sources. https://www.sqlite.org/fileformat2.html
 */

/** "Plim" in ASCII. */
export const applicationId = 0x506c696d;

/** Raised with every change of a table or of the compact JSON in `body` (rows.ts). */
export const schemaVersion = 1;

/**
 * - meta: `builtAt`, `kind`, `source`.
 * - feeds: one `all.zip` each, with what it held; `newest` is the youngest `modified`.
 * - ecosystems: what the advisories cover, release included; records that are withdrawn do not count.
 * - records: one a id. Withdrawn ones keep only their dates.
 * - packages and affected: look-up by ecosystem and name.
 * - vectors: CVSS vectors by every identifier that they hold for.
 */
export const tables = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE feeds (
	ecosystem TEXT PRIMARY KEY, url TEXT NOT NULL, fetched_at TEXT NOT NULL, records INTEGER NOT NULL,
	withdrawn INTEGER NOT NULL, malformed INTEGER NOT NULL, newest TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE ecosystems (ecosystem TEXT PRIMARY KEY, records INTEGER NOT NULL, newest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE records (
	record INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, modified TEXT NOT NULL, withdrawn TEXT, body TEXT NOT NULL
);
CREATE TABLE packages (
	package INTEGER PRIMARY KEY, ecosystem TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (ecosystem, name)
);
CREATE TABLE affected (
	package INTEGER NOT NULL, record INTEGER NOT NULL, position INTEGER NOT NULL, body TEXT NOT NULL,
	PRIMARY KEY (package, record, position)
) WITHOUT ROWID;
CREATE TABLE vectors (
	identifier TEXT NOT NULL, record INTEGER NOT NULL, position INTEGER NOT NULL, type TEXT NOT NULL, vector TEXT NOT NULL,
	PRIMARY KEY (identifier, record, position)
) WITHOUT ROWID;
`;
