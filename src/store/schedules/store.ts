import { sql, type Transaction } from "kysely";
import type { Id, ScheduleScope } from "#contract";
import { type NewSchedule, type ScheduleChange, type ScheduleStore, ServerError } from "#server";
import { refuseTaken } from "../access/taken.ts";
import type { Db } from "../database.ts";
import { orderOf, type Sorts } from "../paging/keyset.ts";
import { pageOf } from "../paging/page.ts";
import type { Database } from "../schema.ts";
import { wakeChannel } from "./leader.ts";
import { nextColumns, readRuns, readSchedules } from "./rows.ts";
import { runSteps } from "./runs.ts";

const byId = { by: sql`s.id`, type: "bigint" } as const;
const sorts: Sorts = {
	name: [{ by: sql`lower(s.name)`, type: "text" }, byId],
	nextRunAt: [{ by: sql`coalesce(s.next_run_at, 'infinity')`, type: "timestamptz" }, byId],
	createdAt: [{ by: sql`s.created_at`, type: "timestamptz" }, byId],
};
const runSorts: Sorts = { id: [{ by: sql`r.id`, type: "bigint" }] };

export function scheduleStore(db: Db): ScheduleStore {
	const one = async (id: Id) => (await readSchedules(db, sql<boolean>`s.id = ${id}::bigint`)).get(id) ?? null;
	return {
		...runSteps(db),
		list: (query) =>
			pageOf(
				db,
				query,
				{
					id: sql`s.id`,
					from: sql`schedules s`,
					sortFrom: sql``,
					where: [],
					order: orderOf(sorts, query.sort ?? "name"),
				},
				(ids) => readSchedules(db, sql<boolean>`s.id = ANY(${[...ids]}::bigint[])`),
			),
		get: one,
		create: async (schedule, nextOf) => {
			const id = await db
				.transaction()
				.execute(async (tx) => {
					await checkScope(tx, schedule.scope);
					const row = await tx
						.insertInto("schedules")
						.values({ ...columnsOf(schedule), created_by: schedule.createdBy })
						.returning("id")
						.executeTakeFirstOrThrow();
					// Jitter is of the id, so that the next run is known only now.
					const next = nextColumns(schedule.paused ? null : nextOf({ ...schedule, id: row.id }));
					await tx.updateTable("schedules").set(next).where("id", "=", row.id).execute();
					await wake(tx);
					return row.id;
				})
				.catch(refuseTaken("schedule", schedule.name));
			const made = await one(id);
			if (!made) throw new ServerError("conflict", "The schedule was deleted at once.", "Make it again.");
			return made;
		},
		update: async (id, change, nextOf) => {
			const found = await db
				.transaction()
				.execute(async (tx) => {
					const { rows } = await sql<NewSchedule & { id: Id }>`
						SELECT id, name, cron, time_zone AS "timeZone", action, scope, jitter_seconds AS "jitterSeconds", paused
						FROM schedules WHERE id = ${id}::bigint FOR UPDATE`.execute(tx);
					const [before] = rows;
					if (!before) return false;
					const after = { ...before, ...change };
					if (change.scope) await checkScope(tx, change.scope);
					const next = retimed(change) ? nextColumns(after.paused ? null : nextOf(after)) : {};
					await tx
						.updateTable("schedules")
						.set({ ...columnsOf(after), ...next })
						.where("id", "=", id)
						.execute();
					await wake(tx);
					return true;
				})
				.catch(refuseTaken("schedule", change.name ?? ""));
			return found ? one(id) : null;
		},
		remove: async (id) => {
			const { numDeletedRows } = await db.deleteFrom("schedules").where("id", "=", id).executeTakeFirst();
			return numDeletedRows > 0n;
		},
		runs: (id, query) =>
			pageOf(
				db,
				query,
				{
					id: sql`r.id`,
					from: sql`schedule_runs r`,
					sortFrom: sql``,
					where: [sql<boolean>`r.schedule_id = ${id}::bigint`],
					order: orderOf(runSorts, query.sort ?? "-id"),
				},
				(ids) => readRuns(db, sql<boolean>`r.id = ANY(${[...ids]}::bigint[])`),
			),
		runNow: async (id, now) => {
			const runId = await db.transaction().execute(async (tx) => {
				// Two clicks in one millisecond are one run.
				const { rows } = await sql<{ id: Id }>`
					INSERT INTO schedule_runs (schedule_id, trigger, due_at, state, action, scope)
					SELECT id, 'manual', ${now}, 'running', action, scope FROM schedules WHERE id = ${id}::bigint
					ON CONFLICT (schedule_id, due_at) DO UPDATE SET due_at = excluded.due_at
					RETURNING id`.execute(tx);
				await wake(tx);
				return rows[0]?.id ?? null;
			});
			if (runId === null) return null;
			return (await readRuns(db, sql<boolean>`r.id = ${runId}::bigint`)).get(runId) ?? null;
		},
		nextRunAt: async () => {
			const { rows } = await sql<{ at: Date | null }>`
				SELECT min(next_run_at) AS at FROM schedules WHERE NOT paused`.execute(db);
			return rows[0]?.at ?? null;
		},
	};
}

/** What was missed while it was paused, or under another plan, is not made up for. */
function retimed({ cron, timeZone, jitterSeconds, paused }: ScheduleChange): boolean {
	return [cron, timeZone, jitterSeconds, paused].some((one) => one !== undefined);
}

function columnsOf(schedule: Omit<NewSchedule, "createdBy">) {
	return {
		name: schedule.name,
		cron: schedule.cron,
		time_zone: schedule.timeZone,
		action: schedule.action,
		scope: JSON.stringify(schedule.scope),
		jitter_seconds: schedule.jitterSeconds,
		paused: schedule.paused,
	};
}

/** Schedulers sleep until the next run that they know of. */
async function wake(tx: Transaction<Database>): Promise<void> {
	await sql`SELECT pg_notify(${wakeChannel}, '')`.execute(tx);
}

async function checkScope(tx: Transaction<Database>, { registry, space }: ScheduleScope): Promise<void> {
	const { rows } = await sql<{ registry: boolean; space: boolean }>`SELECT
		EXISTS (SELECT 1 FROM registries WHERE id = ${registry ?? null}::bigint) AS registry,
		EXISTS (SELECT 1 FROM spaces WHERE id = ${space ?? null}::bigint) AS space`.execute(tx);
	const missing = registry !== undefined && !rows[0]?.registry ? "registry" : "space";
	if ((registry === undefined || rows[0]?.registry) && (space === undefined || rows[0]?.space)) return;
	throw new ServerError(
		"unprocessable",
		`The scope names a ${missing} that is not there.`,
		"Check its id; it may have been deleted.",
	);
}
