import { EngineError } from "#engine";
import type { AdvisoryService } from "../ports/advisories.ts";
import type { JobQueue } from "../ports/queue.ts";

export interface EvaluateAdvisoriesDeps {
	readonly queue: Pick<JobQueue, "work">;
	readonly advisories: Pick<AdvisoryService, "evaluate">;
}

/** Judges all that is known by the newest advisories; main sends one when it starts, too. */
export function workEvaluations({ queue, advisories }: EvaluateAdvisoriesDeps): Promise<void> {
	return queue.work("evaluate-advisories", 1, async (_payload, { signal }) => {
		try {
			await advisories.evaluate(signal);
		} catch (error) {
			// Before the first update there is nothing to judge by; that update sends another job.
			if (!(error instanceof EngineError && error.code === "advisories_missing")) throw error;
		}
	});
}
