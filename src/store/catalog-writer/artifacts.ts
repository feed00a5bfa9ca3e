import { sql } from "kysely";
import type { Digest } from "#model";
import type { UntaggedQuery } from "#server";
import type { Db } from "../database.ts";
import { publishIn } from "../events/publish.ts";
import { holdRepository, refreshTop, repeating } from "./repeating.ts";
import { deleted } from "./repositories.ts";

/** Nothing refers to it: no tag, no index, no scan of it or of the group that it leads. */
const unreferenced = sql`
	artifacts.active_scan_id IS NULL AND artifacts.state NOT IN ('queued', 'scanning')
	AND NOT EXISTS (SELECT FROM tags WHERE tags.artifact_id = artifacts.id)
	AND NOT EXISTS (SELECT FROM index_edges WHERE index_edges.child_id = artifacts.id)
	AND NOT EXISTS (SELECT FROM scan_groups WHERE scan_groups.artifact_id = artifacts.id AND scan_groups.active)
	AND NOT EXISTS (SELECT FROM scans WHERE scans.artifact_id = artifacts.id AND scans.state IN ('queued', 'scanning'))
`;

export async function untagged(db: Db, repositoryId: string, { first, seenBefore, limit }: UntaggedQuery) {
	const { rows } = await sql<{ id: string; digest: Digest }>`
		SELECT id, digest FROM artifacts
		WHERE repository_id = ${repositoryId} AND (seen_at < ${seenBefore} OR id = ANY(${first}::bigint[])) AND ${unreferenced}
		ORDER BY id = ANY(${first}::bigint[]) DESC, seen_at, id LIMIT ${limit}
	`.execute(db);
	return rows;
}

export async function seeArtifacts(db: Db, artifactIds: readonly string[], at: Date): Promise<void> {
	if (artifactIds.length === 0) return;
	await repeating(db, async (tx) => {
		await sql`
			WITH mine AS (
				SELECT id FROM artifacts WHERE id = ANY(${artifactIds}::bigint[]) ORDER BY id FOR NO KEY UPDATE
			)
			UPDATE artifacts SET seen_at = greatest(seen_at, ${at}) FROM mine WHERE artifacts.id = mine.id
		`.execute(tx);
	});
}

/** Gives what stood in a deleted index and is referred to by nothing now. */
export async function forgetArtifacts(
	db: Db,
	repositoryId: string,
	artifactIds: readonly string[],
): Promise<readonly string[]> {
	if (artifactIds.length === 0) return [];
	return repeating(db, async (tx) => {
		if (!(await holdRepository(tx, repositoryId))) return [];
		// Locked first: a scan that is asked for at this moment is seen by the statement after.
		await sql`
			SELECT 1 FROM artifacts
			WHERE id = ANY(${artifactIds}::bigint[]) AND repository_id = ${repositoryId} ORDER BY id FOR UPDATE
		`.execute(tx);
		const { rows: edges } = await sql<{ child_id: string }>`
			SELECT DISTINCT child_id FROM index_edges WHERE parent_id = ANY(${artifactIds}::bigint[])
		`.execute(tx);
		const { rows } = await sql<{ id: string; digest: string; space_id: string; name: string }>`
			DELETE FROM artifacts USING repositories
			WHERE artifacts.id = ANY(${artifactIds}::bigint[]) AND repositories.id = artifacts.repository_id
				AND repositories.id = ${repositoryId} AND ${unreferenced}
			RETURNING artifacts.id, artifacts.digest, artifacts.space_id, repositories.name
		`.execute(tx);
		const children = edges.map(({ child_id }) => child_id);
		await refreshTop(tx, children);
		const { rows: freed } = await sql<{ id: string }>`
			SELECT id FROM artifacts WHERE id = ANY(${children}::bigint[]) AND ${unreferenced}
		`.execute(tx);
		await publishIn(
			tx,
			rows.map(({ id, digest, space_id, name }) => deleted(space_id, id, name, digest)),
		);
		return freed.map(({ id }) => id);
	});
}

export async function pulled(
	db: Db,
	registryId: string,
	pulls: readonly { readonly repository: string; readonly digest: string }[],
	at: Date,
): Promise<void> {
	if (pulls.length === 0) return;
	await repeating(db, async (tx) => {
		await sql`
			WITH mine AS (
				SELECT artifacts.id FROM artifacts
				JOIN repositories ON repositories.id = artifacts.repository_id AND repositories.registry_id = ${registryId}
				JOIN (SELECT DISTINCT * FROM unnest(${pulls.map(({ repository }) => repository)}::text[],
					${pulls.map(({ digest }) => digest)}::text[]) AS told (name, digest)) AS pull
					ON pull.name = repositories.name AND pull.digest = artifacts.digest
				ORDER BY artifacts.id FOR NO KEY UPDATE OF artifacts
			)
			UPDATE artifacts SET pulled_at = greatest(pulled_at, ${at}) FROM mine WHERE artifacts.id = mine.id
		`.execute(tx);
	});
}
