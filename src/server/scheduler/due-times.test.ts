import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dueTimes, runTime } from "./due-times.ts";
import { zoneOf } from "./zones.ts";

function list(cron: string, timeZone: string, after: string, count: number): string[] {
	const times = dueTimes({ cron, timeZone });
	const found: string[] = [];
	for (let at: Date | null = new Date(after); found.length < count; ) {
		at = times.after(at);
		if (!at) break;
		found.push(at.toISOString().replace(":00.000Z", "Z"));
	}
	return found;
}

describe("around a change of clocks", () => {
	test.each([
		// Berlin, 29 March 2026: 02:00 to 03:00 are not there; 25 October: 02:00 to 03:00 are there twice.
		[
			"30 2 * * *",
			"Europe/Berlin",
			"2026-03-27T12:00Z",
			["2026-03-28T01:30Z", "2026-03-29T01:00Z", "2026-03-30T00:30Z"],
		],
		[
			"30 2 * * *",
			"Europe/Berlin",
			"2026-10-23T12:00Z",
			["2026-10-24T00:30Z", "2026-10-25T00:30Z", "2026-10-26T01:30Z"],
		],
		[
			"*/20 2 * * *",
			"Europe/Berlin",
			"2026-03-28T12:00Z",
			["2026-03-29T01:00Z", "2026-03-30T00:00Z", "2026-03-30T00:20Z"],
		],
		[
			"0 * * * *",
			"Europe/Berlin",
			"2026-03-28T23:30Z",
			["2026-03-29T00:00Z", "2026-03-29T01:00Z", "2026-03-29T02:00Z"],
		],
		[
			"0 * * * *",
			"Europe/Berlin",
			"2026-10-24T22:30Z",
			["2026-10-24T23:00Z", "2026-10-25T00:00Z", "2026-10-25T02:00Z"],
		],
		// New York, 8 March and 1 November 2026.
		["15 2 * * *", "America/New_York", "2026-03-07T12:00Z", ["2026-03-08T07:00Z", "2026-03-09T06:15Z"]],
		["30 1 * * *", "America/New_York", "2026-10-31T12:00Z", ["2026-11-01T05:30Z", "2026-11-02T06:30Z"]],
		["0 2 * * 0", "America/New_York", "2026-03-01T12:00Z", ["2026-03-08T07:00Z", "2026-03-15T06:00Z"]],
		// Shanghai has none.
		[
			"0 3 * * *",
			"Asia/Shanghai",
			"2026-03-28T00:00Z",
			["2026-03-28T19:00Z", "2026-03-29T19:00Z", "2026-03-30T19:00Z"],
		],
		// Lord Howe changes by half an hour: 4 October 2026 forward at 02:00, 5 April back at 02:00.
		["15 2 * * *", "Australia/Lord_Howe", "2026-10-02T18:00Z", ["2026-10-03T15:30Z", "2026-10-04T15:15Z"]],
		["45 1 * * *", "Australia/Lord_Howe", "2026-04-03T18:00Z", ["2026-04-04T14:45Z", "2026-04-05T15:15Z"]],
		// Samoa had no 30 December 2011 at all.
		[
			"0 12 * * *",
			"Pacific/Apia",
			"2011-12-29T00:00Z",
			["2011-12-29T22:00Z", "2011-12-30T10:00Z", "2011-12-30T22:00Z"],
		],
	])("%s in %s", (cron, zone, after, expected) => {
		expect(list(cron, zone, after, expected.length)).toEqual(expected);
	});

	test.each(["Europe/Berlin", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe"])(
		"a daily time runs once on each day of three years in %s, and every one later than the last",
		(name) => {
			const zone = zoneOf(name);
			fc.assert(
				fc.property(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), (hour, minute) => {
					const times = dueTimes({ cron: `${minute} ${hour} * * *`, timeZone: name });
					const days: string[] = [];
					let last = new Date("2025-01-01T12:00Z");
					for (let n = 0; n < 1096; n++) {
						const due = times.after(last);
						if (!due || due <= last) throw new Error("no later time");
						days.push(new Date(zone.wallOf(due.getTime())).toISOString().slice(0, 10));
						last = due;
					}
					const start = Date.parse(days[0] ?? "");
					expect(days).toEqual(days.map((_, n) => new Date(start + n * 86_400_000).toISOString().slice(0, 10)));
				}),
				{ numRuns: 6 },
			);
		},
	);

	test("what comes next does not depend on how often one asks", () => {
		const zones = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"];
		fc.assert(
			fc.property(
				fc.constantFrom(...zones),
				fc.constantFrom("*/15 * * * *", "30 1,2,3 * * *", "0 */6 * * 0"),
				fc.integer({ min: Date.parse("2026-01-01"), max: Date.parse("2027-01-01") }),
				fc.integer({ min: 0, max: 7_200_000 }),
				(timeZone, cron, moment, later) => {
					const times = dueTimes({ cron, timeZone });
					const next = times.after(new Date(moment));
					if (next && moment + later < next.getTime()) expect(times.after(new Date(moment + later))).toEqual(next);
					else expect(times.after(new Date(moment + later))?.getTime()).toBeGreaterThan(moment + later);
				},
			),
			{ numRuns: 200 },
		);
	});
});

describe("what is refused, and how it is named", () => {
	test.each([
		["* * * *", "UTC", /4 fields, not five/],
		["* * * * * *", "UTC", /6 fields, not five/],
		["@daily", "UTC", /1 field, not five/],
		["61 * * * *", "UTC", /minute is "61"/],
		["0 25 * * *", "UTC", /hour is "25"/],
		["0 0 0 * *", "UTC", /day of the month is "0"/],
		["0 0 * 13 *", "UTC", /: month is "13"/],
		["0 0 * * 9", "UTC", /day of the week is "9"/],
		["0 0 30 2 *", "UTC", /never comes/],
		["0 0 * * ;", "UTC", /day of the week is ";"/],
		["0 0 * * *", "Europe/Atlantis", /no time zone called "Europe\/Atlantis"/],
		["0 0 * * *", "+02:00", /no time zone/],
		["0 0 * * *", "", /no time zone/],
	])("%s in %s", (cron, timeZone, message) => {
		expect(() => dueTimes({ cron, timeZone })).toThrow(
			expect.objectContaining({ code: "unprocessable", message: expect.stringMatching(message) }),
		);
	});
});

describe("jitter", () => {
	test("is within its bound, the same each time, and another at another time", () => {
		const due = new Date("2026-01-01T00:00Z");
		const delays = Array.from({ length: 200 }, (_, n) => {
			const at = new Date(due.getTime() + n * 60_000);
			expect(runTime("7", at, 90)).toEqual(runTime("7", at, 90));
			return (runTime("7", at, 90).getTime() - at.getTime()) / 1000;
		});
		expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
		expect(Math.max(...delays)).toBeLessThanOrEqual(90);
		expect(new Set(delays).size).toBeGreaterThan(40);
		expect(runTime("7", due, 0)).toEqual(due);
	});
});
