/** The thread that parses: takes one job after the other, and writes down each input before it is parsed. */
import { parentPort, workerData } from "node:worker_threads";
import { checked, fuzz } from "./loop.ts";
import { targetNamed } from "./registry.ts";
import { type Answer, type Job, openNotes } from "./watched.ts";

const notes = openNotes(workerData as SharedArrayBuffer);

parentPort?.on("message", (job: Job) => {
	// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
	void answer(job).then((result) => parentPort?.postMessage(result));
});

async function answer(job: Job): Promise<Answer> {
	const target = targetNamed(job.target);
	if (job.kind === "fuzz") return { kind: "fuzzed", result: await fuzz(target, job.ms, job.seed, notes) };
	const { ms, failure } = await checked(target, job.input, notes);
	return { kind: "replayed", ms, failure };
}
