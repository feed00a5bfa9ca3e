/**
 * Reads a snapshot. The file never changes, so it is opened read-only, and its content was hashed when it was
 * published: opening checks the header only (`verifySnapshot` reads all of it).
 */
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { AdvisorySource, Digest, SeverityVector } from "#model";
import { EngineError } from "../../errors.ts";
import type { AdvisoryMatch, AdvisoryStore, SourcedVector } from "../../ports.ts";
import { remembered } from "./remembered.ts";
import { decodeAdvisory, decodeAffected } from "./rows.ts";
import { applicationId, schemaVersion } from "./schema.ts";
import { withCurrentSnapshot } from "./snapshots.ts";
import { decodeVulnerability } from "./vulnerability-rows.ts";
import type { DatabaseMeta, Feed } from "./writer.ts";

/**
 * Opens the current snapshot of the database in `dir`. A later update does not disturb it.
 * Throws `advisories_missing` when there is none, `advisories_malformed` when it is not one of this version.
 */
export function openAdvisories(dir: string): AdvisoryStore {
	return withCurrentSnapshot(dir, ({ digest, path }) => {
		const database = openFile(path);
		return guarded(path, database, () => storeOf(digest, path, database));
	});
}

/** Opens one snapshot by its file, current or not. Throws `advisories_malformed`. */
export function openSnapshot(path: string, digest: Digest): AdvisoryStore {
	const database = openFile(path);
	return guarded(path, database, () => storeOf(digest, path, database));
}

/** Opens a database file read-only and checks what it is. Throws `advisories_malformed`. */
export function openFile(path: string): DatabaseSync {
	const url = pathToFileURL(path);
	// No journal is looked for and no lock is taken, which also lets the file lie on read-only media.
	url.searchParams.set("immutable", "1");
	let database: DatabaseSync;
	try {
		database = new DatabaseSync(url, { readOnly: true });
	} catch (error) {
		throw damaged(path, error);
	}
	return guarded(path, database, () => {
		database.exec("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;");
		const application = database.prepare("PRAGMA application_id").get()?.["application_id"];
		if (application !== applicationId) throw malformed(path, "it is not a Plimsoll advisory database");
		const version = database.prepare("PRAGMA user_version").get()?.["user_version"];
		if (version !== schemaVersion)
			throw malformed(
				path,
				`its schema is version ${String(version)}, and this Plimsoll reads version ${schemaVersion}`,
			);
		return database;
	});
}

/** Runs `read`; what SQLite or the JSON in a row throws means that the file is damaged. The database is then closed. */
function guarded<T>(path: string, database: DatabaseSync, read: () => T): T {
	try {
		return read();
	} catch (error) {
		if (database.isOpen) database.close();
		throw error instanceof EngineError ? error : damaged(path, error);
	}
}

function damaged(path: string, cause: unknown): EngineError {
	return malformed(path, `it is damaged (${cause instanceof Error ? cause.message : String(cause)})`, cause);
}

function malformed(path: string, why: string, cause?: unknown): EngineError {
	return new EngineError(
		"advisories_malformed",
		`The advisory database ${path} cannot be used: ${why}.`,
		"Run `plimsoll db update` to build it anew.",
		cause,
	);
}

/** What was written with the records. */
export function readMeta(database: DatabaseSync): DatabaseMeta {
	const rows = database.prepare("SELECT key, value FROM meta").all() as unknown as { key: string; value: string }[];
	const meta = new Map(rows.map(({ key, value }) => [key, value]));
	const kind = meta.get("kind");
	const builtAt = meta.get("builtAt") ?? "";
	if ((kind !== "full" && kind !== "starter") || Number.isNaN(Date.parse(builtAt)))
		throw new Error("its table of facts is incomplete");
	const taken = meta.get("taken");
	return { builtAt, kind, source: meta.get("source") ?? "", ...(taken === undefined ? {} : { taken }) };
}

/** What the advisories cover, release included, ordered by name. */
export function readEcosystems(database: DatabaseSync): readonly AdvisorySource[] {
	const rows = database.prepare("SELECT ecosystem, records, newest FROM ecosystems ORDER BY ecosystem").all();
	return rows.map((row) => ({ ...(row as unknown as AdvisorySource) }));
}

/** The files that the records came from, ordered by feed and part. */
export function readFeeds(database: DatabaseSync): readonly Feed[] {
	const columns = "feed, part, url, fetched_at AS fetchedAt, records, withdrawn, malformed, newest, failure";
	const rows = database.prepare(`SELECT ${columns} FROM feeds ORDER BY feed, part`).all();
	return rows.map((row) => {
		const { failure, ...feed } = row as unknown as Feed & { readonly failure: string | null };
		return failure === null ? feed : { ...feed, failure };
	});
}

/** Those of a feed's ids that the database has no record of, withdrawn ones included, or one for which `isSame` is false. */
export function readChanged(
	database: DatabaseSync,
	feed: string,
	listed: ReadonlyMap<string, string>,
	isSame: (known: string, listed: string) => boolean,
): readonly string[] {
	const find = database.prepare("SELECT modified FROM records WHERE feed = ? AND id = ?");
	const changed: string[] = [];
	for (const [id, modified] of listed) {
		const known = find.get(feed, id)?.["modified"];
		if (typeof known !== "string" || !isSame(known, modified)) changed.push(id);
	}
	return changed;
}

