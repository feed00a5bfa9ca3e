/** What becomes of a schedule that is due, and of due times that were missed while Plimsoll was down. */
import type { DueSchedule, Plan, PlannedRun } from "../ports/schedules.ts";
import { type DueTimes, dueTimes, runTime } from "./due-times.ts";

/** A run that begins so late was missed; up to then a scheduler may have been taken over or restarted. */
const lateMs = 10 * 60_000;
/** What was missed longer ago is not made up for. */
const worthMs = 24 * 3_600_000;

export function planRuns(schedule: DueSchedule, now: Date): Plan {
	let times: DueTimes;
	try {
		times = dueTimes(schedule);
	} catch (error) {
		// It was good when it was made: the time zone is gone from a newer Node, or the row was changed by hand.
		const reason = error instanceof Error ? error.message : String(error);
		return { runs: [{ dueAt: schedule.dueAt, state: "failed", error: reason }], next: null };
	}
	const timeOf = (due: Date): Date => runTime(schedule.id, due, schedule.jitterSeconds);
	const nextAfter = (moment: Date): Plan["next"] => {
		const dueAt = times.after(moment);
		return dueAt && { dueAt, runAt: timeOf(dueAt) };
	};
	const first = schedule.dueAt;
	if (now.getTime() - schedule.runAt.getTime() <= lateMs)
		return { runs: [{ dueAt: first, state: "running", error: null }], next: nextAfter(first) };

	const since = new Date(Math.max(first.getTime(), now.getTime() - worthMs) - 1);
	let last: Date | null = null;
	for (let due = times.after(since); due && timeOf(due) <= now; due = times.after(due)) last = due;
	if (last === null) return { runs: [skipped(first, longAgo)], next: nextAfter(latest(first, since)) };
	const caughtUp: PlannedRun = { dueAt: last, state: "running", error: null };
	const runs = last > first ? [skipped(first, standIn(last)), caughtUp] : [caughtUp];
	return { runs, next: nextAfter(last) };
}

const longAgo = "Plimsoll was not running at this time, and more than a day later it was too late to make up for it.";
const standIn = (last: Date): string =>
	`Plimsoll was not running at this time; the run of ${last.toISOString()} stands in for all that were missed.`;

function skipped(dueAt: Date, error: string): PlannedRun {
	return { dueAt, state: "skipped", error };
}

function latest(a: Date, b: Date): Date {
	return a > b ? a : b;
}
