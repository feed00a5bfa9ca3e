/** Finished scans beyond the last of each image or past their age, with their groups and logs. */
import { sql } from "kysely";
import type { Id } from "#contract";
import type { PruneAges } from "#server";
import type { Db } from "../database.ts";

const artifactsAtOnce = 200;
/** Somebody may still read the log of a scan that has just ended. */
const justEndedMs = 3_600_000;

export async function pruneScans(db: Db, ages: PruneAges, now: Date, signal: AbortSignal): Promise<number> {
	let dropped = 0;
	for (let after: Id | null = "0"; after !== null; ) {
		signal.throwIfAborted();
		const ids = await scannedAfter(db, after);
		if (ids.length > 0) dropped += await pruneScansOf(db, ids, ages, now);
		after = ids.length < artifactsAtOnce ? null : (ids.at(-1) ?? null);
	}
	return dropped;
}

/** Image by image through the index, not row by row through all scans. */
async function scannedAfter(db: Db, after: Id): Promise<readonly Id[]> {
	const { rows } = await sql<{ id: Id }>`
		SELECT a.id FROM artifacts a
		WHERE a.id > ${after}::bigint AND EXISTS (SELECT 1 FROM scans s WHERE s.artifact_id = a.id)
		ORDER BY a.id LIMIT ${artifactsAtOnce}`.execute(db);
	return rows.map(({ id }) => id);
}

async function pruneScansOf(db: Db, artifacts: readonly Id[], ages: PruneAges, now: Date): Promise<number> {
	const old = new Date(now.getTime() - ages.scanDays * 86_400_000);
	const ended = new Date(now.getTime() - justEndedMs);
	return await db.transaction().execute(async (tx) => {
		const { rows } = await sql<{ group_id: Id }>`
			WITH ranked AS (
				SELECT s.id, s.artifact_id, s.state, s.schedule_run_id, coalesce(s.finished_at, s.queued_at) AS ended_at,
					row_number() OVER (PARTITION BY s.artifact_id ORDER BY s.id DESC) AS place
				FROM scans s WHERE s.artifact_id = ANY(${[...artifacts]}::bigint[])
			)
			DELETE FROM scans s USING ranked k WHERE s.id = k.id
				AND k.state NOT IN ('queued', 'scanning') AND k.ended_at < ${ended}
				AND (k.place > ${ages.scansPerArtifact} OR k.ended_at < ${old})
				AND NOT EXISTS (SELECT 1 FROM artifacts a
					WHERE a.id = k.artifact_id AND k.id IN (a.result_scan_id, a.last_scan_id, a.active_scan_id))
				AND NOT EXISTS (SELECT 1 FROM index_edges e JOIN artifacts a ON a.id = e.parent_id
					WHERE e.child_id = k.artifact_id AND k.id IN (a.result_scan_id, a.last_scan_id, a.active_scan_id))
				AND NOT EXISTS (SELECT 1 FROM schedule_runs r WHERE r.id = k.schedule_run_id AND r.state = 'running')
			RETURNING s.group_id`.execute(tx);
		const groups = [...new Set(rows.map(({ group_id }) => group_id))];
		await sql`DELETE FROM scan_groups g WHERE g.id = ANY(${groups}::bigint[]) AND NOT g.active
			AND NOT EXISTS (SELECT 1 FROM scans s WHERE s.group_id = g.id)`.execute(tx);
		return rows.length;
	});
}
