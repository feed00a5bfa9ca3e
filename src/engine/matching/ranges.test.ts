import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Affected, RangeEvent } from "#model";
import { orderingOf } from "./ordering.ts";
import { evaluate } from "./ranges.ts";

/** Whole numbers, so that these tests are about ranges and not about a version scheme. `?` is malformed. */
const numbers = orderingOf({
	id: "numbers",
	parse: (raw: string) => (/^\d+$/.test(raw) ? Number(raw) : null),
	compare: (a: number, b: number) => (a < b ? -1 : a > b ? 1 : 0),
});

function affected(events: readonly RangeEvent[], versions: readonly string[] = []): Affected {
	return { ecosystem: "test", name: "p", ranges: [{ type: "ECOSYSTEM", events }], versions };
}

const cases: readonly [what: string, entries: Affected[], version: string, hit: boolean, fixed: string | null][] = [
	["below the fix", [affected([{ introduced: "0" }, { fixed: "5" }])], "4", true, "5"],
	["at the fix", [affected([{ introduced: "0" }, { fixed: "5" }])], "5", false, null],
	["before it was introduced", [affected([{ introduced: "3" }, { fixed: "5" }])], "2", false, null],
	["where it was introduced", [affected([{ introduced: "3" }, { fixed: "5" }])], "3", true, "5"],
	["no fix known", [affected([{ introduced: "0" }])], "99", true, null],
	["fixed 0 affects nothing", [affected([{ introduced: "0" }, { fixed: "0" }])], "0", false, null],
	["last affected is still affected", [affected([{ introduced: "0" }, { lastAffected: "5" }])], "5", true, null],
	["above the last affected", [affected([{ introduced: "0" }, { lastAffected: "5" }])], "6", false, null],
	[
		"between two ranges",
		[affected([{ introduced: "0" }, { fixed: "3" }, { introduced: "5" }, { fixed: "7" }])],
		"4",
		false,
		null,
	],
	[
		"in the second range",
		[affected([{ introduced: "0" }, { fixed: "3" }, { introduced: "5" }, { fixed: "7" }])],
		"6",
		true,
		"7",
	],
	[
		"events in any order",
		[affected([{ fixed: "7" }, { introduced: "5" }, { fixed: "3" }, { introduced: "0" }])],
		"6",
		true,
		"7",
	],
	[
		"a fix that a second entry calls affected is no fix",
		[affected([{ introduced: "0" }, { fixed: "3" }]), affected([{ introduced: "2" }, { fixed: "6" }])],
		"1",
		true,
		"6",
	],
	["listed", [affected([], ["4"])], "4", true, null],
	["listed in another spelling", [affected([], ["04"])], "4", true, null],
	["not listed", [affected([], ["4"])], "5", false, null],
	["no event at all", [affected([])], "5", false, null],
	["below a limit", [affected([{ introduced: "0" }, { limit: "5" }])], "4", true, null],
	["at a limit", [affected([{ introduced: "0" }, { limit: "5" }])], "5", false, null],
];

describe("evaluate", () => {
	it.each(cases)("%s", (_what, entries, version, hit, fixed) => {
		expect(evaluate(entries, version, numbers)).toEqual({ affected: hit, fixed, undecided: null });
	});

	it("tells which malformed version keeps it from an answer", () => {
		const verdict = evaluate([affected([{ introduced: "0" }, { fixed: "5-?" }])], "4", numbers);
		expect(verdict).toEqual({ affected: false, fixed: null, undecided: "5-?" });
	});

	it("is affected all the same when another range decides", () => {
		const entries = [
			affected([{ introduced: "0" }, { fixed: "5-?" }]),
			affected([{ introduced: "0" }, { fixed: "9" }]),
		];
		expect(evaluate(entries, "4", numbers)).toEqual({ affected: true, fixed: "9", undecided: null });
	});

	it("agrees with reading alternating events one version at a time", () => {
		const bounds = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 });
		fc.assert(
			fc.property(bounds, fc.integer({ min: 0, max: 45 }), (unsorted, version) => {
				const sorted = [...unsorted].sort((a, b) => a - b);
				const events = sorted.map((at, i): RangeEvent => (i % 2 === 0 ? { introduced: `${at}` } : { fixed: `${at}` }));
				const passed = sorted.filter((at) => at <= version).length;
				const verdict = evaluate([affected(events)], `${version}`, numbers);
				expect(verdict.affected).toBe(passed % 2 === 1);
				if (verdict.fixed !== null) {
					expect(Number(verdict.fixed)).toBeGreaterThan(version);
					expect(evaluate([affected(events)], verdict.fixed, numbers).affected).toBe(false);
				}
			}),
		);
	});
});
