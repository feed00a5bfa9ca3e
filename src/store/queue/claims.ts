/**
 * Whose a running job is. A job and its claim change in one transaction, so a job that runs always has somebody who can
 * be asked whether he lives: the process that holds the lock on the claim's number. Knows pg-boss's table (version
 * 12.38, pinned): each taking raises `retry_count`, which therefore names the attempt.
 */
import { sql } from "kysely";
import { fromKysely, type PgBoss } from "pg-boss";
import type { JobKind } from "#contract";
import type { Db } from "../database.ts";
import { jobsChannel } from "./send.ts";

/** Any number: the class of the locks that processes hold on their numbers, and of the one under which lanes are counted. */
export const workerLocks = 0x506c7771;
const laneLocks = 0x506c6c6e;

/**
 * Commits without waiting for the disk. When the database's machine fails, a taking or settling may be undone; the job is
 * done again, and handlers are repeatable.
 */
const hasty = sql`set_config('synchronous_commit', 'off', true)`;

export interface Taken {
	readonly id: string;
	readonly kind: JobKind;
	readonly data: unknown;
	readonly attempt: number;
	readonly last: boolean;
}

export interface Lanes {
	readonly usual: number;
	readonly limits: Readonly<Record<string, number>>;
}

export async function takeJobs(
	db: Db,
	boss: PgBoss,
	kind: JobKind,
	worker: number,
	count: number,
	lanes: Lanes | null,
): Promise<readonly Taken[]> {
	return await db.transaction().execute(async (tx) => {
		// Two processes that count a lane's jobs at once would both find room for one.
		if (lanes) await sql`SELECT pg_advisory_xact_lock(${laneLocks}, hashtext(${kind})), ${hasty}`.execute(tx);
		const jobs = await boss.fetch<unknown>(kind, {
			batchSize: count,
			includeMetadata: true,
			db: fromKysely(tx),
			...(lanes === null ? {} : { groupConcurrency: { default: lanes.usual, tiers: { ...lanes.limits } } }),
		});
		if (jobs.length === 0) return [];
		await sql`
			INSERT INTO queue_claims (job_id, kind, worker, attempt)
			SELECT id, ${kind}, ${worker}, attempt
			FROM unnest(${jobs.map(({ id }) => id)}::uuid[], ${jobs.map(({ retryCount }) => retryCount)}::int[]) AS job (id, attempt)
			ON CONFLICT (job_id) DO UPDATE SET worker = excluded.worker, attempt = excluded.attempt, claimed_at = now()
		`.execute(tx);
		return jobs.map((job) => ({
			id: job.id,
			kind,
			data: job.data,
			attempt: job.retryCount,
			last: job.retryCount >= job.retryLimit,
		}));
	});
}

/** Ends an attempt; nothing happens to a job that is another's by now. */
export async function settleJob(
	db: Db,
	boss: PgBoss,
	job: Taken,
	how: "complete" | "fail" | "give-back",
	why = "",
): Promise<void> {
	await db.transaction().execute(async (tx) => {
		const attempt = { id: job.id, retryCount: job.attempt };
		const options = { db: fromKysely(tx) };
		await sql`
			DELETE FROM queue_claims WHERE job_id = ${job.id}::uuid AND attempt = ${job.attempt} RETURNING ${hasty}
		`.execute(tx);
		if (how === "complete") await boss.complete(job.kind, attempt, null, options);
		else if (how === "fail") await boss.fail(job.kind, attempt, { message: why }, options);
		else {
			await sql`
				UPDATE pgboss.job SET state = 'retry', start_after = pgboss.job_now(), heartbeat_on = NULL
				WHERE name = ${job.kind} AND id = ${job.id}::uuid AND state = 'active' AND retry_count = ${job.attempt}
			`.execute(tx);
			await sql`SELECT pg_notify(${jobsChannel}, ${job.kind})`.execute(tx);
		}
	});
}

/** Tells that these are alive; gives those that are no longer ours. */
export async function touchJobs(db: Db, jobs: readonly Taken[]): Promise<readonly Taken[]> {
	if (jobs.length === 0) return [];
	const { rows } = await sql<{ id: string }>`
		UPDATE pgboss.job j SET heartbeat_on = pgboss.job_now()
		FROM unnest(${jobs.map(({ id }) => id)}::uuid[], ${jobs.map(({ kind }) => kind)}::text[],
			${jobs.map(({ attempt }) => attempt)}::int[]) AS own (id, kind, attempt)
		WHERE j.name = own.kind AND j.id = own.id AND j.retry_count = own.attempt AND j.state = 'active'
		RETURNING j.id
	`.execute(db);
	const ours = new Set(rows.map(({ id }) => id));
	return jobs.filter(({ id }) => !ours.has(id));
}

/** Whether a process is alive: it holds the lock on its number. */
export function isAlive(worker: ReturnType<typeof sql>): ReturnType<typeof sql<boolean>> {
	return sql<boolean>`EXISTS (
		SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
			AND l.classid::bigint = ${workerLocks} AND l.objid::bigint = ${worker}
			AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
	)`;
}

/** Numbers that have claims and nobody who lives. */
export async function deadWorkers(db: Db): Promise<readonly number[]> {
	const { rows } = await sql<{ worker: number }>`
		SELECT worker FROM (SELECT DISTINCT worker FROM queue_claims) AS c WHERE NOT ${isAlive(sql`c.worker`)}
	`.execute(db);
	return rows.map(({ worker }) => worker);
}

/** Gives back at once what these had; a job that has no try left goes to the dead letters. */
export async function reapWorkers(db: Db, boss: PgBoss, workers: readonly number[]): Promise<number> {
	return await db.transaction().execute(async (tx) => {
		const { rows } = await sql<{ id: string; kind: JobKind; attempt: number }>`
			DELETE FROM queue_claims WHERE job_id IN (
				SELECT job_id FROM queue_claims c WHERE worker = ANY(${workers}::int[]) AND NOT ${isAlive(sql`c.worker`)}
				ORDER BY job_id FOR UPDATE SKIP LOCKED
			) RETURNING job_id AS id, kind, attempt
		`.execute(tx);
		if (rows.length === 0) return 0;
		await sql`
			UPDATE pgboss.job j SET state = 'retry', start_after = pgboss.job_now(), heartbeat_on = NULL
			FROM unnest(${rows.map(({ id }) => id)}::uuid[], ${rows.map(({ kind }) => kind)}::text[],
				${rows.map(({ attempt }) => attempt)}::int[]) AS lost (id, kind, attempt)
			WHERE j.name = lost.kind AND j.id = lost.id AND j.state = 'active' AND j.retry_count = lost.attempt
				AND j.retry_count < j.retry_limit
		`.execute(tx);
		for (const { id, kind, attempt } of rows) {
			// Only what has no try left is still active.
			const options = { db: fromKysely(tx) };
			await boss.fail(kind, { id, retryCount: attempt }, { message: "the worker died" }, options);
		}
		for (const kind of new Set(rows.map((row) => row.kind)))
			await sql`SELECT pg_notify(${jobsChannel}, ${kind})`.execute(tx);
		return rows.length;
	});
}
