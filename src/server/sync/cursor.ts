/** What a sync that is cut off leaves for the next: `registries.sync_cursor`. */

export interface SyncCursor {
	/** No sync of this registry has come to its end yet. */
	readonly first: boolean;
	/** Failed ones in a row; `due` waits longer with each. */
	readonly failures: number;
	readonly round: Round | null;
}

/** One pass over all repositories. Those listed since `startedAt` are done. */
export interface Round {
	readonly startedAt: Date;
	/** Tags that were asked for last before this are asked for again; the pass itself moves them past it. */
	readonly recheckBefore: Date;
	/** Where the catalog goes on; null: from its beginning. */
	readonly from: string | null;
	/** Repositories on the pages before `from`. */
	readonly done: number;
}

/** A pass that was left lying is begun anew: its list is old. */
const mostAge = 24 * 3600 * 1000;

export function readCursor(kept: unknown, now: Date): SyncCursor {
	if (!isRecord(kept)) return { first: true, failures: 0, round: null };
	const { first, failures, round } = kept;
	return {
		first: first !== false,
		failures: typeof failures === "number" && Number.isInteger(failures) && failures > 0 ? failures : 0,
		round: readRound(round, now),
	};
}

function readRound(kept: unknown, now: Date): Round | null {
	if (!isRecord(kept)) return null;
	const startedAt = new Date(String(kept["startedAt"]));
	const recheckBefore = new Date(String(kept["recheckBefore"]));
	const { from, done } = kept;
	const age = now.getTime() - startedAt.getTime();
	if (!(age >= 0 && age < mostAge) || Number.isNaN(recheckBefore.getTime())) return null;
	return {
		startedAt,
		recheckBefore,
		from: typeof from === "string" ? from : null,
		done: typeof done === "number" ? done : 0,
	};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
