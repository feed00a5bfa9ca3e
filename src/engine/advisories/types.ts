import type { Digest } from "#model";
import type { Feed } from "./database/writer.ts";

/** What happens during an update, for progress displays. */
export type UpdateProgress =
	/** `parts` are what is fetched one by one: an OSV ecosystem, another feed's file. */
	| { readonly type: "started"; readonly parts: readonly string[] }
	/** Bytes of one part; `total` is null when the server does not tell. */
	| { readonly type: "download"; readonly part: string; readonly done: number; readonly total: number | null }
	/** `kept`: an earlier, unfinished update had fetched it already. */
	| { readonly type: "downloaded"; readonly part: string; readonly bytes: number; readonly kept: boolean }
	| { readonly type: "retry"; readonly part: string; readonly reason: string; readonly delayMs: number }
	/** Records of one part that were read; `total` is null when the part does not tell. */
	| { readonly type: "records"; readonly part: string; readonly done: number; readonly total: number | null }
	/** A part could not be had or read; `kept` says that the records of an earlier update stand in for it. */
	| { readonly type: "failed"; readonly part: string; readonly reason: string; readonly kept: boolean }
	/** Compacting, hashing, swapping. */
	| { readonly type: "finishing" };

/** A record that could not be read. */
export interface MalformedRecord {
	/** Where it was read from: an OSV ecosystem, another feed. */
	readonly part: string;
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
	/** Every part of every feed; `failure` tells of those that could not be read. */
	readonly feeds: readonly Feed[];
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
