import type { JobQueue } from "../ports/queue.ts";
import type { SyncDeps } from "../sync/deps.ts";
import { syncRegistry } from "../sync/sync-registry.ts";
import { turnstile } from "../sync/turnstile.ts";

/** Jobs for single repositories take seconds; passes over whole registries, which may take hours, must leave them room. */
const atOnce = 16;
/** Each keeps a connection to the database for its lock. */
const passesAtOnce = 3;

export function workSyncs(queue: Pick<JobQueue, "work">, deps: SyncDeps): Promise<void> {
	const passes = turnstile(passesAtOnce);
	return queue.work("sync-registry", atOnce, (payload, { signal, lastAttempt }) => {
		const work = (): Promise<void> => syncRegistry(payload, { ...deps, signal, lastAttempt });
		return payload.repository === undefined ? passes(work) : work();
	});
}
