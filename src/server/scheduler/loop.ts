/**
 * The scheduler: one loop in each process of that role, of which one leads. Were there two leaders for a moment, rows and
 * keys in the database still see to it that each due time runs once.
 */
import type { Id } from "#contract";
import type { AdvisoryService } from "../ports/advisories.ts";
import type { Clock } from "../ports/clock.ts";
import type { JobQueue } from "../ports/queue.ts";
import type { ScanStore } from "../ports/scans.ts";
import type { LeaderLock, OpenRun, ScheduleStore } from "../ports/schedules.ts";
import { evaluateKey } from "../workers/update-advisories.ts";
import { isUpdateDue, sendDailyUpdate } from "./daily-update.ts";
import { planRuns } from "./plan.ts";

export interface SchedulerDeps {
	readonly schedules: ScheduleStore;
	readonly leader: LeaderLock;
	readonly scans: Pick<ScanStore, "request">;
	readonly queue: Pick<JobQueue, "send">;
	/** What else is looked for at each look: checks and syncs of registries that are due. */
	readonly enqueueDue: readonly (() => Promise<unknown>)[];
	readonly advisories: Pick<AdvisoryService, "info">;
	/** The hour of the day, in UTC, at which new advisories are fetched; null: never. */
	readonly updateHour: number | null;
	readonly clock: Clock;
	/** Told of what went wrong and is tried again. */
	readonly onError: (error: unknown, what: string) => void;
	readonly times?: SchedulerTimes;
}

export interface SchedulerTimes {
	/** At most so long between two looks. */
	readonly lookMs: number;
	/** How often one that does not lead tries to. */
	readonly followMs: number;
	readonly updateLookMs: number;
	readonly pruneMs: number;
}
/** Registries are synced every 30 s at most, so that five seconds add little. */
const usualTimes: SchedulerTimes = { lookMs: 5_000, followMs: 2_000, updateLookMs: 60_000, pruneMs: 3_600_000 };

const pruneKey = "prune";

/** Gives what ends it; what is under way is finished first. */
export function startScheduler(deps: SchedulerDeps): () => Promise<void> {
	const { schedules, leader, queue, clock, onError, times = usualTimes } = deps;
	const end = new AbortController();
	const { signal } = end;
	let bell = Promise.withResolvers<void>();
	const due = { update: 0, prune: 0 };
	leader.onWake(() => bell.resolve());

	async function attempt(what: string, task: () => Promise<unknown>): Promise<void> {
		if (signal.aborted) return;
		try {
			await task();
		} catch (error) {
			onError(error, what);
		}
	}

	/** Each part by itself: one that fails keeps no other from its turn. */
	async function look(): Promise<void> {
		await attempt("take due schedules", async () => {
			while (!signal.aborted && (await schedules.take(clock(), planRuns)) > 0);
		});
		await attempt("queue scheduled scans", () => queueAll());
		await attempt("settle runs of schedules", () => schedules.settle(clock()));
		for (const enqueue of deps.enqueueDue) await attempt("enqueue what is due", enqueue);
		await attempt("enqueue the update of advisories", () =>
			each("update", times.updateLookMs, async () => {
				if (deps.updateHour === null) return;
				const { update } = await deps.advisories.info();
				if (isUpdateDue(update, deps.updateHour, clock())) await sendDailyUpdate(queue);
			}),
		);
		await attempt("enqueue pruning", () =>
			each("prune", times.pruneMs, () => queue.send("prune", {}, { key: pruneKey, priority: 3 })),
		);
	}

	/** One that failed waits for the next look, and holds up no other. */
	async function queueAll(): Promise<void> {
		const failed: Id[] = [];
		while (!signal.aborted) {
			const part = await schedules.queueNext(clock(), failed, ask);
			if (!part) return;
			if (part.error === null) continue;
			failed.push(part.runId);
			onError(part.error, `queue the scans of run ${part.runId}`);
		}
	}

	async function ask({ id, action }: OpenRun, artifactIds: readonly Id[]): Promise<void> {
		if (action === "reevaluate") {
			await queue.send("evaluate-advisories", {}, { key: evaluateKey });
			return;
		}
		await deps.scans.request({
			target: { artifactIds },
			reason: "schedule",
			priority: "schedule",
			force: action === "rescan",
			scheduleRunId: id,
		});
	}

	async function each(what: keyof typeof due, everyMs: number, task: () => Promise<unknown>): Promise<void> {
		const now = clock().getTime();
		if (now < due[what]) return;
		await task();
		due[what] = now + everyMs;
	}

	async function untilNext(): Promise<number> {
		const next = await schedules.nextRunAt();
		if (!next) return times.lookMs;
		return Math.max(0, Math.min(times.lookMs, next.getTime() - clock().getTime()));
	}

	async function run(): Promise<void> {
		while (!signal.aborted) {
			bell = Promise.withResolvers<void>();
			let wait = times.followMs;
			await attempt("look", async () => {
				if (!(await leader.held())) return;
				await look();
				wait = await untilNext();
			});
			if (signal.aborted) return;
			const timer = setTimeout(bell.resolve, wait);
			await bell.promise;
			clearTimeout(timer);
		}
	}

	const running = run();
	return async () => {
		end.abort();
		bell.resolve();
		await running;
		await leader.close();
	};
}
