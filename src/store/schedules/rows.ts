/** Schedules and runs as they are shown. */
import { type RawBuilder, sql } from "kysely";
import type { Id, Schedule, ScheduleAction, ScheduleRun, ScheduleScope } from "#contract";
import type { NextRun } from "#server";
import type { Db } from "../database.ts";

interface ScheduleRow {
	readonly id: Id;
	readonly name: string;
	readonly cron: string;
	readonly time_zone: string;
	readonly action: ScheduleAction;
	readonly scope: unknown;
	readonly jitter_seconds: number;
	readonly paused: boolean;
	readonly next_run_at: Date | null;
	readonly last_run_at: Date | null;
	readonly created_at: Date;
}

export async function readSchedules(db: Db, where: RawBuilder<boolean>): Promise<ReadonlyMap<Id, Schedule>> {
	const { rows } = await sql<ScheduleRow>`
		SELECT s.id, s.name, s.cron, s.time_zone, s.action, s.scope, s.jitter_seconds, s.paused, s.next_run_at, s.created_at,
			(SELECT max(r.started_at) FROM schedule_runs r WHERE r.schedule_id = s.id) AS last_run_at
		FROM schedules s WHERE ${where}`.execute(db);
	return new Map(rows.map((row) => [row.id, scheduleOf(row)]));
}

function scheduleOf(row: ScheduleRow): Schedule {
	return {
		id: row.id,
		name: row.name,
		cron: row.cron,
		timeZone: row.time_zone,
		action: row.action,
		// Checked when it was written.
		scope: row.scope as ScheduleScope,
		jitterSeconds: row.jitter_seconds,
		paused: row.paused,
		nextRunAt: row.next_run_at?.toISOString() ?? null,
		lastRunAt: row.last_run_at?.toISOString() ?? null,
		createdAt: row.created_at.toISOString(),
	};
}

interface RunRow {
	readonly id: Id;
	readonly schedule_id: Id;
	readonly trigger: "cron" | "manual";
	readonly due_at: Date;
	readonly started_at: Date | null;
	readonly finished_at: Date | null;
	readonly state: ScheduleRun["state"];
	readonly queued: number;
	readonly complete: number;
	readonly failed: number;
	readonly error: string | null;
}

/** Numbers of the scans that a run asked for. */
export const scansOfRun = sql`SELECT count(*)::int AS queued,
	(count(*) FILTER (WHERE sc.state IN ('complete', 'not_supported')))::int AS complete,
	(count(*) FILTER (WHERE sc.state IN ('failed', 'stopped')))::int AS failed,
	(count(*) FILTER (WHERE sc.state IN ('queued', 'scanning')))::int AS active,
	max(sc.finished_at) AS finished_at
	FROM scans sc WHERE sc.schedule_run_id = r.id`;

/** A run of which no scan came to a result has failed; one of which some did is complete, and its numbers tell. */
export const finalState = sql`CASE WHEN c.failed > 0 AND c.complete = 0 THEN 'failed' ELSE 'complete' END`;

/** A run that is settled keeps its numbers, because scans are pruned; those of others are counted now. */
export async function readRuns(db: Db, where: RawBuilder<boolean>): Promise<ReadonlyMap<Id, ScheduleRun>> {
	const { rows } = await sql<RunRow>`
		SELECT r.id, r.schedule_id, r.trigger, r.due_at, r.started_at, r.error,
			CASE WHEN c.ended THEN ${finalState} ELSE r.state END AS state,
			CASE WHEN c.ended THEN coalesce(c.finished_at, r.queued_at) ELSE r.finished_at END AS finished_at,
			coalesce(c.queued, r.queued) AS queued, coalesce(c.complete, r.complete, 0) AS complete,
			coalesce(c.failed, r.failed, 0) AS failed
		FROM schedule_runs r LEFT JOIN LATERAL (
			SELECT n.*, n.active = 0 AND r.queued_at IS NOT NULL AS ended FROM (${scansOfRun}) n
		) c ON r.state = 'running'
		WHERE ${where}`.execute(db);
	return new Map(rows.map((row) => [row.id, runOf(row)]));
}

function runOf(row: RunRow): ScheduleRun {
	return {
		id: row.id,
		scheduleId: row.schedule_id,
		trigger: row.trigger,
		dueAt: row.due_at.toISOString(),
		startedAt: row.started_at?.toISOString() ?? null,
		finishedAt: row.finished_at?.toISOString() ?? null,
		state: row.state,
		scans: { queued: row.queued, complete: row.complete, failed: row.failed },
		error: row.error,
	};
}

export function nextColumns(next: NextRun | null): { next_due_at: Date | null; next_run_at: Date | null } {
	return { next_due_at: next?.dueAt ?? null, next_run_at: next?.runAt ?? null };
}
