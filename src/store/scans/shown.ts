/** Scans as the API shows them. */
import { type RawBuilder, sql } from "kysely";
import type { Id, PageOf, Scan, ScanQuery } from "#contract";
import type { Sight } from "#server";
import { progressOfGroups } from "../catalog/progress.ts";
import { visible } from "../catalog/visible.ts";
import type { Db } from "../database.ts";
import { orderOf, type Sorts } from "../paging/keyset.ts";
import { pageOf } from "../paging/page.ts";

const id = { by: sql`s.id`, type: "bigint" } as const;
const sorts: Sorts = {
	id: [id],
	queued: [{ by: sql`s.queued_at`, type: "timestamptz" }, id],
	finished: [{ by: sql`coalesce(s.finished_at, 'infinity')`, type: "timestamptz" }, id],
};

export async function listScans(db: Db, query: ScanQuery, sight: Sight): Promise<PageOf<Scan>> {
	const where: RawBuilder<boolean>[] = [visible(sight, sql`s.space_id`)];
	if (query.state !== undefined) where.push(sql<boolean>`s.state = ${query.state}`);
	if (query.artifact !== undefined) {
		// Of an index: those of its children, too.
		where.push(sql<boolean>`s.artifact_id IN (SELECT ${query.artifact}::bigint UNION ALL
			SELECT child_id FROM index_edges WHERE parent_id = ${query.artifact})`);
	}
	if (query.registry !== undefined) where.push(sql<boolean>`s.registry_id = ${query.registry}`);
	if (query.space !== undefined) where.push(sql<boolean>`s.space_id = ${query.space}`);
	if (query.repository !== undefined) where.push(sql<boolean>`s.repository_id = ${query.repository}`);
	if (query.reason !== undefined) where.push(sql<boolean>`s.reason = ${query.reason}`);
	const order = orderOf(sorts, query.sort ?? "-id");
	const listing = { id: sql`s.id`, from: sql`scans s`, sortFrom: sql``, where, order };
	return await pageOf(db, query, listing, (ids) => showScans(db, ids));
}

export async function getScan(db: Db, scanId: Id, sight: Sight): Promise<Scan | null> {
	const { rows } = await sql<{ id: Id }>`
		SELECT s.id FROM scans s WHERE s.id = ${scanId} AND ${visible(sight, sql`s.space_id`)}
	`.execute(db);
	return rows.length === 0 ? null : ((await showScans(db, [scanId])).get(scanId) ?? null);
}

interface Row extends Omit<Scan, "queuedAt" | "startedAt" | "finishedAt" | "progress" | "error"> {
	readonly groupId: Id;
	readonly queuedAt: Date;
	readonly startedAt: Date | null;
	readonly finishedAt: Date | null;
	readonly code: string | null;
	readonly message: string | null;
	readonly hint: string | null;
}

async function showScans(db: Db, ids: readonly Id[]): Promise<ReadonlyMap<Id, Scan>> {
	const { rows } = await sql<Row>`
		SELECT s.id, s.artifact_id AS "artifactId", s.registry_id AS "registryId", s.space_id AS "spaceId",
			s.repository_id AS "repositoryId", r.name AS repository, a.digest, a.platform, s.scanner, s.state, s.reason,
			u.username AS "requestedBy", g.attempts, s.queued_at AS "queuedAt", s.started_at AS "startedAt",
			s.finished_at AS "finishedAt", s.result_status AS status, s.summary, s.group_id AS "groupId",
			s.error_code AS code, s.error_message AS message, s.error_hint AS hint
		FROM scans s JOIN artifacts a ON a.id = s.artifact_id JOIN repositories r ON r.id = s.repository_id
		JOIN scan_groups g ON g.id = s.group_id LEFT JOIN users u ON u.id = s.requested_by
		WHERE s.id = ANY(${ids}::bigint[])
	`.execute(db);
	const active = rows.filter(({ finishedAt }) => finishedAt === null).map(({ groupId }) => groupId);
	const progress = await progressOfGroups(db, [...new Set(active)]);
	return new Map(
		rows.map(({ groupId, queuedAt, startedAt, finishedAt, code, message, hint, ...row }): [Id, Scan] => [
			row.id,
			{
				...row,
				queuedAt: queuedAt.toISOString(),
				startedAt: startedAt?.toISOString() ?? null,
				finishedAt: finishedAt?.toISOString() ?? null,
				progress: finishedAt === null ? (progress.get(groupId) ?? null) : null,
				error: code === null ? null : { code, message: message ?? "", hint: hint ?? "" },
			},
		]),
	);
}
