/** What no worker does any more is made right: in every process, every two seconds. */
import { sql } from "kysely";
import type { Id } from "#contract";
import type { Db } from "../database.ts";
import { isAlive } from "../queue/claims.ts";
import type { OpenJobQueue } from "../queue/queue.ts";
import { noteDeath, queueAgain } from "./task.ts";

/** Groups without a job should not exist; looking for them reads the whole queue. */
const orphansMs = 60_000;

/** For the queue's `onReap`. `queue` is asked for when it is there. */
export function scanMender(db: Db, queue: () => Pick<OpenJobQueue, "sendIn"> | null): () => Promise<void> {
	let looked = 0;
	return async () => {
		await requeueLost(db);
		const open = queue();
		if (!open || Date.now() - looked < orphansMs) return;
		looked = Date.now();
		await sendOrphans(db, open);
	};
}

/** Groups whose worker's job was given back: until another takes them up they say that they wait. */
async function requeueLost(db: Db): Promise<number> {
	let count = 0;
	// Each by itself: a transaction holds the artifacts of one group alone.
	while (await requeueOne(db)) count++;
	return count;
}

async function requeueOne(db: Db): Promise<boolean> {
	return await db.transaction().execute(async (tx) => {
		const { rows } = await sql<{ id: Id; crashes: number; died: boolean }>`
			SELECT id, crashes, NOT ${isAlive(sql`g.worker`)} AS died FROM scan_groups g
			WHERE g.worker IS NOT NULL AND g.active AND NOT EXISTS (
				SELECT 1 FROM queue_claims c JOIN pgboss.job j ON j.name = 'scan-group' AND j.id = c.job_id
				WHERE c.kind = 'scan-group' AND c.worker = g.worker AND j.singleton_key = g.id::text
			)
			ORDER BY id LIMIT 1 FOR NO KEY UPDATE OF g SKIP LOCKED
		`.execute(tx);
		const [group] = rows;
		if (!group) return false;
		const { id, crashes, died } = group;
		if (died) await noteDeath(tx, id, crashes + 1);
		await queueAgain(tx, id, crashes + (died ? 1 : 0));
		return true;
	});
}

/** Whatever took a job away (an administrator, a queue that was restored without it): its scans are still to be done. */
async function sendOrphans(db: Db, queue: Pick<OpenJobQueue, "sendIn">): Promise<number> {
	const { rows } = await sql<{ id: Id; registryId: Id; priority: number }>`
		SELECT g.id, g.registry_id AS "registryId", g.priority FROM scan_groups g
		WHERE g.active AND NOT EXISTS (
			SELECT 1 FROM pgboss.job j WHERE j.name = 'scan-group' AND coalesce(j.singleton_key, '') = g.id::text
				AND j.state <= 'active' AND j.policy = 'exclusive'
		) ORDER BY g.id LIMIT 1000
	`.execute(db);
	if (rows.length === 0) return 0;
	const sent = await db.transaction().execute((tx) =>
		queue.sendIn(
			tx,
			"scan-group",
			rows.map(({ id, registryId, priority }) => ({
				payload: { groupId: id },
				options: { key: id, priority, lane: registryId },
			})),
		),
	);
	return sent.length;
}
