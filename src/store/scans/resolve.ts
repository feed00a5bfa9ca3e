/** What a target of scans names: artifacts, as far as whoever asks may scan them. */
import { type RawBuilder, sql } from "kysely";
import type { Id, ScanTarget } from "#contract";
import { forbidden, mayAs, notFound, type ScanAsk, type Sight, sees, seesAll } from "#server";
import type { Db } from "../database.ts";

const editor = "the role of editor in its workspace";

/** Conditions on `artifacts a`, joined with `repositories r`. @throws ServerError not_found, forbidden */
export async function conditionOf(db: Db, ask: ScanAsk): Promise<RawBuilder<boolean>> {
	const { target, sight = seesAll } = ask;
	if ("artifactIds" in target) return all([sql<boolean>`a.id = ANY(${target.artifactIds}::bigint[])`, editable(sight)]);
	if ("query" in target) return all([...queryOf(target.query), editable(sight)]);
	if ("artifact" in target) {
		await check(db, sight, "artifact", sql`SELECT space_id FROM artifacts WHERE id = ${target.artifact}`);
		return sql<boolean>`a.id = ${target.artifact}`;
	}
	if ("repository" in target) return ofRepository(db, target, sight);
	if ("space" in target) {
		await check(db, sight, "space", sql`SELECT id AS space_id FROM spaces WHERE id = ${target.space}`);
		return sql<boolean>`a.space_id = ${target.space} AND a.top`;
	}
	await checkRegistry(db, sight, target.registry);
	return all([sql<boolean>`a.registry_id = ${target.registry} AND a.top`, editable(sight)]);
}

async function ofRepository(
	db: Db,
	target: Extract<ScanTarget, { repository: Id }>,
	sight: Sight,
): Promise<RawBuilder<boolean>> {
	await check(db, sight, "repository", sql`SELECT space_id FROM repositories WHERE id = ${target.repository}`);
	if (!("tag" in target)) return sql<boolean>`a.repository_id = ${target.repository} AND a.top`;
	const { rows } = await sql<{ id: Id }>`
		SELECT artifact_id AS id FROM tags WHERE repository_id = ${target.repository} AND name = ${target.tag}
	`.execute(db);
	if (!rows[0]) throw notFound("tag");
	return sql<boolean>`a.id = ${rows[0].id}`;
}

async function check(db: Db, sight: Sight, what: string, query: ReturnType<typeof sql>): Promise<void> {
	const { rows } = await (query as ReturnType<typeof sql<{ space_id: Id }>>).execute(db);
	const space = rows[0]?.space_id;
	if (space === undefined || !sees(sight, space)) throw notFound(what);
	if (!mayAs(sight, space, "editor")) throw forbidden(`scan this ${what}`, editor);
}

/** A registry is seen by whoever sees a space of it. */
async function checkRegistry(db: Db, sight: Sight, id: Id): Promise<void> {
	const { rows } = await sql<{ id: Id | null }>`
		SELECT s.id FROM registries r LEFT JOIN spaces s ON s.registry_id = r.id WHERE r.id = ${id}
	`.execute(db);
	if (rows.length === 0) throw notFound("registry");
	if (sight.all) return;
	const seen = rows.flatMap((row) => (row.id !== null && sees(sight, row.id) ? [row.id] : []));
	if (seen.length === 0) throw notFound("registry");
	if (!seen.some((space) => mayAs(sight, space, "editor"))) throw forbidden("scan this registry", editor);
}

function editable(sight: Sight): RawBuilder<boolean> {
	if (sight.all) return sql<boolean>`true`;
	const spaces = [...sight.spaces.keys()].filter((space) => mayAs(sight, space, "editor"));
	return sql<boolean>`a.space_id = ANY(${spaces}::bigint[])`;
}

/** As the list of artifacts has it. With a package or a vulnerability it names the very images that have it. */
function queryOf(query: Extract<ScanTarget, { query: object }>["query"]): readonly RawBuilder<boolean>[] {
	const { registry, space, state, q, package: name, vulnerability } = query;
	const conditions: RawBuilder<boolean>[] = [];
	if (name === undefined && vulnerability === undefined) conditions.push(sql<boolean>`a.top`);
	if (registry !== undefined) conditions.push(sql<boolean>`a.registry_id = ${registry}`);
	if (space !== undefined) conditions.push(sql<boolean>`a.space_id = ${space}`);
	if (state !== undefined) conditions.push(sql<boolean>`a.state = ${state}`);
	if (q !== undefined && q !== "") {
		const pattern = `%${q.replace(/[\\%_]/g, "\\$&")}%`;
		conditions.push(sql<boolean>`(r.name ILIKE ${pattern}
			OR EXISTS (SELECT 1 FROM tags t WHERE t.artifact_id = a.id AND t.name ILIKE ${pattern}))`);
	}
	if (name !== undefined) conditions.push(holding(sql`SELECT id FROM package_versions WHERE name = ${name}`));
	if (vulnerability !== undefined) {
		conditions.push(
			holding(sql`SELECT m.package_id FROM package_matches m JOIN vulnerabilities v ON v.id = m.vulnerability_id
				WHERE v.key = ${vulnerability} OR v.aliases @> ARRAY[${vulnerability}]`),
		);
	}
	return conditions;
}

function holding(packages: ReturnType<typeof sql>): RawBuilder<boolean> {
	return sql<boolean>`a.inventory_id IN (SELECT i.id FROM inventories i WHERE i.package_ids && ARRAY(${packages}))`;
}

function all(conditions: readonly RawBuilder<boolean>[]): RawBuilder<boolean> {
	return conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`${sql.join(conditions, sql` AND `)}`;
}
