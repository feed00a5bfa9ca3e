/** Package versions and what the advisories say of them, each judged once a snapshot. */
import { type Kysely, sql } from "kysely";
import { type AdvisoryStore, type Identified, type Judgement, type MatchSubject } from "#engine";
import { purlOf } from "#model";
import type { OpenedAdvisories } from "../advisories/current.ts";
import type { Database } from "../schema.ts";
import { type Counters, countersOf, type MatchRow, matchRows } from "./match-rows.ts";
import { indexable, storable, storableJson } from "./storable.ts";
import { keepVulnerabilities } from "./vulnerabilities.ts";

/** What an image's numbers are summed from. */
export interface KnownPackageVersion extends Counters {
	readonly id: number;
	readonly gap: boolean;
}

/** A judged package version, as it is written. */
export interface JudgedRow extends Counters {
	readonly leftover: string | null;
	readonly gap: boolean;
	readonly matches: readonly MatchRow[];
	readonly names: Judgement["names"];
}

export function judgedRow(judgement: Judgement, store: AdvisoryStore): JudgedRow {
	const matches = matchRows(judgement.matches, store);
	const names = judgement.names.map(({ ecosystem, name }) => ({ ecosystem, name: indexable(name) }));
	return { ...countersOf(matches), leftover: judgement.leftover, gap: judgement.isGap, matches, names };
}

/**
 * The rows of these package versions, in their order. Those that nobody knows yet are judged and written; in the order of
 * their keys, so that two images with the same new packages do not lock each other out.
 */
export async function packageVersions(
	tx: Kysely<Database>,
	identified: readonly Identified[],
	advisories: OpenedAdvisories,
): Promise<readonly KnownPackageVersion[]> {
	const distinct = new Map(identified.map((one) => [one.key.toString("hex"), one]));
	const known = await find(tx, [...distinct.values()]);
	const missing = [...distinct].filter(([hex]) => !known.has(hex)).sort(([a], [b]) => (a < b ? -1 : 1));
	if (missing.length > 0) {
		await add(
			tx,
			missing.map(([, one]) => one),
			advisories,
		);
		for (const [hex, row] of await find(
			tx,
			missing.map(([, one]) => one),
		))
			known.set(hex, row);
	}
	return identified.map(({ key }) => {
		const row = known.get(key.toString("hex"));
		if (!row) throw new Error("A package version that was just written is not there.");
		return row;
	});
}

async function find(
	tx: Kysely<Database>,
	identified: readonly Identified[],
): Promise<Map<string, KnownPackageVersion>> {
	const keys = identified.map(({ key }) => key);
	const { rows } = await sql<KnownPackageVersion & { hex: string }>`
		SELECT encode(key, 'hex') AS hex, id, gap, critical, high, medium, low, negligible, unknown, fixable
		FROM package_versions WHERE key = ANY(${keys}::bytea[])
	`.execute(tx);
	return new Map(rows.map(({ hex, ...row }) => [hex, row]));
}

async function add(tx: Kysely<Database>, fresh: readonly Identified[], advisories: OpenedAdvisories): Promise<void> {
	const judged = new Map<string, JudgedRow>();
	const rows = fresh.map(({ subject, key }) => {
		const hex = key.toString("hex");
		const row = judgedRow(advisories.judge(subject), advisories.store);
		judged.set(hex, row);
		const { matches: _matches, names: _names, ...columns } = row;
		return { hex, ...columnsOf(subject), ...columns };
	});
	const inserted = await sql<{ id: number; hex: string }>`
		INSERT INTO package_versions (key, type, name, version, purl, subject, snapshot_id, critical, high, medium, low,
			negligible, unknown, fixable, leftover, gap)
		SELECT decode(hex, 'hex'), type, name, version, purl, subject,
			CASE WHEN leftover IS NULL THEN ${advisories.id}::bigint END, critical, high, medium, low,
			negligible, unknown, fixable, leftover, gap
		FROM jsonb_to_recordset(${storableJson(rows)}::jsonb) AS fresh (hex text, type text, name text, version text, purl text,
			subject jsonb, critical int, high int, medium int, low int, negligible int, unknown int, fixable int, leftover text,
			gap boolean)
		ORDER BY hex ON CONFLICT (key) DO NOTHING
		RETURNING id, encode(key, 'hex') AS hex
	`.execute(tx);
	// Whoever wrote the others has written what belongs to them, too.
	const ours = inserted.rows.flatMap(({ id, hex }) => {
		const row = judged.get(hex);
		return row ? [{ id, row }] : [];
	});
	await addNames(tx, ours);
	const all = ours.flatMap(({ row }) => row.matches);
	const ids = await keepVulnerabilities(tx, all, advisories.store);
	await addMatches(tx, ours, ids);
}

function columnsOf(subject: MatchSubject) {
	const { type, name, version } = subject;
	return {
		type: storable(type),
		name: indexable(name),
		version: indexable(version),
		purl: storable(purlOf(subject, subject.os ?? null)),
		subject,
	};
}

interface Written {
	readonly id: number;
	readonly row: Pick<JudgedRow, "names" | "matches">;
}

async function addNames(tx: Kysely<Database>, written: readonly Written[]): Promise<void> {
	const names = written.flatMap(({ id, row }) => row.names.map((one) => ({ id, ...one })));
	if (names.length === 0) return;
	await sql`
		INSERT INTO package_lookups (ecosystem, name, package_id)
		SELECT * FROM unnest(${names.map((one) => one.ecosystem)}::text[], ${names.map((one) => one.name)}::text[],
			${names.map((one) => one.id)}::int[])
		ON CONFLICT DO NOTHING
	`.execute(tx);
}

/** Matches are a great part of all writing: a page of them at a time. */
const matchesAtOnce = 5_000;

async function addMatches(
	tx: Kysely<Database>,
	written: readonly Written[],
	vulnerabilities: ReadonlyMap<string, number>,
): Promise<void> {
	const matches = written.flatMap(({ id, row }) =>
		row.matches.map(({ key, fixedVersion, severitySource, ...match }) => ({
			...match,
			package: id,
			vulnerability: vulnerabilities.get(key),
			fixed: fixedVersion,
			source: severitySource,
		})),
	);
	for (let from = 0; from < matches.length; from += matchesAtOnce)
		await sql`
			INSERT INTO package_matches (package_id, vulnerability_id, severity, fixed_version, state, severity_source, body)
			SELECT package, vulnerability, severity, fixed, state, source, body
			FROM jsonb_to_recordset(${storableJson(matches.slice(from, from + matchesAtOnce))}::jsonb) AS match (package int,
				vulnerability int, severity smallint, fixed text, state text, source text, body jsonb)
			ON CONFLICT (package_id, vulnerability_id) DO UPDATE SET severity = excluded.severity,
				fixed_version = excluded.fixed_version, state = excluded.state, severity_source = excluded.severity_source,
				body = excluded.body
		`.execute(tx);
}
