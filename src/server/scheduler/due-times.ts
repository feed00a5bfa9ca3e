/** When a schedule is due, and when it runs then. */
import { createHash } from "node:crypto";
import type { Id } from "#contract";
import { type CronTimes, readCron } from "./cron.ts";
import { type Zone, zoneOf } from "./zones.ts";

export interface Timing {
	readonly cron: string;
	readonly timeZone: string;
}

export interface DueTimes {
	/** The first due time after this moment; null when none will come. */
	after(moment: Date): Date | null;
}

/** Clocks were never changed by more than a day. */
const widest = 26 * 3_600_000;

/** @throws ServerError unprocessable: the cron expression or the zone is none */
export function dueTimes({ cron, timeZone }: Timing): DueTimes {
	const [times, zone] = [readCron(cron), zoneOf(timeZone)];
	return { after: (moment) => next(times, zone, moment.getTime()) };
}

/**
 * Times on the wall are turned into moments in their order, which never goes back: a time that is shown twice is the
 * first of the two moments, and all that fall into a gap are the one moment after it.
 */
function next(times: CronTimes, zone: Zone, moment: number): Date | null {
	const back = zone.changesNear(moment, widest) ? widest : 1;
	for (let wall: number | null = zone.wallOf(moment) - back; ; ) {
		wall = times.after(wall);
		if (wall === null) return null;
		const due = zone.momentOf(wall);
		if (due > moment) return new Date(due);
	}
}

/** The same on every machine, so that all agree when a due time is up. */
export function runTime(scheduleId: Id, due: Date, jitterSeconds: number): Date {
	if (jitterSeconds === 0) return due;
	const hash = createHash("sha256").update(`${scheduleId}/${due.getTime()}`).digest();
	return new Date(due.getTime() + (hash.readUInt32BE(0) % (jitterSeconds + 1)) * 1000);
}
