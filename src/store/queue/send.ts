import { randomUUID } from "node:crypto";
import { sql, type Transaction } from "kysely";
import { fromKysely, type JobInsert, type PgBoss } from "pg-boss";
import type { JobKind, Jobs } from "#contract";
import type { SendOptions } from "#server";
import type { Db } from "../database.ts";
import type { Database } from "../schema.ts";

/** Wakes the processes that work on a kind, which is the payload. */
export const jobsChannel = "plimsoll_jobs";

export interface NewJob<K extends JobKind> {
	readonly payload: Jobs[K];
	readonly options?: SendOptions;
}

/**
 * Sends jobs inside the caller's transaction: they are there when it commits, and not otherwise. One whose key waits or
 * runs already is left out. Gives how many were made.
 */
export async function sendJobsIn<K extends JobKind>(
	tx: Db | Transaction<Database>,
	boss: PgBoss,
	kind: K,
	jobs: readonly NewJob<K>[],
): Promise<readonly string[]> {
	if (jobs.length === 0) return [];
	const rows = jobs.map(({ payload, options = {} }): JobInsert => {
		const { priority = 0, key = randomUUID(), lane, startAfterSeconds } = options;
		return {
			data: payload,
			// pg-boss takes the highest first.
			priority: -priority,
			singletonKey: key,
			...(lane === undefined ? {} : { group: { id: lane, tier: lane } }),
			...(startAfterSeconds === undefined ? {} : { startAfter: startAfterSeconds }),
		};
	});
	const ids = await boss.insert(kind, rows, { db: fromKysely(tx), returnId: true });
	const hurried = jobs.flatMap(({ options }) => (options?.hurry && options.key !== undefined ? [options.key] : []));
	if (hurried.length > 0) await hurryJobs(tx, kind, hurried);
	await sql`SELECT pg_notify(${jobsChannel}, ${kind})`.execute(tx);
	return ids ?? [];
}

/** Lets jobs go now that wait for their time, after a failure for instance. */
async function hurryJobs(tx: Db | Transaction<Database>, kind: JobKind, keys: readonly string[]): Promise<void> {
	await sql`
		UPDATE pgboss.job SET start_after = pgboss.job_now()
		WHERE name = ${kind} AND singleton_key = ANY(${keys}::text[]) AND state < 'active' AND start_after > pgboss.job_now()
	`.execute(tx);
}

/** Moves jobs that still wait to another priority. */
export async function moveJobs(
	tx: Db | Transaction<Database>,
	kind: JobKind,
	keys: readonly string[],
	priority: number,
): Promise<void> {
	await sql`
		UPDATE pgboss.job SET priority = ${-priority}
		WHERE name = ${kind} AND singleton_key = ANY(${keys}::text[]) AND state < 'active' AND priority < ${-priority}
	`.execute(tx);
}

/** Takes jobs that still wait out of the queue. */
export async function dropJobs(tx: Db | Transaction<Database>, kind: JobKind, keys: readonly string[]): Promise<void> {
	await sql`
		DELETE FROM pgboss.job WHERE name = ${kind} AND singleton_key = ANY(${keys}::text[]) AND state < 'active'
	`.execute(tx);
}
