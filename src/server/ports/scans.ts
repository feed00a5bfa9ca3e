import type {
	Id,
	LogLine,
	PageOf,
	PriorityClass,
	Progress,
	Scan,
	ScanQuery,
	ScanReason,
	ScanRequested,
	ScanTarget,
} from "#contract";
import type { Digest } from "#model";
import type { Sight } from "./sight.ts";

export interface ScanAsk {
	readonly target: ScanTarget | { readonly artifactIds: readonly Id[] };
	readonly reason: ScanReason;
	/** Left out: that of the reason. */
	readonly priority?: PriorityClass;
	/** Also what has a result of today's advisories. */
	readonly force?: boolean;
	/** `builtin` when left out. */
	readonly scanner?: string;
	readonly requestedBy?: Id | null;
	readonly scheduleRunId?: Id | null;
	/** Who asks; left out: Plimsoll itself. What he may not scan is left alone, or refused when it was named. */
	readonly sight?: Sight;
}

export interface LogPage {
	/** Lines after this one. */
	readonly after?: number;
	readonly limit?: number;
}

/** Scans as people see them. What is outside of `sight` is null or not in the list. */
export interface ScanStore {
	/**
	 * Queues what is asked for, each image once: what is queued or running is joined, and moved up when this asks for more
	 * haste. When it returns, all of it is kept. @throws ServerError not_found, forbidden
	 */
	request(ask: ScanAsk): Promise<ScanRequested>;
	get(id: Id, sight: Sight): Promise<Scan | null>;
	list(query: ScanQuery, sight: Sight): Promise<PageOf<Scan>>;
	/**
	 * Stops a scan and those that are read together with it (an index's). How many were stopped.
	 * @throws ServerError not_found, forbidden, conflict: it has ended
	 */
	stop(id: Id, by: string, sight: Sight): Promise<number>;
	/**
	 * Scans again what this one, or its siblings in the index, did not bring to a result; of a complete one, itself.
	 * @throws ServerError not_found, forbidden, conflict: it is queued or running
	 */
	retry(id: Id, requestedBy: Id | null, sight: Sight): Promise<ScanRequested>;
	/** Lines in order, of all that was read together. Null when there is no such scan. */
	log(id: Id, page: LogPage, sight: Sight): Promise<PageOf<LogLine> | null>;
	/** Lines so far, then new ones as they come; ends when the scan has. Null when there is no such scan. */
	followLog(
		id: Id,
		after: number,
		sight: Sight,
		signal: AbortSignal,
	): Promise<AsyncIterable<readonly LogLine[]> | null>;
}

/** One group that a worker has taken up. */
export interface ScanTask {
	readonly groupId: Id;
	readonly worker: number;
	/** 1 for the first time. */
	readonly attempt: number;
	/** Attempts before in which the worker or its process died. */
	readonly crashes: number;
	readonly registryId: Id;
	readonly repository: string;
	readonly scanner: string;
	/** The index, or the image itself. */
	readonly root: { readonly artifactId: Id; readonly digest: Digest };
	/** What is still to be read. */
	readonly images: readonly ScanImage[];
}

export interface ScanImage {
	readonly scanId: Id;
	readonly artifactId: Id;
	readonly spaceId: Id;
	readonly digest: Digest;
	readonly platform: string | null;
}

export interface ScanFailed {
	readonly state: "failed" | "not_supported";
	readonly code: string;
	readonly message: string;
	readonly hint: string;
}

export type NewLogLine = Omit<LogLine, "line">;

/** Scans as workers see them. What a worker does to a group that is another's by now has no effect. */
export interface ScanWork {
	/**
	 * Takes a group up. Null when nothing is left to do: it was stopped, has ended, or has cost too many workers their
	 * lives and failed now.
	 */
	begin(groupId: Id, worker: number): Promise<ScanTask | null>;
	/** What one scan may take of a registry's bytes a second: an equal part of what may run beside it. */
	bandwidth(registryId: Id, bytesPerSecond: number): Promise<number>;
	/** How far it is, kept and told. */
	progress(task: ScanTask, bytesDone: number, bytesTotal: number): Promise<Progress | null>;
	/** Adds to its log. How many lines that has. */
	log(task: ScanTask, lines: readonly NewLogLine[]): Promise<number>;
	fail(task: ScanTask, scanIds: readonly Id[], failed: ScanFailed): Promise<void>;
	/** Back to the queue; `crashed` counts. What has crashed too often fails. Whether it is still to be done. */
	release(task: ScanTask, how: "later" | "crashed"): Promise<boolean>;
	/** Nothing more will come; a scan that is still open has failed. */
	end(task: ScanTask): Promise<void>;
	/** Whether somebody stopped it; tells within a second, or when asked. */
	stopRequested(groupId: Id): Promise<boolean>;
	onStop(groupId: Id, listener: () => void): () => void;
}
