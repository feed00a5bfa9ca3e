/** Clocks on the wall and moments, by the IANA time zone database that Node brings. */
import { ServerError } from "../errors.ts";

/** A time as a clock on the wall shows it, as the milliseconds that it would be in UTC. */
export type WallTime = number;

export interface Zone {
	readonly name: string;
	wallOf(moment: number): WallTime;
	/**
	 * The moment at which the wall's clock shows this time. One that is shown twice (clocks go back) is the first of the
	 * two; one that is never shown (clocks go forward) is the first moment after the gap.
	 */
	momentOf(wall: WallTime): number;
	/** Whether clocks are changed within so long before or after. */
	changesNear(moment: number, within: number): boolean;
}

/** No zone is further than that from UTC, nor were clocks ever changed by more. */
const most = 26 * 3_600_000;
const zones = new Map<string, Zone>();

/** @throws ServerError unprocessable: there is no such zone */
export function zoneOf(name: string): Zone {
	const known = zones.get(name);
	if (known) return known;
	const zone = makeZone(name);
	// Names are a few hundred, but with lower and upper case there is no end of them.
	if (zones.size < 1_000) zones.set(name, zone);
	return zone;
}

function makeZone(name: string): Zone {
	const format = formatOf(name);
	const offsetAt = (moment: number): number => {
		const second = Math.floor(moment / 1000) * 1000;
		const part = new Map(format.formatToParts(second).map(({ type, value }) => [type, Number(value)]));
		const get = (type: Intl.DateTimeFormatPartTypes): number => part.get(type) ?? 0;
		return Date.UTC(get("year"), get("month") - 1, get("day"), get("hour"), get("minute"), get("second")) - second;
	};
	return {
		name,
		wallOf: (moment) => moment + offsetAt(moment),
		momentOf: (wall) => {
			const [before, after] = [offsetAt(wall - most), offsetAt(wall + most)];
			// The larger offset gives the earlier moment.
			const offsets = [...new Set([before, after])].sort((a, b) => b - a);
			const shown = offsets.map((offset) => wall - offset).find((moment) => moment + offsetAt(moment) === wall);
			return shown ?? firstAfterGap(wall - Math.max(before, after), wall - Math.min(before, after), offsetAt);
		},
		changesNear: (moment, within) => offsetAt(moment - within) !== offsetAt(moment + within),
	};
}

/** Clocks change once between the two; to the second, because some old zones are not at whole minutes. */
function firstAfterGap(from: number, to: number, offsetAt: (moment: number) => number): number {
	const offset = offsetAt(to);
	let [low, high] = [from, to];
	while (high - low > 1000) {
		const middle = Math.floor((low + high) / 2000) * 1000;
		if (offsetAt(middle) === offset) high = middle;
		else low = middle;
	}
	return high;
}

function formatOf(name: string): Intl.DateTimeFormat {
	try {
		// Offsets like +02:00 are no zones: they know no summer.
		if (!/^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/.test(name)) throw new RangeError("not a name");
		return new Intl.DateTimeFormat("en-US", {
			timeZone: name,
			calendar: "gregory",
			numberingSystem: "latn",
			hourCycle: "h23",
			year: "numeric",
			month: "numeric",
			day: "numeric",
			hour: "numeric",
			minute: "numeric",
			second: "numeric",
		});
	} catch (cause) {
		throw new ServerError(
			"unprocessable",
			`There is no time zone called ${JSON.stringify(name.slice(0, 64))}.`,
			"Give an IANA name such as Europe/Berlin, Asia/Shanghai or UTC.",
			cause,
		);
	}
}
