/** Fuzzes one target under watch, and makes what failed small enough to look at. */
import { crc32 } from "node:zlib";
import { minimised } from "./minimise.ts";
import { type Failure, mostFailures, type Outcome, type Slowest, shapeOf } from "./outcome.ts";
import { stopwatch } from "./stopwatch.ts";
import type { WatchedThread } from "./watched.ts";

export interface SessionOptions {
	readonly ms: number;
	readonly seed: number;
	/** Whether failing inputs are made smaller, which takes some more seconds. */
	readonly minimise: boolean;
}

export async function fuzzTarget(thread: WatchedThread, target: string, options: SessionOptions): Promise<Outcome> {
	const spent = stopwatch();
	const failures = new Map<string, Failure>();
	let executions = 0;
	let slowest: Slowest = { ms: 0, input: new Uint8Array() };
	let corpus = 0;
	// Each target has its own numbers, and after a hang it goes on with others than those that led there.
	let seed = (crc32(target) + options.seed) >>> 0;
	let left = options.ms;
	while (left > 0 && failures.size < mostFailures) {
		const answer = await thread.run({ kind: "fuzz", target, ms: left, seed });
		if (answer.kind === "ended") {
			const confirmed = await confirm(thread, target, answer.failure);
			if (confirmed) failures.set(shapeOf(confirmed), confirmed);
			executions += answer.executions;
			seed = (seed + 1) >>> 0;
			left = options.ms - spent();
			continue;
		}
		if (answer.kind !== "fuzzed") throw new Error(`The thread answered with ${answer.kind}.`);
		for (const failure of answer.result.failures) failures.set(shapeOf(failure), failure);
		executions += answer.result.executions;
		slowest = answer.result.slowest;
		corpus = Math.max(corpus, answer.result.corpus);
		break;
	}
	const seconds = spent() / 1000;
	const small: Failure[] = [];
	for (const failure of failures.values())
		small.push(options.minimise ? await smaller(thread, target, failure) : failure);
	const peakMb = thread.peak() / 1024 / 1024;
	return { target, executions, seconds, slowest, corpus, peakMb, failures: small };
}

/** Memory is told late, so that another input may be to blame, or none: the same again in a thread of its own. */
async function confirm(thread: WatchedThread, target: string, failure: Failure): Promise<Failure | null> {
	const again = await replay(thread, target, failure.input);
	if (again) return { ...again, input: failure.input };
	if (failure.kind === "hung") return null;
	return { ...failure, message: `${failure.message}; this input alone does not repeat it` };
}

export async function replay(
	thread: WatchedThread,
	target: string,
	input: Uint8Array,
): Promise<Omit<Failure, "input"> | null> {
	const answer = await thread.run({ kind: "replay", target, input });
	if (answer.kind === "ended") return answer.failure;
	return answer.kind === "replayed" ? answer.failure : null;
}

/** Failures that take their time are tried a few times only. */
async function smaller(thread: WatchedThread, target: string, failure: Failure): Promise<Failure> {
	const fast = failure.kind === "threw" || failure.kind === "broke";
	let latest: Omit<Failure, "input"> = failure;
	const stillFails = async (input: Uint8Array): Promise<boolean> => {
		const found = await replay(thread, target, input);
		const same = found !== null && shapeOf(found) === shapeOf(failure);
		if (same) latest = found;
		return same;
	};
	const input = await minimised(failure.input, { stillFails, tries: fast ? 2000 : 12 });
	return { ...latest, input };
}
