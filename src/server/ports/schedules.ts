/** Schedules and their runs. */
import type { Id, PageOf, PageQuery, Schedule, ScheduleAction, ScheduleRun, ScheduleScope } from "#contract";

export interface NextRun {
	/** The time that cron names. */
	readonly dueAt: Date;
	/** With jitter. */
	readonly runAt: Date;
}

export interface NewSchedule {
	readonly name: string;
	readonly cron: string;
	readonly timeZone: string;
	readonly action: ScheduleAction;
	readonly scope: ScheduleScope;
	readonly jitterSeconds: number;
	readonly paused: boolean;
	readonly createdBy: Id | null;
}

export type ScheduleChange = Partial<Omit<NewSchedule, "createdBy">>;

/** When a schedule runs next; null for one that is paused. */
export type NextOf = (schedule: Omit<NewSchedule, "createdBy" | "scope"> & { readonly id: Id }) => NextRun | null;

export interface DueSchedule extends NextRun {
	readonly id: Id;
	readonly cron: string;
	readonly timeZone: string;
	readonly jitterSeconds: number;
}

export interface PlannedRun {
	readonly dueAt: Date;
	readonly state: "running" | "skipped" | "failed";
	readonly error: string | null;
}

export interface Plan {
	readonly runs: readonly PlannedRun[];
	/** Null: never again. */
	readonly next: NextRun | null;
}

/** A run that was taken and whose scans are not all asked for. */
export interface OpenRun {
	readonly id: Id;
	readonly scheduleId: Id;
	readonly action: ScheduleAction;
}

export interface ScheduleStore {
	/** Sorted by `name`, `nextRunAt` or `createdAt`. */
	list(query: PageQuery): Promise<PageOf<Schedule>>;
	get(id: Id): Promise<Schedule | null>;
	/** @throws ServerError conflict: the name is taken; unprocessable: its scope names what is not there */
	create(schedule: NewSchedule, next: NextOf): Promise<Schedule>;
	/** Null when there is none. The next run is computed anew. @throws like `create` */
	update(id: Id, change: ScheduleChange, next: NextOf): Promise<Schedule | null>;
	/** With its history; scans that it asked for stay. */
	remove(id: Id): Promise<boolean>;
	/** Newest first. */
	runs(id: Id, query: PageQuery): Promise<PageOf<ScheduleRun>>;
	/** Takes a run beside the plan, also of a paused schedule. Null when there is none. */
	runNow(id: Id, now: Date): Promise<ScheduleRun | null>;

	/** Takes the schedules that are due: writes their runs and when they are due next, in one transaction. How many. */
	take(now: Date, plan: (schedule: DueSchedule, now: Date) => Plan): Promise<number>;
	/**
	 * Asks for the next scans of one open run, not of those in `except`. `work` may be called again with the same artifacts
	 * when a process dies in between. Null when no run is open.
	 */
	queueNext(
		now: Date,
		except: readonly Id[],
		work: (run: OpenRun, artifactIds: readonly Id[]) => Promise<void>,
	): Promise<QueuedPart | null>;
	/** Runs whose scans are all final get their final state. How many. */
	settle(now: Date): Promise<number>;
	/** When the next schedule is to run; null when none is. */
	nextRunAt(): Promise<Date | null>;
}

export interface QueuedPart {
	readonly runId: Id;
	/** What `work` threw; it is tried again later, in the end it fails. */
	readonly error: unknown;
}

/** Of all schedulers of one database, one leads. */
export interface LeaderLock {
	/** Whether this process leads now; one that does not tries to. */
	held(): Promise<boolean>;
	/** Called when something is to be done at once. */
	onWake(listener: () => void): void;
	close(): Promise<void>;
}
