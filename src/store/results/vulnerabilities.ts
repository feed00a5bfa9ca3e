/** Rows of vulnerabilities: one for each that some package version has, with the worst that is said of it. */
import { type Kysely, sql } from "kysely";
import type { AdvisoryStore } from "#engine";
import type { Database } from "../schema.ts";
import { factsOf, type MatchRow } from "./match-rows.ts";
import { storable, storableJson } from "./storable.ts";

interface Named {
	readonly id: number;
	readonly key: string;
}

interface Wanted {
	readonly id: string;
	severity: number;
	readonly aliases: Set<string>;
	/** What an advisory calls it, for those of which nothing else is known. */
	title: string | null;
	published: string | null;
}

interface Known extends Named {
	readonly severity: number;
	readonly aliases: readonly string[];
}

/**
 * Sees to it that each vulnerability of these matches has its row, as bad and with as many names as they say. Rows are
 * written in the order of their keys. Returns their ids by key.
 */
export async function keepVulnerabilities(
	tx: Kysely<Database>,
	rows: readonly MatchRow[],
	store: AdvisoryStore,
): Promise<ReadonlyMap<string, number>> {
	const wanted = wantedBy(rows);
	const keys = [...wanted.keys()].sort();
	if (keys.length === 0) return new Map();
	const known = await find(tx, keys);
	const missing = keys.filter((key) => !known.has(key));
	await insert(tx, missing, wanted, store);
	// What somebody else wrote in between is there now.
	for (const [key, row] of await find(tx, missing)) known.set(key, row);
	const grown = keys.filter((key) => {
		const [is, asked] = [known.get(key), wanted.get(key)];
		return (
			is && asked && (asked.severity < is.severity || [...asked.aliases].some((alias) => !is.aliases.includes(alias)))
		);
	});
	await grow(tx, grown, wanted, store);
	return new Map([...known].map(([key, { id }]) => [key, id]));
}

function wantedBy(rows: readonly MatchRow[]): Map<string, Wanted> {
	const wanted = new Map<string, Wanted>();
	for (const { key, severity, body } of rows) {
		const aliases = body.aliases.map(storable);
		const { title = null, published = null } = body;
		const known = wanted.get(key);
		if (known) {
			known.severity = Math.min(known.severity, severity);
			for (const alias of aliases) known.aliases.add(alias);
			known.title = first(known.title, title);
			known.published = first(known.published, published);
		} else wanted.set(key, { id: body.id ?? key, severity, aliases: new Set(aliases), title, published });
	}
	return wanted;
}

/** The same whoever comes first. */
function first(a: string | null, b: string | null): string | null {
	return a === null || (b !== null && b < a) ? b : a;
}

async function find(tx: Kysely<Database>, keys: readonly string[]): Promise<Map<string, Known>> {
	if (keys.length === 0) return new Map();
	const { rows } = await sql<Known>`
		SELECT id, key, severity, aliases FROM vulnerabilities WHERE key = ANY(${keys}::text[])
	`.execute(tx);
	return new Map(rows.map((row) => [row.key, row]));
}

const shape = sql`AS said (key text, severity smallint, aliases text[], title text, description text, cwes text[],
	published text, kev jsonb, epss real, epss_percentile real, refs text[])`;

/** Facts are what the snapshot knows; a title or date of an advisory stands in. */
function said(key: string, { id, severity, aliases, ...advisory }: Wanted, store: AdvisoryStore) {
	const sorted = [...aliases].sort();
	const { epssPercentile, references, ...facts } = factsOf(id, sorted, store);
	return {
		...facts,
		key,
		severity,
		aliases: sorted,
		title: facts.title ?? advisory.title,
		published: facts.published ?? advisory.published,
		epss_percentile: epssPercentile,
		refs: references,
	};
}

async function insert(
	tx: Kysely<Database>,
	keys: readonly string[],
	wanted: ReadonlyMap<string, Wanted>,
	store: AdvisoryStore,
): Promise<void> {
	if (keys.length === 0) return;
	const rows = keys.flatMap((key) => {
		const asked = wanted.get(key);
		return asked ? [said(key, asked, store)] : [];
	});
	await sql`
		INSERT INTO vulnerabilities (key, severity, aliases, title, description, cwes, published, kev, epss, epss_percentile, refs)
		SELECT key, severity, aliases, title, description, cwes, published, nullif(kev, 'null'), epss, epss_percentile, refs
		FROM jsonb_to_recordset(${storableJson(rows)}::jsonb) ${shape}
		ORDER BY key ON CONFLICT (key) DO NOTHING
	`.execute(tx);
}

