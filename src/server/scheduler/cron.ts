/** Five cron fields as a sequence of times on a wall's clock, which knows no summer time. croner reads the fields. */
import { Cron } from "croner";
import { ServerError } from "../errors.ts";
import type { WallTime } from "./zones.ts";

export interface CronTimes {
	/** The first time after this one; null when there is none. */
	after(wall: WallTime): WallTime | null;
}

const fields = ["minute", "hour", "day of the month", "month", "day of the week"] as const;
/** Before it, nothing was ever due. */
const someDay = Date.UTC(2024, 0, 1);

/** @throws ServerError unprocessable: naming what is wrong */
export function readCron(text: string): CronTimes {
	const given = text.trim().split(/\s+/);
	if (given.length !== fields.length)
		throw refused(text, `it has ${given.length} ${given.length === 1 ? "field" : "fields"}, not five`);
	const odd = given.findIndex((field) => !/^[0-9A-Za-z*/,#-]+$/.test(field));
	if (odd >= 0) throw refused(text, `${fields[odd]} is "${given[odd]}"`);
	const cron = parsed(text, given);
	if (cron.nextRun(new Date(someDay)) === null) throw refused(text, "such a day never comes");
	return { after: (wall) => cron.nextRun(new Date(wall))?.getTime() ?? null };
}

/** croner names no field; the one that is wrong is found by putting stars in the others' place. */
function parsed(text: string, given: readonly string[]): Cron {
	const make = (pattern: string): Cron => new Cron(pattern, { timezone: "UTC", mode: "5-part", paused: true });
	try {
		return make(given.join(" "));
	} catch (cause) {
		const wrong = given.findIndex((field, index) => {
			try {
				make(fields.map((_, at) => (at === index ? field : "*")).join(" "));
				return false;
			} catch {
				return true;
			}
		});
		throw refused(text, wrong < 0 ? "it cannot be read" : `${fields[wrong]} is "${given[wrong]}"`, cause);
	}
}

function refused(text: string, why: string, cause?: unknown): ServerError {
	return new ServerError(
		"unprocessable",
		`${JSON.stringify(text.slice(0, 100))} is no cron expression: ${why}.`,
		"Give five fields: minute, hour, day of the month, month, day of the week; 30 3 * * 1-5 is 03:30 from Monday to Friday.",
		cause,
	);
}
