import { EngineError } from "../errors.ts";
import { Passing } from "./download/requests.ts";
import type { PartRun } from "./parts.ts";

/** Files fetched at a time: one connection seldom fills the line, more only annoy the server. */
const atOnce = 3;

/** Parts of a feed that fail in a row before its server is taken for lost. */
const failuresOfLost = 3;

/**
 * Gets all parts ready, a few at a time, and gives those that failed. When the server of a feed cannot be reached, or
 * breaks down, for three parts and none was had, it is taken for lost: the rest of that feed is not tried, which would
 * take minutes of repetitions. A file that it refuses or does not have says nothing of the others.
 * Throws what is no failure of a feed: an abort, a mistake of ours, a full disk, a damaged older database.
 */
export async function fetchParts(parts: readonly PartRun[], signal: AbortSignal): Promise<Map<PartRun, EngineError>> {
	const failures = new Map<PartRun, EngineError>();
	const had = new Set<string>();
	const breakdowns = new Map<string, number>();
	const lost = new Map<string, EngineError>();
	const queue = parts.values();
	let thrown: { readonly error: unknown } | null = null;
	const worker = async (): Promise<void> => {
		for (const part of queue) {
			if (thrown) return;
			signal.throwIfAborted();
			const known = lost.get(part.feed);
			if (known) {
				failures.set(part, known);
				continue;
			}
			try {
				await part.fetch();
				had.add(part.feed);
			} catch (error) {
				if (signal.aborted || !isOfFeed(error)) throw error;
				failures.set(part, error);
				if (!(error.cause instanceof Passing) || had.has(part.feed)) continue;
				const count = (breakdowns.get(part.feed) ?? 0) + 1;
				breakdowns.set(part.feed, count);
				if (count >= failuresOfLost) lost.set(part.feed, error);
			}
		}
	};
	const guarded = () =>
		worker().catch((error: unknown) => {
			thrown ??= { error };
		});
	await Promise.all(Array.from({ length: atOnce }, guarded));
	if (thrown) throw (thrown as { readonly error: unknown }).error;
	return failures;
}

/** Whether an error is a failure of one feed's, which touches no other; otherwise it ends the update. */
export function isOfFeed(error: unknown): error is EngineError {
	return (
		error instanceof EngineError &&
		(error.code === "advisories_download_failed" || error.code === "advisories_source_unusable")
	);
}
