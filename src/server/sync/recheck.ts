import type { SyncSettings, SyncStore } from "../ports/sync.ts";

/** A registry of so many tags is asked for all of them in each round. */
const leastQuestions = 500;
const day = 24 * 3600;
/** Rounds take time themselves and may fail: a quarter more than a day's share. */
const margin = 1.25;

/**
 * Tags that were asked for last before this moment are asked for again in this round: the oldest questions, as many as it
 * takes for every tag to have its turn within a day.
 */
export async function recheckBefore(settings: SyncSettings, sync: SyncStore, now: Date): Promise<Date> {
	const { registryId, intervalSeconds, startedAt } = settings;
	const tags = await sync.countTags(registryId);
	const since = startedAt ? (now.getTime() - startedAt.getTime()) / 1000 : 0;
	const questions = Math.max(leastQuestions, Math.ceil((tags * Math.max(since, intervalSeconds) * margin) / day));
	if (questions >= tags) return now;
	return (await sync.nthOldestQuestion(registryId, questions)) ?? now;
}
