/** One evaluation in a process of its own: `node evaluate-once.ts URL FOLDER`. Prints its figures as JSON. */
import { setInterval } from "node:timers";
import { currentAdvisories } from "../../src/store/advisories/current.ts";
import { evaluate } from "../../src/store/advisories/evaluate.ts";
import { snapshotFiles } from "../../src/store/advisories/snapshot-files.ts";
import { openDatabase } from "../../src/store/database.ts";

export interface EvaluateFigures {
	readonly ms: number;
	readonly peakMb: number;
	/** The longest time that nothing else got its turn. */
	readonly blockedMs: number;
}

const [url = "", folder = ""] = process.argv.slice(2);
const database = await openDatabase(url);
const { db } = database;
const files = snapshotFiles(folder);
const advisories = currentAdvisories(files);
let last = performance.now();
let blockedMs = 0;
const watch = setInterval(() => {
	const now = performance.now();
	blockedMs = Math.max(blockedMs, now - last - 5);
	last = now;
}, 5);
const started = performance.now();
await evaluate({ db, files, advisories, clock: () => new Date() }, new AbortController().signal);
const ms = performance.now() - started;
clearInterval(watch);
advisories.close();
await database.close();
const figures: EvaluateFigures = { ms, peakMb: process.resourceUsage().maxRSS / 1024, blockedMs };
process.stdout.write(`${JSON.stringify(figures)}\n`);