/** Adds to rows what is new of them: a worse severity, another name, and what is known under that name. */
async function grow(
	tx: Kysely<Database>,
	keys: readonly string[],
	wanted: ReadonlyMap<string, Wanted>,
	store: AdvisoryStore,
): Promise<void> {
	if (keys.length === 0) return;
	const { rows } = await sql<Known & { title: string | null; published: string | null }>`
		SELECT id, key, severity, aliases, title, published FROM vulnerabilities
		WHERE key = ANY(${keys}::text[]) ORDER BY key FOR NO KEY UPDATE
	`.execute(tx);
	const grown = rows.flatMap((is) => {
		const asked = wanted.get(is.key);
		if (!asked) return [];
		const aliases = new Set([...asked.aliases, ...is.aliases]);
		const severity = Math.min(asked.severity, is.severity);
		const [title, published] = [first(is.title, asked.title), first(is.published, asked.published)];
		return [said(is.key, { ...asked, severity, aliases, title, published }, store)];
	});
	await sql`
		UPDATE vulnerabilities SET severity = said.severity, aliases = said.aliases, title = said.title,
			description = said.description, cwes = said.cwes, published = said.published, kev = nullif(said.kev, 'null'),
			epss = said.epss, epss_percentile = said.epss_percentile, refs = said.refs
		FROM jsonb_to_recordset(${storableJson(grown)}::jsonb) ${shape}
		WHERE vulnerabilities.key = said.key
	`.execute(tx);
}

/**
 * Writes rows anew from their matches and the snapshot, and drops those that no package version has any more. For whoever
 * holds the evaluation alone.
 */
export async function renewVulnerabilities(
	tx: Kysely<Database>,
	ids: readonly number[],
	store: AdvisoryStore,
): Promise<{ readonly gone: number }> {
	let gone = 0;
	for (let from = 0; from < ids.length; from += rowsAtOnce)
		gone += await renew(tx, ids.slice(from, from + rowsAtOnce), store);
	return { gone };
}

const rowsAtOnce = 2_000;

async function renew(tx: Kysely<Database>, ids: readonly number[], store: AdvisoryStore): Promise<number> {
	const deleted = await sql<Named>`
		DELETE FROM vulnerabilities v WHERE id = ANY(${ids}::int[])
			AND NOT EXISTS (SELECT 1 FROM package_matches m WHERE m.vulnerability_id = v.id)
		RETURNING id, key
	`.execute(tx);
	const { rows } = await sql<
		Named & {
			full: string | null;
			severity: number;
			aliases: string[] | null;
			title: string | null;
			published: string | null;
		}
	>`
		SELECT v.id, v.key, min(m.body->>'id') AS full, min(m.severity)::int AS severity, min(m.body->>'title') AS title,
			min(m.body->>'published') AS published,
			(SELECT array_agg(DISTINCT alias) FROM package_matches other, jsonb_array_elements_text(other.body->'aliases') alias
				WHERE other.vulnerability_id = v.id) AS aliases
		FROM vulnerabilities v JOIN package_matches m ON m.vulnerability_id = v.id
		WHERE v.id = ANY(${ids}::int[]) GROUP BY v.id
	`.execute(tx);
	const renewed = rows.map(({ key, full, severity, aliases, title, published }) =>
		said(key, { id: full ?? key, severity, aliases: new Set(aliases), title, published }, store),
	);
	if (renewed.length > 0)
		await sql`
			UPDATE vulnerabilities v SET severity = said.severity, aliases = said.aliases, title = said.title,
				description = said.description, cwes = said.cwes, published = said.published, kev = nullif(said.kev, 'null'),
				epss = said.epss, epss_percentile = said.epss_percentile, refs = said.refs
			FROM jsonb_to_recordset(${storableJson(renewed)}::jsonb) ${shape}
			WHERE v.key = said.key AND (v.severity, v.aliases, v.title, v.description, v.cwes, v.published, v.kev, v.epss,
				v.epss_percentile, v.refs) IS DISTINCT FROM (said.severity, said.aliases, said.title, said.description, said.cwes,
				said.published, nullif(said.kev, 'null'), said.epss, said.epss_percentile, said.refs)
		`.execute(tx);
	return deleted.rows.length;
}
