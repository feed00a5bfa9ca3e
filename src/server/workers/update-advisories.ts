import type { AdvisoryService, FetchAdvisories } from "../ports/advisories.ts";
import type { JobQueue } from "../ports/queue.ts";

export interface UpdateAdvisoriesDeps {
	readonly queue: Pick<JobQueue, "work" | "send">;
	readonly advisories: AdvisoryService;
	readonly fetchAdvisories: FetchAdvisories;
}

/** While one of them waits or runs, another is of no use: it reads what is current when it begins. */
export const evaluateKey = "evaluate-advisories";
export const updateKey = "update-advisories";

/** Fetches advisories, says how it went, and has all results judged by them. */
export function workAdvisoryUpdates({ queue, advisories, fetchAdvisories }: UpdateAdvisoriesDeps): Promise<void> {
	return queue.work("update-advisories", 1, async (_payload, { signal }) => {
		await advisories.updateBegan();
		try {
			const { failures } = await fetchAdvisories(signal);
			// Older records stand in for a part that failed; people should know all the same.
			await advisories.updateEnded(
				failures.length === 0 ? null : `Not everything could be fetched: ${failures.join("; ")}`,
			);
		} catch (error) {
			await advisories.updateEnded(reasonOf(error, signal));
			throw error;
		}
		await queue.send("evaluate-advisories", {}, { key: evaluateKey });
	});
}

function reasonOf(error: unknown, signal: AbortSignal): string {
	if (signal.aborted) return "The update was stopped before its end; it is tried again.";
	if (!(error instanceof Error)) return String(error);
	return "hint" in error ? `${error.message} ${String(error.hint)}` : error.message;
}
