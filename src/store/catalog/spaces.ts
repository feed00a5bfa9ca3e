/** Spaces, with the sums over what stands in them: an index counts once, by its own sum. */
import { type RawBuilder, sql } from "kysely";
import type { Id, PageOf, Space, SpaceQuery } from "#contract";
import type { Sight } from "#server";
import type { Db } from "../database.ts";
import { orderOf, type SortKey, type Sorts } from "../paging/keyset.ts";
import { pageOf } from "../paging/page.ts";
import { hasText } from "../paging/text.ts";
import { type Counts, summaryOf } from "./result-columns.ts";
import { visible } from "./visible.ts";

const id: SortKey = { by: sql`s.id`, type: "bigint" };

const sorts: Sorts = {
	name: [{ by: sql`s.name COLLATE "C"`, type: "text" }, id],
	severity: [
		{ by: sql`coalesce(sums.critical, 0)`, type: "bigint" },
		{ by: sql`coalesce(sums.high, 0)`, type: "bigint" },
		{ by: sql`coalesce(sums.medium, 0)`, type: "bigint" },
		{ by: sql`coalesce(sums.low, 0)`, type: "bigint" },
		id,
	],
};

export async function listSpaces(db: Db, query: SpaceQuery, sight: Sight): Promise<PageOf<Space>> {
	const order = orderOf(sorts, query.sort ?? "name");
	const where: RawBuilder<boolean>[] = [visible(sight, sql`s.id`)];
	if (query.registry !== undefined) where.push(sql`s.registry_id = ${query.registry}`);
	if (query.workspace !== undefined)
		where.push(sql`s.id IN (SELECT space_id FROM workspace_spaces WHERE workspace_id = ${query.workspace})`);
	if (query.q !== undefined && query.q !== "") where.push(hasText(sql`s.name`, query.q));
	const sortFrom = order.name.endsWith("severity")
		? sql`LEFT JOIN (
			SELECT space_id, sum(critical) AS critical, sum(high) AS high, sum(medium) AS medium, sum(low) AS low
			FROM artifacts a WHERE top AND ${visible(sight, sql`a.space_id`)} GROUP BY space_id) AS sums ON sums.space_id = s.id`
		: sql``;
	const listing = { id: sql`s.id`, from: sql`spaces s`, sortFrom, where, order };
	return pageOf(db, query, listing, (ids) => readSpaces(db, ids, sight));
}

export async function oneSpace(db: Db, spaceId: Id, sight: Sight): Promise<Space | null> {
	return (await readSpaces(db, [spaceId], sight)).get(spaceId) ?? null;
}

interface SpaceRow extends Counts {
	readonly id: string;
	readonly registry_id: string;
	readonly registry: string;
	readonly name: string;
	readonly public: boolean;
	readonly repositories: number;
	readonly artifacts: number;
}

async function readSpaces(db: Db, ids: readonly string[], sight: Sight): Promise<ReadonlyMap<string, Space>> {
	const { rows } = await sql<SpaceRow>`
		SELECT s.id, s.registry_id, g.name AS registry, s.name, s.public,
			(SELECT count(*) FROM repositories r WHERE r.space_id = s.id)::float8 AS repositories,
			coalesce(sums.artifacts, 0)::float8 AS artifacts, sums.critical::float8, sums.high::float8, sums.medium::float8,
			sums.low::float8, sums.negligible::float8, sums.unknown::float8, sums.fixable::float8, sums.suppressed::float8
		FROM spaces s JOIN registries g ON g.id = s.registry_id
		LEFT JOIN (
			SELECT space_id, count(*) AS artifacts, sum(critical) AS critical, sum(high) AS high, sum(medium) AS medium,
				sum(low) AS low, sum(negligible) AS negligible, sum(unknown) AS unknown, sum(fixable) AS fixable,
				sum(suppressed) AS suppressed
			FROM artifacts WHERE top AND space_id = ANY(${ids}::bigint[]) GROUP BY space_id) AS sums ON sums.space_id = s.id
		WHERE s.id = ANY(${ids}::bigint[]) AND ${visible(sight, sql`s.id`)}`.execute(db);
	return new Map(rows.map((row) => [row.id, spaceOf(row)]));
}

function spaceOf(row: SpaceRow): Space {
	return {
		id: row.id,
		registryId: row.registry_id,
		registryName: row.registry,
		name: row.name,
		public: row.public,
		repositories: row.repositories,
		artifacts: row.artifacts,
		summary: summaryOf(row),
	};
}
