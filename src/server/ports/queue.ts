import type { JobKind, Jobs } from "#contract";

export interface SendOptions {
	/** 0 goes first. */
	readonly priority?: number;
	/** Jobs of one lane share its limit (see the queue's own options): a registry's scans. */
	readonly lane?: string;
	/** While a job of this key waits or runs, another is not made. */
	readonly key?: string;
	/** One of that key that waits for its time goes now: something happened, or somebody asked. */
	readonly hurry?: boolean;
	readonly startAfterSeconds?: number;
}

export interface JobContext {
	readonly id: string;
	/** Number of this process's lease: alive as long as the process is. */
	readonly worker: number;
	/** 1 for the first try. */
	readonly attempt: number;
	readonly lastAttempt: boolean;
	/** Aborts when the lease is lost or the process is to end. */
	readonly signal: AbortSignal;
}

/**
 * Jobs, kept in the database: each accepted one is done at least once, so handlers are repeatable. One whose worker dies
 * goes to another within the lease time.
 */
export interface JobQueue {
	/** The job's id, or null when one of that key waits or runs already. */
	send<K extends JobKind>(kind: K, payload: Jobs[K], options?: SendOptions): Promise<string | null>;
	/** Takes up to `concurrency` at a time until `stop` is called. A handler that throws is tried again, with a growing pause. */
	work<K extends JobKind>(
		kind: K,
		concurrency: number,
		handler: (payload: Jobs[K], context: JobContext) => Promise<void>,
	): Promise<void>;
	/** Waiting and running, by kind. */
	counts(): Promise<Readonly<Record<JobKind, { readonly waiting: number; readonly running: number }>>>;
	/** No new jobs; running ones get so long to end, then they are aborted and left for others. */
	stop(graceMilliseconds: number): Promise<void>;
}
