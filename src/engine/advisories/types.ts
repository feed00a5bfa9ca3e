import type { Digest } from "#model";

/** What happens during an update, for progress displays. */
export type UpdateProgress =
	| { readonly type: "started"; readonly ecosystems: readonly string[] }
	/** Bytes of one zip; `total` is null when the server does not tell. */
	| { readonly type: "download"; readonly ecosystem: string; readonly done: number; readonly total: number | null }
	/** `kept`: an earlier, unfinished update had fetched it already. */
	| { readonly type: "downloaded"; readonly ecosystem: string; readonly bytes: number; readonly kept: boolean }
	| { readonly type: "retry"; readonly ecosystem: string; readonly reason: string; readonly delayMs: number }
	/** Records of one zip that were read. */
	| { readonly type: "records"; readonly ecosystem: string; readonly done: number; readonly total: number }
	/** Compacting, hashing, swapping. */
	| { readonly type: "finishing" };

/** A record that could not be read. */
export interface MalformedRecord {
	readonly ecosystem: string;
	/** Its file name in the zip, without control characters. */
	readonly name: string;
	readonly problem: string;
}

export interface UpdateResult {
	readonly digest: Digest;
	/** RFC 3339. */
	readonly builtAt: string;
	readonly kind: "full" | "starter";
	readonly source: string;
	readonly feeds: readonly UpdatedFeed[];
	/** Of all feeds; a record in several zips counts in each. */
	readonly records: number;
	readonly withdrawn: number;
	readonly malformed: number;
	/** The first malformed records, at most `namedMalformed` (update.ts). */
	readonly malformedRecords: readonly MalformedRecord[];
	/** Bytes of the new snapshot. */
	readonly size: number;
	readonly durationMs: number;
}

/** What one `all.zip` held. */
export interface UpdatedFeed {
	readonly ecosystem: string;
	readonly url: string;
	readonly records: number;
	readonly withdrawn: number;
	readonly malformed: number;
	/** The youngest `modified`, RFC 3339; empty when there are no records. */
	readonly newest: string;
}
