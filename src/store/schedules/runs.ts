/** From due times to scans: taking, queueing, settling. Each step may be cut off and done again by another process. */
import { sql } from "kysely";
import type { Id, ScheduleScope } from "#contract";
import type { DueSchedule, OpenRun, Plan, QueuedPart, ScheduleStore } from "#server";
import type { Db } from "../database.ts";
import { finalState, nextColumns, scansOfRun } from "./rows.ts";
import { inScope, wantedBy } from "./scope.ts";

const schedulesAtOnce = 100;
/** Images and indexes of one part; the run's row is locked that long. */
const artifactsAtOnce = 500;
/** With half a minute between them: an hour of a broken queue. */
const mostAttempts = 120;

type RunSteps = Pick<ScheduleStore, "take" | "queueNext" | "settle">;

export function runSteps(db: Db): RunSteps {
	return {
		take: (now, plan) => take(db, now, plan),
		queueNext: (now, except, work) => queueNext(db, now, except, work),
		settle: async (now) => {
			const { numAffectedRows = 0n } = await sql`
				WITH ended AS (
					SELECT r.id, ${finalState} AS state, c.* FROM schedule_runs r, LATERAL (${scansOfRun}) c
					WHERE r.state = 'running' AND r.queued_at IS NOT NULL AND c.active = 0
				)
				UPDATE schedule_runs r SET state = ended.state, queued = ended.queued, complete = ended.complete,
					failed = ended.failed, finished_at = coalesce(ended.finished_at, r.queued_at, ${now})
				FROM ended WHERE r.id = ended.id AND r.state = 'running'`.execute(db);
			return Number(numAffectedRows);
		},
	};
}

/** Rows that another scheduler holds are skipped: it takes them. */
async function take(db: Db, now: Date, plan: (schedule: DueSchedule, now: Date) => Plan): Promise<number> {
	return await db.transaction().execute(async (tx) => {
		const { rows } = await sql<DueSchedule & { action: string; scope: unknown }>`
			SELECT id, cron, time_zone AS "timeZone", jitter_seconds AS "jitterSeconds", next_due_at AS "dueAt",
				next_run_at AS "runAt", action, scope
			FROM schedules WHERE NOT paused AND next_run_at <= ${now}
			ORDER BY next_run_at, id LIMIT ${schedulesAtOnce} FOR UPDATE SKIP LOCKED`.execute(tx);
		for (const { action, scope, ...schedule } of rows) {
			const { runs, next } = plan(schedule, now);
			for (const { dueAt, state, error } of runs)
				await sql`
					INSERT INTO schedule_runs (schedule_id, trigger, due_at, state, error, action, scope, finished_at)
					VALUES (${schedule.id}, 'cron', ${dueAt}, ${state}, ${error}, ${action}, ${JSON.stringify(scope)}::jsonb,
						${state === "running" ? null : now})
					ON CONFLICT (schedule_id, due_at) DO NOTHING`.execute(tx);
			await tx.updateTable("schedules").set(nextColumns(next)).where("id", "=", schedule.id).execute();
		}
		return rows.length;
	});
}

interface RunRow extends OpenRun {
	readonly scope: ScheduleScope;
	readonly cursor: Id;
}

/**
 * The row stays locked while `work` asks for scans in transactions of its own. When this process dies between that and
 * the new cursor, the scans themselves tell what was asked for.
 */
async function queueNext(
	db: Db,
	now: Date,
	except: readonly Id[],
	work: (run: OpenRun, artifactIds: readonly Id[]) => Promise<void>,
): Promise<QueuedPart | null> {
	let runId: Id | null = null;
	try {
		return await db.transaction().execute(async (tx) => {
			const { rows } = await sql<RunRow>`
				SELECT id, schedule_id AS "scheduleId", action, scope, queue_cursor AS cursor FROM schedule_runs
				WHERE state = 'running' AND queued_at IS NULL AND id <> ALL(${[...except]}::bigint[])
				ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED`.execute(tx);
			const [found] = rows;
			if (!found) return null;
			const { scope, cursor, ...run } = found;
			runId = run.id;
			const ids = run.action === "reevaluate" ? [] : await nextArtifacts(tx, run, scope, cursor);
			if (ids.length > 0 || run.action === "reevaluate") await work(run, ids);
			await tx
				.updateTable("schedule_runs")
				.set({
					started_at: sql<Date>`coalesce(started_at, ${now})`,
					queue_cursor: ids.at(-1) ?? cursor,
					queued_at: ids.length < artifactsAtOnce ? now : null,
					error: null,
				})
				.where("id", "=", run.id)
				.execute();
			return { runId: run.id, error: null };
		});
	} catch (error) {
		if (runId === null) throw error;
		await noteFailure(db, runId, error, now);
		return { runId, error };
	}
}

async function nextArtifacts(db: Db, run: OpenRun, scope: ScheduleScope, cursor: Id): Promise<readonly Id[]> {
	const { rows } = await sql<{ id: Id }>`
		SELECT a.id FROM artifacts a JOIN repositories r ON r.id = a.repository_id
		WHERE a.id > ${cursor}::bigint AND ${inScope(scope)} AND ${wantedBy(run.id, run.action)}
		ORDER BY a.id LIMIT ${artifactsAtOnce}`.execute(db);
	return rows.map(({ id }) => id);
}

async function noteFailure(db: Db, runId: Id, error: unknown, now: Date): Promise<void> {
	const why = error instanceof Error ? error.message : String(error);
	const text = `Its scans could not be asked for: ${why}`.slice(0, 1000);
	await sql`
		UPDATE schedule_runs SET attempts = attempts + 1, error = ${text},
			started_at = coalesce(started_at, ${now}),
			state = CASE WHEN attempts + 1 >= ${mostAttempts} THEN 'failed' ELSE state END,
			finished_at = CASE WHEN attempts + 1 >= ${mostAttempts} THEN ${now}::timestamptz END
		WHERE id = ${runId}::bigint AND state = 'running' AND queued_at IS NULL`.execute(db);
}