export interface DatabaseTotals {
	/** Different identifiers; withdrawn ones included. */
	readonly records: number;
	readonly withdrawn: number;
	/** Packages, release by release. */
	readonly packages: number;
	/** Statements of a record on a package. */
	readonly affected: number;
	/** Identifiers that some record gives a CVSS vector for. */
	readonly scored: number;
}

/** Counts over the whole database; takes some tens of milliseconds. */
export function readTotals(database: DatabaseSync): DatabaseTotals {
	const row = database.prepare(`
		SELECT (SELECT count(*) FROM records) AS records,
			(SELECT count(*) FROM records WHERE withdrawn IS NOT NULL) AS withdrawn,
			(SELECT count(*) FROM packages) AS packages,
			(SELECT count(*) FROM affected) AS affected,
			(SELECT count(DISTINCT identifier) FROM vectors) AS scored
	`);
	return { ...(row.get() as unknown as DatabaseTotals) };
}

/** Opens a database file for one reading. Throws `advisories_malformed`. */
export function inDatabase<T>(path: string, read: (database: DatabaseSync) => T): T {
	const database = openFile(path);
	const result = guarded(path, database, () => read(database));
	database.close();
	return result;
}

interface RecordRow {
	readonly feed: string;
	readonly id: string;
	readonly modified: string;
	readonly body: string;
}

interface AffectedRow {
	readonly record: number;
	readonly body: string;
}

interface VectorRow {
	readonly source: string;
	readonly type: SeverityVector["type"];
	readonly vector: string;
}

/** Some 20 MB at most: one image needs a tenth of it. */
const rememberedRows = 20_000;

function storeOf(digest: string, path: string, database: DatabaseSync): AdvisoryStore {
	const { builtAt, kind } = readMeta(database);
	const affected = database.prepare(`
		SELECT record, affected.body AS body
		FROM packages JOIN affected USING (package) JOIN records USING (record)
		WHERE ecosystem = ? AND name = ? ORDER BY records.id, feed, position
	`);
	const records = database.prepare("SELECT feed, id, modified, body FROM records WHERE record = ?");
	const vectors = database.prepare(`
		SELECT records.id AS source, type, vector FROM vectors JOIN records USING (record)
		WHERE identifier = ? ORDER BY records.id, position
	`);
	const facts = database.prepare("SELECT body FROM vulnerabilities WHERE id = ? ORDER BY feed");
	const cpes = database.prepare("SELECT cpe FROM products WHERE content_set = ? ORDER BY cpe");
	const read = <T>(rows: () => T): T => {
		if (!database.isOpen) throw new Error("The advisory store is closed.");
		try {
			return rows();
		} catch (error) {
			throw damaged(path, error);
		}
	};
	/** One record is asked for by many packages, and one vulnerability by many records. */
	const recordOf = remembered(rememberedRows, (record: number) => {
		const { feed, id, modified, body } = records.get(record) as unknown as RecordRow;
		return { feed, advisory: decodeAdvisory(id, modified, body) };
	});
	/** Images share most of their packages, and packages their sources. The key is the ecosystem, `\0` and the name. */
	const matchesOf = remembered(
		rememberedRows,
		(key: string): readonly AdvisoryMatch[] => {
			const end = key.indexOf("\0");
			const [ecosystem, name] = [key.slice(0, end), key.slice(end + 1)];
			return (affected.all(ecosystem, name) as unknown as AffectedRow[]).map(({ record, body }) => {
				const { feed, advisory } = recordOf(record);
				return { feed, advisory, affected: decodeAffected(ecosystem, name, body) };
			});
		},
		(rows) => 1 + rows.length,
	);
	const vulnerabilityOf = remembered(rememberedRows, (id: string) =>
		decodeVulnerability(
			id,
			(facts.all(id) as unknown as { body: string }[]).map((row) => row.body),
		),
	);
	const vectorsOf = remembered(rememberedRows, (id: string) => vectors.all(id) as unknown as VectorRow[]);
	return {
		snapshot: { digest, builtAt, sources: readEcosystems(database), database: databaseOf(database) },
		kind,
		lookup: (ecosystem, name) => read(() => matchesOf(`${ecosystem}\0${name}`)),
		vulnerability: (id) => read(() => vulnerabilityOf(id)),
		products: (contentSets) =>
			read(() => [...new Set(contentSets.flatMap((set) => cpes.all(set).map((row) => String(row["cpe"]))))]),
		severities: (ids) => read(() => distinctBySource(ids.flatMap(vectorsOf))),
		close: () => {
			if (database.isOpen) database.close();
		},
	};
}

/** An imported trivy-db is the only feed of its snapshot. */
function databaseOf(database: DatabaseSync): "own" | "trivy-db" {
	const feeds = readFeeds(database);
	return feeds.length > 0 && feeds.every(({ feed }) => feed === "trivy-db") ? "trivy-db" : "own";
}

/** One record may answer to several of the identifiers. */
function distinctBySource(rows: readonly VectorRow[]): readonly SourcedVector[] {
	const distinct = new Map(
		rows.map(({ source, type, vector }) => [`${source} ${type} ${vector}`, { source, type, vector }]),
	);
	return [...distinct.values()].sort((a, b) => (a.source < b.source ? -1 : a.source > b.source ? 1 : 0));
}
