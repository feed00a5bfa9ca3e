import { EngineError } from "../errors.ts";
import type { PartRun } from "./parts.ts";

/** Files fetched at a time: one connection seldom fills the line, more only annoy the server. */
const atOnce = 3;

/**
 * Gets all parts ready, a few at a time, and gives those that failed. When the first parts of a feed fail and none
 * of it was had, its server is taken for lost: the rest of that feed is not tried, which would take minutes of repetitions.
 * Throws what is no failure of a feed: an abort, a mistake of ours, a full disk.
 */
export async function fetchParts(parts: readonly PartRun[], signal: AbortSignal): Promise<Map<PartRun, EngineError>> {
	const failures = new Map<PartRun, EngineError>();
	const had = new Set<string>();
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
				if (signal.aborted || !(error instanceof EngineError) || error.code === "advisories_unwritable") throw error;
				failures.set(part, error);
				if (error.code === "advisories_download_failed" && !had.has(part.feed)) lost.set(part.feed, error);
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
