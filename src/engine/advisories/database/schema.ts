/**
 * The tables of an advisory database, one immutable SQLite file a snapshot.
 * `application_id` and `user_version` in the file's header say what it is; another version is refused, never migrated:
 * a database is rebuilt from its sources. https://www.sqlite.org/fileformat2.html
 */

/** "Plim" in ASCII. */
export const applicationId = 0x506c696d;

/** Raised with every change of a table or of the compact JSON in `body` (rows.ts). */
export const schemaVersion = 2;

/**
 * - meta: `builtAt`, `kind`, `source`; `taken` (../osv-changes.ts) when all OSV records were read under the same choice.
 * - feeds: one file or folder of a feed each, with what it held; `newest` is the youngest `modified`. `failure` tells why
 *   the last update could not read it: its rows are then those of `fetched_at`.
 * - ecosystems: what the advisories cover, release included; records that are withdrawn do not count.
 * - records: one a feed and id, with the part of the feed that it was read from. Withdrawn ones keep only their dates.
 * - packages and affected: look-up by ecosystem and name.
 * - vectors: CVSS vectors by every identifier that they hold for.
 * - vulnerabilities: what each feed knows of a vulnerability itself, for those that some record names.
 * - products: CPEs of the products that a Red Hat content set stands for.
 */
export const tables = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE feeds (
	feed TEXT NOT NULL, part TEXT NOT NULL, url TEXT NOT NULL, fetched_at TEXT NOT NULL, records INTEGER NOT NULL,
	withdrawn INTEGER NOT NULL, malformed INTEGER NOT NULL, newest TEXT NOT NULL, failure TEXT,
	PRIMARY KEY (feed, part)
) WITHOUT ROWID;
CREATE TABLE ecosystems (ecosystem TEXT PRIMARY KEY, records INTEGER NOT NULL, newest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE records (
	record INTEGER PRIMARY KEY, feed TEXT NOT NULL, id TEXT NOT NULL, part TEXT NOT NULL, modified TEXT NOT NULL,
	withdrawn TEXT, body TEXT NOT NULL, UNIQUE (feed, id)
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
CREATE TABLE vulnerabilities (
	id TEXT NOT NULL, feed TEXT NOT NULL, part TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (id, feed)
) WITHOUT ROWID;
CREATE TABLE products (
	content_set TEXT NOT NULL, cpe TEXT NOT NULL, feed TEXT NOT NULL, part TEXT NOT NULL, PRIMARY KEY (content_set, cpe)
) WITHOUT ROWID;
`;
