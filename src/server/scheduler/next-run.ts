/** What a schedule must be to be kept, and when it runs next. */
import type { SchedulePreview, ScheduleScope } from "#contract";
import { ServerError } from "../errors.ts";
import type { NextOf } from "../ports/schedules.ts";
import { dueTimes, runTime, type Timing } from "./due-times.ts";
import { cronInWords } from "./words.ts";

/** Due times that are compared; the gaps of a cron expression come again after few. */
const looked = 30;

/** @throws ServerError unprocessable: the expression, the zone, or a jitter that would mix up its runs */
export function nextRun(now: Date): NextOf {
	return ({ id, jitterSeconds, ...timing }) => {
		const times = dueTimes(timing);
		const dueAt = times.after(now);
		if (!dueAt) return null;
		checkJitter(timing, jitterSeconds, now);
		return { dueAt, runAt: runTime(id, dueAt, jitterSeconds) };
	};
}

function checkJitter(timing: Timing, jitterSeconds: number, now: Date): void {
	const dues = nextDues(timing, now, looked);
	const gaps = dues.slice(1).map((due, index) => (due.getTime() - (dues[index]?.getTime() ?? 0)) / 1000);
	const shortest = Math.min(...gaps);
	if (jitterSeconds < shortest) return;
	throw new ServerError(
		"unprocessable",
		`A jitter of ${jitterSeconds} s is not shorter than the time between two runs, ${shortest} s.`,
		"Choose a shorter one, or a cron expression that runs less often.",
	);
}

function nextDues(timing: Timing, from: Date, count: number): readonly Date[] {
	const times = dueTimes(timing);
	const found: Date[] = [];
	for (let due = times.after(from); due && found.length < count; due = times.after(due)) found.push(due);
	return found;
}

/** @throws ServerError unprocessable */
export function previewOf(timing: Timing, now: Date): SchedulePreview {
	return {
		next: nextDues(timing, now, 5).map((due) => due.toISOString()),
		words: cronInWords(timing.cron, timing.timeZone),
	};
}

/** @throws ServerError unprocessable: a re-evaluation is of all images */
export function checkAction(action: string, scope: ScheduleScope): void {
	if (action !== "reevaluate" || Object.keys(scope).length === 0) return;
	throw new ServerError(
		"unprocessable",
		"A re-evaluation judges all images by the newest advisories; it has no scope.",
		"Leave the scope empty, or choose `scan_new` or `rescan`.",
	);
}
