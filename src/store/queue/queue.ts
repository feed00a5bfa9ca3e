/** The queue: see the port. One per process; its number is this process's lease. */
import { sql } from "kysely";
import type pg from "pg";
import type { PgBoss } from "pg-boss";
import type { JobKind } from "#contract";
import type { JobContext, JobQueue } from "#server";
import type { Db } from "../database.ts";
import { startBoss } from "./boss.ts";
import { deadWorkers, type Lanes, reapWorkers, settleJob, takeJobs, touchJobs, workerLocks } from "./claims.ts";
import { jobKinds } from "./kinds.ts";
import { type Loop, startLoop } from "./loop.ts";
import { jobsChannel, type NewJob, sendJobsIn } from "./send.ts";
import { openSession } from "./session.ts";

const touchMs = 3_000;
const reapMs = 2_000;

export interface QueueDeps {
	readonly db: Db;
	readonly pool: pg.Pool;
	readonly connectionString: string;
	/** How many jobs of a lane may run at once, for the kinds that have lanes. */
	readonly lanes?: Partial<Record<JobKind, () => Promise<Lanes>>>;
	/** Runs with each look for dead workers, in every process. */
	readonly onReap?: () => Promise<void>;
	/** Told of what went wrong and is tried again. */
	readonly onError?: (error: unknown) => void;
}

export interface OpenJobQueue extends JobQueue {
	readonly worker: number;
	readonly boss: PgBoss;
	sendIn<K extends JobKind>(tx: Db, kind: K, jobs: readonly NewJob<K>[]): Promise<readonly string[]>;
}

/** Opens the queue; nothing is worked on until `work` is called, but dead processes' jobs are given back at once. */
export async function openJobQueue(deps: QueueDeps): Promise<OpenJobQueue> {
	const { db } = deps;
	const onError = deps.onError ?? (() => {});
	const boss = await startBoss(deps.pool, onError);
	const { rows } = await sql<{ worker: number }>`SELECT nextval('worker_numbers')::int AS worker`.execute(db);
	const worker = rows[0]?.worker ?? 0;
	const loops = new Map<JobKind, Loop[]>();
	const all = (): readonly Loop[] => [...loops.values()].flat();
	const session = openSession({
		connectionString: deps.connectionString,
		name: `plimsoll worker ${worker}`,
		channels: [jobsChannel],
		onConnect: async (client) => {
			const locked = await client.query<{ locked: boolean }>("SELECT pg_try_advisory_lock($1, $2) AS locked", [
				workerLocks,
				worker,
			]);
			if (!locked.rows[0]?.locked) throw new Error("The lock on this worker's number is still held.");
			for (const loop of all()) loop.wake();
		},
		onNotification: (_channel, kind) => {
			for (const loop of loops.get(kind as JobKind) ?? []) loop.wake();
		},
		onCut: onError,
	});
	await session.up;
	const touching = repeat(touchMs, async () => {
		for (const loop of all()) loop.lose(await touchJobs(db, loop.running()));
	});
	/** A process that connects again has its lock back within milliseconds: only who is missed twice is dead. */
	let missed: ReadonlySet<number> = new Set();
	const reaping = repeat(reapMs, async () => {
		const dead = await deadWorkers(db);
		const twice = dead.filter((number) => missed.has(number) && number !== worker);
		missed = new Set(dead);
		if (twice.length > 0) await reapWorkers(db, boss, twice);
		await deps.onReap?.();
	});

	function repeat(milliseconds: number, task: () => Promise<void>): { stop(): Promise<void> } {
		let running: Promise<void> | null = null;
		const timer = setInterval(() => {
			running ??= task()
				.catch(onError)
				.finally(() => {
					running = null;
				});
		}, milliseconds);
		return {
			stop: async () => {
				clearInterval(timer);
				await running;
			},
		};
	}

	return {
		worker,
		boss,
		sendIn: (tx, kind, jobs) => sendJobsIn(tx, boss, kind, jobs),
		send: async (kind, payload, options) => {
			const job = options === undefined ? { payload } : { payload, options };
			const [id] = await db.transaction().execute((tx) => sendJobsIn(tx, boss, kind, [job]));
			return id ?? null;
		},
		work: async (kind, concurrency, handler) => {
			const lanes = deps.lanes?.[kind];
			const loop = startLoop({
				kind,
				concurrency,
				worker,
				handler: handler as (payload: unknown, context: JobContext) => Promise<void>,
				// One at a time where lanes are counted: of a batch pg-boss would drop what is over a lane's limit.
				take: async (room) => takeJobs(db, boss, kind, worker, lanes ? 1 : room, lanes ? await lanes() : null),
				settle: (job, how, why) => settleJob(db, boss, job, how, why),
				onError,
			});
			loops.set(kind, [...(loops.get(kind) ?? []), loop]);
		},
		counts: async () => {
			const counted = await sql<{ kind: JobKind; waiting: number; running: number }>`
				SELECT name AS kind, count(*) FILTER (WHERE state < 'active')::float8 AS waiting,
					count(*) FILTER (WHERE state = 'active')::float8 AS running
				FROM pgboss.job WHERE state <= 'active' GROUP BY name
			`.execute(db);
			const of = (kind: JobKind) => {
				const row = counted.rows.find((one) => one.kind === kind);
				return { waiting: row?.waiting ?? 0, running: row?.running ?? 0 };
			};
			return Object.fromEntries(jobKinds.map((kind) => [kind, of(kind)])) as Awaited<ReturnType<JobQueue["counts"]>>;
		},
		stop: async (graceMilliseconds) => {
			await Promise.all(all().map((loop) => loop.stop(graceMilliseconds)));
			await Promise.all([touching.stop(), reaping.stop()]);
			await session.close();
			await boss.stop({ graceful: false, close: false }).catch(onError);
		},
	};
}
