/** Repositories, each with its newest artifact: the one that was pushed last. */
import { type RawBuilder, sql } from "kysely";
import type { Id, PageOf, Repository, RepositoryQuery, ScanState } from "#contract";
import type { Sight } from "#server";
import type { Db } from "../database.ts";
import { orderOf, type SortKey, type Sorts } from "../paging/keyset.ts";
import { pageOf } from "../paging/page.ts";
import { hasText } from "../paging/text.ts";
import { type ResultRow, resultColumns, resultSnapshot, shownResult } from "./result-columns.ts";
import { visible } from "./visible.ts";

const id: SortKey = { by: sql`r.id`, type: "bigint" };

/** Severity and state are those of the newest artifact, as the list shows them. */
const sorts: Sorts = {
	name: [{ by: sql`r.name COLLATE "C"`, type: "text" }, id],
	pushedAt: [{ by: sql`coalesce(r.pushed_at, '-infinity')`, type: "timestamptz" }, id],
	severity: [
		{ by: sql`coalesce(newest.critical, -1)`, type: "int" },
		{ by: sql`coalesce(newest.high, -1)`, type: "int" },
		{ by: sql`coalesce(newest.medium, -1)`, type: "int" },
		{ by: sql`coalesce(newest.low, -1)`, type: "int" },
		id,
	],
};

const newestOfRepository = sql`
	LEFT JOIN LATERAL (
		SELECT * FROM artifacts WHERE repository_id = r.id AND top
		ORDER BY coalesce(pushed_at, '-infinity') DESC, id DESC LIMIT 1) AS newest ON true`;

export async function listRepositories(db: Db, query: RepositoryQuery, sight: Sight): Promise<PageOf<Repository>> {
	const order = orderOf(sorts, query.sort ?? "name");
	const where: RawBuilder<boolean>[] = [visible(sight, sql`r.space_id`)];
	if (query.registry !== undefined) where.push(sql`r.registry_id = ${query.registry}`);
	if (query.space !== undefined) where.push(sql`r.space_id = ${query.space}`);
	if (query.workspace !== undefined)
		where.push(sql`r.space_id IN (SELECT space_id FROM workspace_spaces WHERE workspace_id = ${query.workspace})`);
	if (query.q !== undefined && query.q !== "") where.push(hasText(sql`r.name`, query.q));
	if (query.state !== undefined) where.push(sql`newest.state = ${query.state}`);
	const filters = query.state !== undefined;
	const sortsByNewest = order.name.endsWith("severity");
	const listing = {
		id: sql`r.id`,
		from: filters ? sql`repositories r ${newestOfRepository}` : sql`repositories r`,
		sortFrom: sortsByNewest && !filters ? newestOfRepository : sql``,
		where,
		order,
	};
	return pageOf(db, query, listing, (ids) => readRepositories(db, ids, sight));
}

export async function oneRepository(db: Db, repositoryId: Id, sight: Sight): Promise<Repository | null> {
	return (await readRepositories(db, [repositoryId], sight)).get(repositoryId) ?? null;
}

interface RepositoryRow extends ResultRow {
	readonly id: string;
	readonly registry_id: string;
	readonly space_id: string;
	readonly name: string;
	readonly pushed_at: Date | null;
	readonly artifacts: number;
	readonly tags: number;
	readonly newest_id: string | null;
	readonly newest_state: ScanState | null;
	readonly newest_tag: string | null;
}

async function readRepositories(
	db: Db,
	ids: readonly string[],
	sight: Sight,
): Promise<ReadonlyMap<string, Repository>> {
	const { rows } = await sql<RepositoryRow>`
		SELECT r.id, r.registry_id, r.space_id, r.name, r.pushed_at,
			(SELECT count(*) FROM artifacts WHERE repository_id = r.id AND top)::float8 AS artifacts,
			(SELECT count(*) FROM tags WHERE repository_id = r.id)::float8 AS tags,
			a.id AS newest_id, a.state AS newest_state,
			(SELECT name FROM tags WHERE artifact_id = a.id
				ORDER BY coalesce(pushed_at, '-infinity') DESC, name COLLATE "C" DESC LIMIT 1) AS newest_tag,
			${resultColumns}
		FROM repositories r ${newestOfRepository} LEFT JOIN artifacts a ON a.id = newest.id ${resultSnapshot}
		WHERE r.id = ANY(${ids}::bigint[]) AND ${visible(sight, sql`r.space_id`)}`.execute(db);
	return new Map(rows.map((row) => [row.id, repositoryOf(row)]));
}

function repositoryOf(row: RepositoryRow): Repository {
	const { newest_id: artifactId, newest_state: state, newest_tag: tag } = row;
	return {
		id: row.id,
		registryId: row.registry_id,
		spaceId: row.space_id,
		name: row.name,
		artifacts: row.artifacts,
		tags: row.tags,
		pushedAt: row.pushed_at?.toISOString() ?? null,
		newest: artifactId === null || state === null ? null : { artifactId, tag, state, result: shownResult(row) },
	};
}
