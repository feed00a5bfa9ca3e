import type { AdvisoriesInfo } from "#contract";
import type { JobQueue } from "../ports/queue.ts";
import { updateKey } from "../workers/update-advisories.ts";

/** After one that failed; the queue has tried several times by then. */
const againMs = 3_600_000;

/** Once a day, at the hour or as soon after it as Plimsoll runs; after a failure, each hour. */
export function isUpdateDue(last: AdvisoriesInfo["update"], hour: number, now: Date): boolean {
	if (last.state === "running") return false;
	const startedAt = last.startedAt === null ? 0 : Date.parse(last.startedAt);
	if (last.state === "failed" && last.finishedAt !== null)
		return now.getTime() - Date.parse(last.finishedAt) >= againMs;
	return startedAt < latestHour(hour, now);
}

function latestHour(hour: number, now: Date): number {
	const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), hour);
	return today <= now.getTime() ? today : today - 86_400_000;
}

export async function sendDailyUpdate(queue: Pick<JobQueue, "send">): Promise<void> {
	await queue.send("update-advisories", { requestedBy: null }, { key: updateKey });
}
