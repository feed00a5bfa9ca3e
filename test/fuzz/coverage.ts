/**
 * Which code a parser has run, as V8 counts it: an input that reaches new code is worth keeping.
 * https://chromedevtools.github.io/devtools-protocol/tot/Profiler/
 */
import { type Profiler, Session } from "node:inspector";

export interface Coverage {
	/** Whether code was run, since it was last asked, that had not been run before it was last taken. */
	hasNews(): boolean;
	/** The same, and from now on it is nothing new. */
	takeNews(): boolean;
}

/**
 * One for the thread, from before anything else is loaded: V8 counts in functions only that it compiles meanwhile, and
 * never again in those that were compiled under a session that is gone.
 */
const session = new Session();
session.connect();
session.post("Profiler.enable");
session.post("Profiler.startPreciseCoverage", { callCount: false, detailed: true });

/** Watches all code below these absolute paths. */
export function watchCoverage(paths: readonly string[]): Coverage {
	const known: Known = new Map();
	const scripts = () => taken().filter(({ url }) => paths.some((path) => url.includes(path)));
	return {
		hasNews: () => scripts().some((script) => add(known, script, "look") > 0),
		takeNews: () => scripts().reduce((fresh, script) => fresh + add(known, script, "mark"), 0) > 0,
	};
}

/** By function: which characters of it were run. */
type Known = Map<string, Uint8Array>;

/** A session in its own thread answers at once. V8 forgets what it has told. */
function taken(): readonly Profiler.ScriptCoverage[] {
	let scripts: readonly Profiler.ScriptCoverage[] = [];
	session.post("Profiler.takePreciseCoverage", (error, answer) => {
		if (error) throw error;
		scripts = answer.result;
	});
	return scripts;
}

/**
 * Counts, and marks, what was run for the first time; ranges within a range correct it. Each function is looked at on its
 * own: the text of one inside another is within the outer one's range whether it was run or not.
 */
function add(known: Known, { scriptId, functions }: Profiler.ScriptCoverage, how: "look" | "mark"): number {
	let fresh = 0;
	for (const { ranges } of functions) {
		const [whole] = ranges;
		if (!whole || whole.count === 0) continue;
		const { startOffset: start, endOffset: end } = whole;
		const key = `${scriptId} ${start} ${end}`;
		const run = new Uint8Array(end - start);
		for (const { startOffset, endOffset, count } of ranges)
			run.fill(count > 0 ? 1 : 0, startOffset - start, endOffset - start);
		const before = known.get(key);
		for (let at = 0; at < run.length; at++) if (run[at] === 1 && before?.[at] !== 1) fresh += 1;
		if (how === "look") continue;
		if (before) for (let at = 0; at < run.length; at++) run[at] = (run[at] ?? 0) | (before[at] ?? 0);
		known.set(key, run);
	}
	return fresh;
}
