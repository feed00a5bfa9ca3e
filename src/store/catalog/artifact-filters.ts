/** Which artifacts a list is of. Columns of `artifacts` are behind the alias `a`. */
import { type RawBuilder, sql } from "kysely";
import type { ArtifactQuery } from "#contract";
import type { Sight } from "#server";
import type { Db } from "../database.ts";
import { searched } from "../paging/text.ts";
import { type ArtifactSet, holding, named, usualSmall } from "./artifact-sets.ts";
import { visible } from "./visible.ts";

/** Which of them, without what is only about the page. */
export type ArtifactFilter = Omit<ArtifactQuery, "limit" | "cursor" | "sort" | "total">;

/** Conditions on `a`, all of which must hold: for a page of the list, and for counting. */
export interface ArtifactConditions {
	readonly listed: readonly RawBuilder<boolean>[];
	readonly counted: readonly RawBuilder<boolean>[];
}

/** Null when no artifact can fulfil the query. Sets of up to `small` are read first (see `artifact-sets.ts`). */
export async function artifactFilter(
	db: Db,
	query: ArtifactFilter,
	sight: Sight,
	small: number = usualSmall,
): Promise<ArtifactConditions | null> {
	const [plain, sets] = [plainConditions(query, sight), await setsAsked(db, query, small)];
	if (sets === null) return null;
	return {
		listed: [...plain, ...sets.map(({ listed }) => listed)],
		counted: [...plain, ...sets.map(({ counted }) => counted)],
	};
}

function plainConditions(query: ArtifactFilter, sight: Sight): readonly RawBuilder<boolean>[] {
	const conditions: RawBuilder<boolean>[] = [];
	if (!sight.all) conditions.push(visible(sight, sql`a.space_id`));
	if (!query.children) conditions.push(sql`a.top`);
	if (query.registry !== undefined) conditions.push(sql`a.registry_id = ${query.registry}`);
	if (query.space !== undefined) conditions.push(sql`a.space_id = ${query.space}`);
	if (query.repository !== undefined) conditions.push(sql`a.repository_id = ${query.repository}`);
	if (query.workspace !== undefined)
		conditions.push(sql`a.space_id IN (SELECT space_id FROM workspace_spaces WHERE workspace_id = ${query.workspace})`);
	if (query.state !== undefined) conditions.push(sql`a.state = ${query.state}`);
	if (query.digest !== undefined) conditions.push(sql`a.digest = ${query.digest}`);
	if (query.severity === null) conditions.push(nothingFound);
	else if (query.severity !== undefined) conditions.push(sql`${sql.ref(`a.${query.severity}`)} > 0`);
	if (query.tag !== undefined)
		conditions.push(sql`a.id IN (SELECT artifact_id FROM tags WHERE name = ${searched(query.tag)})`);
	return conditions;
}

const nothingFound = sql<boolean>`(a.critical + a.high + a.medium + a.low + a.negligible + a.unknown) = 0`;

/**
 * Package versions are asked for beforehand: knowing their ids, PostgreSQL can tell a rare package from a common one. Null
 * when there is none.
 */
async function setsAsked(db: Db, query: ArtifactFilter, small: number): Promise<readonly ArtifactSet[] | null> {
	const sets: ArtifactSet[] = [];
	const asked: Promise<readonly number[]>[] = [];
	if (query.package !== undefined) asked.push(versionsOf(db, searched(query.package)));
	if (query.vulnerability !== undefined) asked.push(affectedBy(db, searched(query.vulnerability)));
	for (const packages of await Promise.all(asked)) {
		if (packages.length === 0) return null;
		sets.push(await holding(db, packages, small));
	}
	if (query.q !== undefined && query.q !== "") sets.push(await named(db, query.q, small));
	return sets;
}

async function versionsOf(db: Db, name: string): Promise<readonly number[]> {
	const rows = await db.selectFrom("package_versions").select("id").where("name", "=", name).execute();
	return rows.map(({ id }) => id);
}

/** By its id or an alias. */
async function affectedBy(db: Db, vulnerability: string): Promise<readonly number[]> {
	const { rows } = await sql<{ id: number }>`
		SELECT DISTINCT m.package_id AS id FROM vulnerabilities v JOIN package_matches m ON m.vulnerability_id = v.id
		WHERE v.key = ${vulnerability} OR v.aliases @> ARRAY[${vulnerability}]`.execute(db);
	return rows.map(({ id }) => id);
}
