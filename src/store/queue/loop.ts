/** Takes jobs of one kind as long as there is room, and sees each to its end. */
import { setTimeout as pause } from "node:timers/promises";
import type { JobKind } from "#contract";
import type { JobContext } from "#server";
import type { Taken } from "./claims.ts";

/** When nothing wakes us: jobs that wait for their time, and notifications that were lost. */
const pollMs = 1_000;
const longestPauseMs = 2_000;

export interface LoopDeps {
	readonly kind: JobKind;
	readonly concurrency: number;
	readonly worker: number;
	readonly handler: (payload: unknown, context: JobContext) => Promise<void>;
	readonly take: (room: number) => Promise<readonly Taken[]>;
	readonly settle: (job: Taken, how: "complete" | "fail" | "give-back", why?: string) => Promise<void>;
	readonly onError: (error: unknown) => void;
}

/** Why a handler is told to stop. */
export type AbortReason = "lost" | "shutdown";

export interface Loop {
	/** There may be work. */
	wake(): void;
	/** Running, and not about to be settled. */
	running(): readonly Taken[];
	/** Jobs that are another's by now. */
	lose(jobs: readonly Taken[]): void;
	stop(graceMilliseconds: number): Promise<void>;
}

export function startLoop(deps: LoopDeps): Loop {
	const running = new Map<Taken, AbortController>();
	const settling = new Set<Taken>();
	const ends = new Set<Promise<void>>();
	let bell = Promise.withResolvers<void>();
	const stopping = new AbortController();

	/** The next is taken while the last is settled. */
	const busy = (): number => running.size - settling.size;
	const leave = (job: Taken): void => {
		settling.add(job);
		bell.resolve();
	};

	/** However long the database is away: what is settled must be known there, unless the job is another's. */
	async function settle(job: Taken, signal: AbortSignal, how: "complete" | "fail" | "give-back", why?: string) {
		for (let wait = 50; !(signal.aborted && signal.reason === "lost"); wait = Math.min(wait * 2, longestPauseMs)) {
			try {
				await deps.settle(job, how, why);
				return;
			} catch (error) {
				deps.onError(error);
				if (stopping.signal.aborted && wait >= longestPauseMs) return;
				await pause(wait);
			}
		}
	}

	async function run(job: Taken): Promise<void> {
		const controller = new AbortController();
		const { signal } = controller;
		running.set(job, controller);
		const context = { id: job.id, worker: deps.worker, attempt: job.attempt + 1, lastAttempt: job.last, signal };
		try {
			await deps.handler(job.data, context);
			leave(job);
			await settle(job, signal, "complete");
		} catch (error) {
			leave(job);
			if (signal.aborted && signal.reason === "shutdown") await settle(job, signal, "give-back");
			else if (!signal.aborted) {
				deps.onError(error);
				await settle(job, signal, "fail", error instanceof Error ? error.message : String(error));
			}
		} finally {
			running.delete(job);
			settling.delete(job);
			bell.resolve();
		}
	}

	async function loop(): Promise<void> {
		let wait = 50;
		while (!stopping.signal.aborted) {
			const rung = bell;
			let taken: readonly Taken[] = [];
			try {
				const room = deps.concurrency - busy();
				taken = room > 0 ? await deps.take(room) : [];
				wait = 50;
			} catch (error) {
				deps.onError(error);
				await pause(wait);
				wait = Math.min(wait * 2, longestPauseMs);
				continue;
			}
			for (const job of taken) {
				const end = run(job).catch(deps.onError);
				ends.add(end);
				void end.finally(() => ends.delete(end));
			}
			if (taken.length > 0 && busy() < deps.concurrency) continue;
			const patience = new AbortController();
			await Promise.race([rung.promise, pause(pollMs, undefined, { signal: patience.signal }).catch(() => {})]);
			patience.abort();
			if (bell === rung) bell = Promise.withResolvers<void>();
		}
	}

	const looping = loop();
	return {
		wake: () => bell.resolve(),
		running: () => [...running.keys()].filter((job) => !settling.has(job)),
		lose: (jobs) => {
			for (const job of jobs) running.get(job)?.abort("lost" satisfies AbortReason);
		},
		stop: async (graceMilliseconds) => {
			stopping.abort();
			bell.resolve();
			await looping;
			const patience = new AbortController();
			const grace = pause(graceMilliseconds, undefined, { signal: patience.signal }).catch(() => {});
			await Promise.race([Promise.all(ends), grace]);
			patience.abort();
			for (const controller of running.values()) controller.abort("shutdown" satisfies AbortReason);
			// A handler that does not listen is left; the lock goes with the process, and others take the job up.
			const last = new AbortController();
			await Promise.race([Promise.all(ends), pause(5_000, undefined, { signal: last.signal }).catch(() => {})]);
			last.abort();
		},
	};
}
