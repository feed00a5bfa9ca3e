import type { AccessStore } from "../ports/access.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventStore } from "../ports/events.ts";
import { type PruneAges, type Pruner, usualAges } from "../ports/prune.ts";
import type { JobQueue } from "../ports/queue.ts";

export interface PruneDeps {
	readonly queue: Pick<JobQueue, "work">;
	readonly pruner: Pruner;
	readonly events: Pick<EventStore, "prune">;
	readonly access: Pick<AccessStore, "pruneAccess">;
	readonly clock: Clock;
	/** What is left out is as usual. */
	readonly ages?: Partial<PruneAges>;
	/** Told how many rows of what are gone. */
	readonly onPruned?: (counts: Readonly<Record<string, number>>) => void;
}

const day = 86_400_000;

export function workPrune(deps: PruneDeps): Promise<void> {
	const { queue, pruner, events, access, clock, onPruned = () => {} } = deps;
	const ages = { ...usualAges, ...deps.ages };
	return queue.work("prune", 1, async (_payload, { signal }) => {
		const now = clock();
		const counts = await pruner.prune(ages, now, signal);
		onPruned({
			...counts,
			events: await events.prune(new Date(now.getTime() - ages.eventDays * day)),
			access: await access.pruneAccess(),
		});
	});
}
