/** Syncs of registries: their state, the lock that keeps them one at a time, and which are due. */
import { sql } from "kysely";
import type pg from "pg";
import type { RegistryKind } from "#contract";
import type { SyncSettings, SyncStore } from "#server";
import type { Db } from "../database.ts";
import { notices } from "./notices.ts";

export interface SyncDatabase {
	readonly db: Db;
	/** The lock lives as long as a connection of its own. */
	readonly pool: pg.Pool;
}

/** After failures a registry is left alone for at most an hour, or its own interval where that is longer. */
const longestPause = 3600;

export function syncStore({ db, pool }: SyncDatabase): SyncStore {
	return {
		...notices(db),
		settings: (registryId) => settings(db, registryId),
		exclusively: (registryId, work) => exclusively(pool, registryId, work),
		async record(registryId, patch) {
			const { state, startedAt, finishedAt, done, total, error, cursor } = patch;
			const values = {
				...(state !== undefined && { sync_state: state }),
				...(startedAt !== undefined && { sync_started_at: startedAt }),
				...(finishedAt !== undefined && { sync_finished_at: finishedAt }),
				...(done !== undefined && { sync_done: done }),
				...(total !== undefined && { sync_total: total }),
				...(error !== undefined && { sync_error: error }),
				...(cursor !== undefined && { sync_cursor: JSON.stringify(cursor) }),
			};
			if (Object.keys(values).length === 0) return;
			await db.updateTable("registries").set(values).where("id", "=", registryId).execute();
		},
		async countTags(registryId) {
			const { rows } = await sql<{ count: string }>`
				SELECT count(*) FROM tags JOIN repositories ON repositories.id = tags.repository_id
				WHERE repositories.registry_id = ${registryId}
			`.execute(db);
			return Number(rows[0]?.count ?? 0);
		},
		async nthOldestQuestion(registryId, place) {
			const { rows } = await sql<{ resolved_at: Date }>`
				SELECT tags.resolved_at FROM tags JOIN repositories ON repositories.id = tags.repository_id
				WHERE repositories.registry_id = ${registryId} ORDER BY tags.resolved_at OFFSET ${place - 1} LIMIT 1
			`.execute(db);
			return rows[0]?.resolved_at ?? null;
		},
		async due(at) {
			const { rows } = await sql<{ id: string }>`
				SELECT id FROM (
					SELECT id, sync_state, sync_started_at, sync_finished_at,
						sync_interval_seconds AS pause, CASE WHEN jsonb_typeof(sync_cursor -> 'failures') = 'number'
							THEN least((sync_cursor ->> 'failures')::numeric, 20)::int ELSE 0 END AS failures
					FROM registries
				) AS registries
				WHERE (sync_finished_at IS NULL OR sync_finished_at
						+ make_interval(secs => least(pause * power(2, failures), greatest(pause, ${longestPause}::int))) <= ${at})
					-- One that runs is not asked for again, unless it may have died with its job.
					AND (sync_state <> 'running' OR sync_started_at IS NULL
						OR sync_started_at + make_interval(secs => pause) <= ${at})
				ORDER BY sync_finished_at NULLS FIRST, id
			`.execute(db);
			return rows.map(({ id }) => id);
		},
	};
}

async function settings(db: Db, registryId: string): Promise<SyncSettings | null> {
	const row = await db
		.selectFrom("registries")
		.select(["name", "kind", "repositories", "scan_on_push", "sync_interval_seconds", "sync_started_at", "sync_cursor"])
		.where("id", "=", registryId)
		.executeTakeFirst();
	if (!row) return null;
	return {
		registryId,
		name: row.name,
		kind: row.kind as RegistryKind,
		repositories: row.repositories,
		scanOnPush: row.scan_on_push,
		intervalSeconds: row.sync_interval_seconds,
		startedAt: row.sync_started_at,
		cursor: row.sync_cursor,
	};
}

/** A lock of the session: PostgreSQL takes it back the moment that the connection or the process is gone. */
async function exclusively(
	pool: pg.Pool,
	registryId: string,
	work: (lost: AbortSignal) => Promise<void>,
): Promise<boolean> {
	const client = await pool.connect();
	const lost = new AbortController();
	const onError = (error: Error): void => lost.abort(error);
	client.on("error", onError);
	const key = `plimsoll sync ${registryId}`;
	let broken: Error | undefined;
	try {
		const { rows } = await client.query<{ mine: boolean }>(
			"SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS mine",
			[key],
		);
		if (!rows[0]?.mine) return false;
		try {
			await work(lost.signal);
			return true;
		} finally {
			await client.query("SELECT pg_advisory_unlock(hashtextextended($1, 0))", [key]).catch((error: Error) => {
				broken = error;
			});
		}
	} finally {
		client.off("error", onError);
		client.release(broken ?? lost.signal.aborted);
	}
}
