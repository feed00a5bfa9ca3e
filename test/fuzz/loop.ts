/** Runs a target over and over; stands in the thread that is watched. */
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { watchCoverage } from "./coverage.ts";
import { mutated } from "./mutate.ts";
import { mutatedJson } from "./mutate-json.ts";
import { type Failure, limitMs, mostFailures, type Slowest, shapeOf } from "./outcome.ts";
import { type Random, randomFor, randomOf } from "./random.ts";
import { stopwatch } from "./stopwatch.ts";
import { Broken, defaultMostBytes, type FuzzTarget } from "./target.ts";

/** Tells whoever watches what is being run. */
export interface Watcher {
	begin(input: Uint8Array): void;
	end(): void;
}

export interface LoopResult {
	readonly executions: number;
	readonly slowest: Slowest;
	readonly corpus: number;
	readonly failures: readonly Failure[];
}

interface Attempt {
	readonly ms: number;
	readonly failure: Omit<Failure, "input"> | null;
}

/** Runs the target once. */
async function attempt(target: FuzzTarget, input: Uint8Array, watcher: Watcher): Promise<Attempt> {
	watcher.begin(input);
	const start = performance.now();
	let failure: Attempt["failure"] = null;
	try {
		const running = target.run(input, randomFor(input));
		if (running) await running;
	} catch (error) {
		failure = { kind: error instanceof Broken ? "broke" : "threw", message: describe(error) };
	}
	watcher.end();
	return { ms: performance.now() - start, failure };
}

function describe(error: unknown): string {
	if (error instanceof Broken) return error.message;
	if (!(error instanceof Error)) return `no error but ${String(error)}`;
	return (error.stack ?? error.message).split("\n").slice(0, 8).join("\n");
}

/** A slow run is tried again before it counts: the machine has other things to do. */
export async function checked(target: FuzzTarget, input: Uint8Array, watcher: Watcher): Promise<Attempt> {
	const first = await attempt(target, input, watcher);
	if (first.failure !== null || first.ms < 20) return first;
	let { ms } = first;
	for (let tries = 0; tries < 2 && (tries === 0 || ms > limitMs(input.length)); tries++)
		ms = Math.min(ms, (await attempt(target, input, watcher)).ms);
	if (ms <= limitMs(input.length)) return { ms, failure: null };
	return { ms, failure: { kind: "slow", message: `${Math.round(ms)} ms for ${input.length} bytes` } };
}

/** Code whose coverage counts: that of the parsers, the planted ones included. */
const watched = [join(import.meta.dirname, "../../src/"), join(import.meta.dirname, "targets/planted.ts")];
/** Bytes of all kept inputs together. */
const mostKept = 64 * 1024 * 1024;
/** Runs between two looks at the coverage: few while new code is found. */
const batches = { least: 4, most: 256 } as const;
/** Milliseconds between two turns of the event loop. */
const turnMs = 25;

export async function fuzz(target: FuzzTarget, ms: number, seed: number, watcher: Watcher): Promise<LoopResult> {
	const random = randomOf(seed);
	const coverage = watchCoverage(watched);
	const corpus: Uint8Array[] = [new Uint8Array()];
	const failures = new Map<string, Failure>();
	let kept = 0;
	let executions = 0;
	let slowest: Slowest = { ms: 0, input: new Uint8Array() };
	let turned = performance.now();
	const spent = stopwatch();
	const run = async (input: Uint8Array): Promise<void> => {
		const { ms: taken, failure } = await checked(target, input, watcher);
		executions += 1;
		if (taken > slowest.ms) slowest = { ms: taken, input };
		if (failure) failures.set(shapeOf(failure), failures.get(shapeOf(failure)) ?? { ...failure, input });
		if (performance.now() - turned < turnMs) return;
		await nextTurn();
		turned = performance.now();
	};
	const keepNews = async (inputs: readonly Uint8Array[]): Promise<boolean> => {
		if (!coverage.hasNews()) return false;
		for (const input of inputs) {
			await attempt(target, input, watcher);
			if (!coverage.takeNews() || kept + input.length > mostKept) continue;
			corpus.push(new Uint8Array(input));
			kept += input.length;
		}
		return true;
	};
	for (const input of target.seeds()) {
		const short = input.subarray(0, target.mostBytes ?? defaultMostBytes);
		await run(short);
		corpus.push(short);
	}
	coverage.takeNews();
	let batch: number = batches.least;
	while (spent() < ms && failures.size < mostFailures) {
		const inputs = Array.from({ length: batch }, () => next(target, corpus, random));
		for (const input of inputs) if (spent() < ms) await run(input);
		batch = (await keepNews(inputs)) ? batches.least : Math.min(batch * 2, batches.most);
	}
	return { executions, slowest, corpus: corpus.length, failures: [...failures.values()] };
}

/** A changed input out of the corpus; younger ones are tried more. */
function next(target: FuzzTarget, corpus: readonly Uint8Array[], random: Random): Uint8Array {
	const { words = [], mostBytes = defaultMostBytes, format, mend } = target;
	const young = Math.floor((corpus.length * 3) / 4);
	const at = random.once(2) ? young + random.below(corpus.length - young) : random.below(corpus.length);
	const parent = corpus[at] ?? new Uint8Array();
	let input: Uint8Array | null = null;
	if (format === "json" && !random.once(4)) {
		input = mutatedJson(parent, corpus[random.below(corpus.length)] ?? parent, random, words);
		if (input && random.once(8)) input = mutated(input, random, { corpus, words, mostBytes });
	}
	input ??= mutated(parent, random, { corpus, words, mostBytes });
	if (mend && !random.once(4)) input = mend(input, random);
	return input.subarray(0, mostBytes);
}
