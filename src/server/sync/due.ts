import type { Id } from "#contract";
import type { Clock } from "../ports/clock.ts";
import type { JobQueue } from "../ports/queue.ts";
import type { SyncStore } from "../ports/sync.ts";

/** While a job of this key waits or runs there is no second one. */
export function syncKey(registryId: Id, repository?: string): string {
	return repository === undefined ? `sync/${registryId}` : `sync/${registryId}/${repository}`;
}

/** Notices have a job of their own at once; those that lie for longer have lost it. */
const lost = 60_000;
const noticesAtOnce = 1000;

/** Makes jobs for the registries whose interval is over, and for notices that were left lying. Gives how many. */
export async function enqueueDueSyncs(deps: {
	readonly sync: SyncStore;
	readonly queue: Pick<JobQueue, "send">;
	readonly clock: Clock;
}): Promise<number> {
	const now = deps.clock();
	let made = 0;
	for (const registryId of await deps.sync.due(now)) {
		if (await deps.queue.send("sync-registry", { registryId }, { priority: 2, key: syncKey(registryId) })) made++;
	}
	for (const job of await deps.sync.unsettled(new Date(now.getTime() - lost), noticesAtOnce)) {
		const options = { priority: 1, key: syncKey(job.registryId, job.repository) };
		if (await deps.queue.send("sync-registry", job, options)) made++;
	}
	return made;
}
