/** pg-boss on our own pool, with a queue for each kind of job. Its `work()` is never used (DESIGN §5). */
import type pg from "pg";
import { type Db as BossDb, PgBoss } from "pg-boss";
import { deadLetters, jobKinds, kindSettings } from "./kinds.ts";

/** Longer than a scan may take, and the most that pg-boss takes. */
const expireInSeconds = 24 * 3600 - 1;
/** When heartbeats stop and the worker's lock does not tell (a lost network), a job goes to another after this time. */
const heartbeatSeconds = 30;

export async function startBoss(pool: pg.Pool, onError: (error: unknown) => void): Promise<PgBoss> {
	const db: BossDb = { executeSql: (text, values) => pool.query(text, values as unknown[]) };
	const boss = new PgBoss({
		db,
		schema: "pgboss",
		schedule: false,
		superviseIntervalSeconds: 15,
		monitorIntervalSeconds: 15,
		persistWarnings: false,
	});
	boss.on("error", onError);
	boss.on("warning", () => {});
	await boss.start();
	await boss.createQueue(deadLetters, { policy: "standard", retentionSeconds: 90 * 86_400 });
	for (const kind of jobKinds) {
		const settings = {
			...kindSettings[kind],
			retryBackoff: true,
			expireInSeconds,
			heartbeatSeconds,
			// A scan may wait for weeks behind a registry that is down; a finished job is of no use, its scan tells all.
			retentionSeconds: 90 * 86_400,
			deleteAfterSeconds: 600,
			deadLetter: deadLetters,
		};
		// `exclusive`: while a job of a key waits or runs, another is refused.
		await boss.createQueue(kind, { ...settings, policy: "exclusive" });
		await boss.updateQueue(kind, settings);
	}
	return boss;
}
