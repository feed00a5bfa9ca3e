/** Findings of an image or index: the join of what it holds and what the advisories say. */
import { type RawBuilder, sql } from "kysely";
import type { FindingQuery, Id, ListedFinding, PageOf } from "#contract";
import { severityRank } from "#model";
import type { Sight } from "#server";
import type { Db } from "../database.ts";
import { orderOf, type SortKey, type Sorts } from "../paging/keyset.ts";
import { pageOf } from "../paging/page.ts";
import { anywhere, searched } from "../paging/text.ts";
import { type MatchBody, severityOf } from "../results/match-rows.ts";
import { type Holder, held, holderOf } from "./held.ts";
import { placesIn } from "./places.ts";

const id: SortKey = { by: sql`f.id COLLATE "C"`, type: "text" };
const name: SortKey = { by: sql`f.name COLLATE "C"`, type: "text" };
const key: SortKey = { by: sql`f.key COLLATE "C"`, type: "text" };
const severity: SortKey = { by: sql`f.severity`, type: "int" };

/** Unknown probabilities come below all known ones. */
const sorts: Sorts = {
	severity: [severity, name, key, id],
	epss: [{ by: sql`coalesce(round(f.epss * 1000000), -1)::int`, type: "int" }, name, key, id],
	package: [name, { by: sql`f.version COLLATE "C"`, type: "text" }, severity, key, id],
	fixable: [{ by: sql`(f.fixed_version IS NOT NULL)::int`, type: "int" }, severity, name, key, id],
	firstSeen: [{ by: sql`f.first_seen_at`, type: "timestamptz" }, severity, name, key, id],
};

export async function listFindings(
	db: Db,
	artifactId: Id,
	query: FindingQuery,
	sight: Sight,
): Promise<PageOf<ListedFinding> | null> {
	const holder = await holderOf(db, artifactId, sight);
	if (!holder) return null;
	const order = orderOf(sorts, query.sort ?? "severity");
	const listing = { id: sql`f.id`, from: sql`${found(holder)} AS f`, sortFrom: sql``, where: filters(query), order };
	return await pageOf(db, query, listing, (ids) => readFindings(db, holder, ids));
}

function filters(query: FindingQuery): readonly RawBuilder<boolean>[] {
	const where: RawBuilder<boolean>[] = [];
	if (query.severity !== undefined) where.push(sql`f.severity = ${severityRank(query.severity)}`);
	if (query.fixable !== undefined) where.push(sql`(f.fixed_version IS NOT NULL) = ${query.fixable}`);
	if (query.kev !== undefined) where.push(sql`f.kev = ${query.kev}`);
	if (query.package !== undefined) where.push(sql`f.name = ${searched(query.package)}`);
	if (query.q) {
		const text = anywhere(query.q);
		where.push(sql`(f.key ILIKE ${text} OR f.name ILIKE ${text} OR f.title ILIKE ${text})`);
	}
	return where;
}

/**
 * Ids are `artifact.place.vulnerability`. In an index the first child that has a package version speaks for it, and a
 * vulnerability of one counts once, as in the union of its summary.
 */
function found(holder: Holder): RawBuilder<unknown> {
	const all = sql`
		SELECT h.artifact_id || '.' || h.place || '.' || m.vulnerability_id AS id, h.position, h.place, m.vulnerability_id,
			m.severity, m.fixed_version, m.first_seen_at, p.type, p.name, p.version, v.key, m.body->>'title' AS title, v.epss,
			v.kev IS NOT NULL AS kev
		FROM ${held(holder)} AS h JOIN package_matches m USING (package_id)
		JOIN package_versions p ON p.id = h.package_id JOIN vulnerabilities v ON v.id = m.vulnerability_id`;
	if (!holder.isIndex) return sql`(${all})`;
	return sql`(
		SELECT DISTINCT ON (type, name, version, vulnerability_id) * FROM (${all}) AS every
		ORDER BY type, name, version, vulnerability_id, position, severity, place)`;
}

interface FindingRow {
	readonly id: string;
	readonly artifact_id: Id;
	readonly place: number;
	readonly key: string;
	readonly severity: number;
	readonly severity_source: string | null;
	readonly kev: boolean;
	readonly epss: number | null;
	readonly refs: readonly string[];
	readonly name: string;
	readonly version: string;
	readonly type: string;
	readonly purl: string;
	readonly fixed_version: string | null;
	readonly state: string;
	readonly body: MatchBody;
	readonly first_seen_at: Date;
	readonly platforms: readonly string[] | null;
}

async function readFindings(
	db: Db,
	holder: Holder,
	ids: readonly string[],
): Promise<ReadonlyMap<string, ListedFinding>> {
	const parts = ids.map((one) => one.split("."));
	const column = (index: number) => parts.map((part) => part[index] ?? "");
	// Which children have it: any package version of that type, name and version.
	const platforms = holder.isIndex
		? sql`(SELECT array_agg(DISTINCT o.platform ORDER BY o.platform) FROM ${held(holder)} AS o
			JOIN package_versions other ON other.id = o.package_id JOIN package_matches om ON om.package_id = o.package_id
			WHERE other.type = p.type AND other.name = p.name AND other.version = p.version
				AND om.vulnerability_id = m.vulnerability_id AND o.platform IS NOT NULL)`
		: sql`NULL::text[]`;
	const { rows } = await sql<FindingRow>`
		SELECT asked.id, asked.artifact_id, asked.place, v.key, m.severity, m.severity_source, v.kev IS NOT NULL AS kev,
			v.epss, v.refs, p.name, p.version, p.type, p.purl, m.fixed_version, m.state, m.body, m.first_seen_at,
			${platforms} AS platforms
		FROM unnest(${ids}::text[], ${column(0)}::bigint[], ${column(1)}::int[], ${column(2)}::int[])
			AS asked (id, artifact_id, place, vulnerability_id)
		JOIN artifacts a ON a.id = asked.artifact_id JOIN inventories i ON i.id = a.inventory_id
		JOIN package_versions p ON p.id = i.package_ids[asked.place]
		JOIN package_matches m ON m.package_id = p.id AND m.vulnerability_id = asked.vulnerability_id
		JOIN vulnerabilities v ON v.id = m.vulnerability_id
	`.execute(db);
	const placeOf = await placesIn(
		db,
		rows.map((row) => row.artifact_id),
	);
	return new Map(
		rows.map((row) => {
			const where = placeOf(row.artifact_id, row.place);
			return [row.id, findingOf(row, where)];
		}),
	);
}

function findingOf(row: FindingRow, where: ReturnType<Awaited<ReturnType<typeof placesIn>>>): ListedFinding {
	const { key, severity_source: severitySource, kev, epss, name, version, type, purl, state, body } = row;
	return {
		id: body.id ?? key,
		aliases: [...body.aliases],
		severity: severityOf(row.severity),
		severitySource,
		title: body.title ?? null,
		kev,
		epss,
		package: { name, version, type, purl },
		fixedVersion: row.fixed_version,
		state,
		layer: where?.layer ?? null,
		paths: [...(where?.pkg.paths ?? [])],
		parents: [...(where?.pkg.parents ?? [])],
		platforms: [...(row.platforms ?? [])],
		cvss: body.cvss.map((one) => ({ type: `CVSS_V${one.version[0]}`, vector: one.vector, score: one.score })),
		references: [...new Set([...body.references, ...row.refs])],
		firstSeenAt: row.first_seen_at.toISOString(),
	};
}
