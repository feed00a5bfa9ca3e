/**
 * A thread that parses hostile input, and the watch over it: what hangs, or takes too much memory, is ended, and the
 * input that did it is known because it was written down before.
 */
import { Worker } from "node:worker_threads";
import type { LoopResult, Watcher } from "./loop.ts";
import { type Failure, hangMs, mostRss } from "./outcome.ts";

export type Job =
	| { readonly kind: "fuzz"; readonly target: string; readonly ms: number; readonly seed: number }
	| { readonly kind: "replay"; readonly target: string; readonly input: Uint8Array };

export type Answer =
	| { readonly kind: "fuzzed"; readonly result: LoopResult }
	| { readonly kind: "replayed"; readonly ms: number; readonly failure: Omit<Failure, "input"> | null };

/** The thread was ended; `input` is what it was at. */
export interface Ended {
	readonly kind: "ended";
	readonly failure: Failure;
	/** Inputs that were run before. */
	readonly executions: number;
}

export interface WatchedThread {
	run(job: Job): Promise<Answer | Ended>;
	/** The highest resident size that was seen, bytes. */
	peak(): number;
	close(): Promise<void>;
}

/** The largest input of any target. */
const mostInput = 1024 * 1024;
const headBytes = 32;

/** Shared memory: begun, ended (32 bit counters), length of the input, and when it was begun. */
export function openNotes(memory: SharedArrayBuffer): Watcher & {
	executions(): number;
	/** The input that is at work, or was last. */
	input(): Uint8Array;
	/** Milliseconds that the input has been at work; 0 when none is. */
	workingMs(): number;
} {
	const counts = new Int32Array(memory, 0, 4);
	const begun = new Float64Array(memory, 16, 1);
	const bytes = new Uint8Array(memory, headBytes);
	const now = () => performance.timeOrigin + performance.now();
	return {
		begin(input) {
			bytes.set(input);
			counts[2] = input.length;
			begun[0] = now();
			Atomics.add(counts, 0, 1);
		},
		end() {
			Atomics.add(counts, 1, 1);
		},
		executions: () => Atomics.load(counts, 1),
		input: () => Uint8Array.from(bytes.subarray(0, counts[2])),
		workingMs: () => (Atomics.load(counts, 0) > Atomics.load(counts, 1) ? now() - (begun[0] ?? 0) : 0),
	};
}

const lookMs = 20;

/** A thread for jobs, one at a time. After one that had to be ended, the next job gets a new thread. */
export function watchedThread(): WatchedThread {
	let worker: Worker | null = null;
	let notes = openNotes(new SharedArrayBuffer(headBytes));
	let peak = 0;
	const start = (): Worker => {
		const memory = new SharedArrayBuffer(headBytes + mostInput);
		notes = openNotes(memory);
		const heapMb = mostRss / 1024 / 1024;
		worker = new Worker(new URL("./worker.ts", import.meta.url), {
			workerData: memory,
			resourceLimits: { maxOldGenerationSizeMb: heapMb },
		});
		// What an ended thread still says must not end the process.
		worker.on("error", () => {});
		return worker;
	};
	const stop = async (): Promise<void> => {
		const ending = worker;
		worker = null;
		await ending?.terminate();
	};
	const run = (job: Job): Promise<Answer | Ended> => {
		const thread = worker ?? start();
		const { promise, resolve } = Promise.withResolvers<Answer | Ended>();
		const end = (kind: Failure["kind"], message: string): void => {
			resolve({ kind: "ended", failure: { kind, message, input: notes.input() }, executions: notes.executions() });
			void stop();
		};
		// What earlier jobs left in a process that many share is not this one's.
		const most = Math.max(mostRss, process.memoryUsage.rss() + mostRss / 2);
		const watch = setInterval(() => {
			const rss = process.memoryUsage.rss();
			peak = Math.max(peak, rss);
			const working = notes.workingMs();
			if (working > hangMs(notes.input().length)) end("hung", `no end after ${Math.round(working / 1000)} s`);
			else if (rss > most) end("memory", `the process takes ${Math.round(rss / 1024 / 1024)} MB`);
		}, lookMs);
		const onError = (error: Error & { readonly code?: string }): void => {
			if (error.code === "ERR_WORKER_OUT_OF_MEMORY") end("memory", error.message);
			else end("crashed", error.stack ?? error.message);
		};
		const onExit = (code: number): void => end("crashed", `the thread ended with ${code}`);
		thread.once("message", resolve).once("error", onError).once("exit", onExit);
		// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
		thread.postMessage(job);
		return promise.finally(() => {
			clearInterval(watch);
			thread.off("message", resolve).off("error", onError).off("exit", onExit);
		});
	};
	return { run, peak: () => peak, close: stop };
}
