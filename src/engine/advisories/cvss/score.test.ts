import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scoreVector } from "./score.ts";

/**
 * Base scores of the example documents of FIRST (CVSS 2: §3.3 of its guide), named by the CVE that the document scores,
 * and a few that independent implementations agree on. The supplemental metrics of one must not change its score.
 * @see https://www.first.org/cvss/v3-1/examples
 * @see https://www.first.org/cvss/v4-0/examples
 */
const published: readonly (readonly ["CVSS_V2" | "CVSS_V3" | "CVSS_V4", string, string, number])[] = [
	["CVSS_V2", "AV:N/AC:L/Au:N/C:N/I:N/A:C", "2.0", 7.8], // CVE-2002-0392
	["CVSS_V2", "(AV:N/AC:L/Au:N/C:C/I:C/A:C)", "2.0", 10], // CVE-2003-0818
	["CVSS_V2", "AV:L/AC:H/Au:N/C:C/I:C/A:C", "2.0", 6.2], // CVE-2003-0062
	["CVSS_V3", "CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "3.0", 6.1], // CVE-2013-1937
	["CVSS_V3", "CVSS:3.0/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", "3.0", 3.1], // CVE-2014-3566
	["CVSS_V3", "CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", "3.0", 8.8], // CVE-2012-0384, scored anew for 3.1
	["CVSS_V3", "CVSS:3.0/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "3.0", 6.8], // CVE-2014-2005
	["CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "3.1", 6.1], // CVE-2013-1937
	["CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", "3.1", 6.4], // CVE-2013-0375
	["CVSS_V3", "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", "3.1", 3.1], // CVE-2014-3566
	["CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", "3.1", 9.9], // CVE-2012-1516
	["CVSS_V3", "CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", "3.1", 4.2], // CVE-2009-0783
	["CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H", "3.1", 7.2], // CVE-2012-0384
	["CVSS_V3", "CVSS:3.1/AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", "3.1", 7.8], // CVE-2015-1098
	["CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "3.1", 7.5], // CVE-2014-0160
	["CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "3.1", 9.8], // CVE-2014-6271
	["CVSS_V3", "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:H/A:N", "3.1", 6.8], // CVE-2008-1447
	["CVSS_V3", "CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:H", "3.1", 9.3], // CVE-2013-6014
	["CVSS_V3", "CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N", "3.1", 4.6], // CVE-2014-2019
	["CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:N/A:N", "3.1", 5.8], // CVE-2010-0467
	["CVSS_V3", "CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "3.1", 8.8], // CVE-2011-1265
	["CVSS_V3", "CVSS:3.1/AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N", "3.1", 7.4], // CVE-2014-0224
	["CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H", "3.1", 9.6], // CVE-2012-5376
	["CVSS_V3", "CVSS:3.1/AV:L/AC:L/PR:H/UI:N/S:C/C:H/I:H/A:H", "3.1", 8.2], // CVE-2016-5729
	["CVSS_V3", "CVSS:3.1/AV:P/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "3.1", 7.6], // CVE-2018-3652
	["CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:L/UI:R/S:U/C:N/I:N/A:N", "3.1", 0], // no impact
	["CVSS_V4", "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "4.0", 7.3], // CVE-2022-41741
	["CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "4.0", 7.7], // CVE-2020-3549
	["CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N", "4.0", 8.3], // CVE-2023-3089
	["CVSS_V4", "CVSS:4.0/AV:L/AC:L/AT:N/PR:N/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N", "4.0", 4.6], // CVE-2021-44714
	["CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N", "4.0", 5.1], // cross-site scripting
	["CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N", "4.0", 6.9], // CVE-2022-22186
	["CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:L/SA:N", "4.0", 6.9], // CVE-2023-20245
	["CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:L/VA:N/SC:L/SI:N/SA:H", "4.0", 7.8], // CVE-2023-20245 with impact downstream
	["CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:L/VA:N/SC:L/SI:L/SA:L", "4.0", 6.9], // CVE-2024-1233
	["CVSS_V4", "CVSS:4.0/AV:L/AC:L/AT:N/PR:H/UI:N/VC:N/VI:N/VA:N/SC:H/SI:N/SA:N", "4.0", 5.9], // CVE-2023-21989
	["CVSS_V4", "CVSS:4.0/AV:L/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", "4.0", 9.4], // CVE-2020-3947
	["CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:H/VA:N/SC:H/SI:H/SA:H", "4.0", 9.3], // CVE-2023-48228
	["CVSS_V4", "CVSS:4.0/AV:P/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:H/SA:N/S:P/V:D", "4.0", 8.3], // CVE-2023-30560
	["CVSS_V4", "CVSS:4.0/AV:A/AC:L/AT:N/PR:N/UI:N/VC:N/VI:L/VA:N/SC:H/SI:N/SA:H", "4.0", 6.4], // CVE-2013-6014
	["CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N", "4.0", 8.7], // CVE-2014-0160
	["CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N", "4.0", 6.9], // CVE-2021-32570
	["CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "4.0", 9.3], // CVE-2022-26134
	["CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", "4.0", 10], // everything lost, here and further on
	["CVSS_V4", "CVSS:4.0/AV:P/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", "4.0", 8.6], // a physical attack that reaches further systems
	["CVSS_V4", "CVSS:4.0/AV:P/AC:L/AT:P/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "4.0", 5.4], // a physical attack that needs a special state
	["CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:P/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N", "4.0", 5.1], // stored cross-site scripting
	["CVSS_V4", "CVSS:4.0/AV:A/AC:L/AT:N/PR:L/UI:A/VC:L/VI:L/VA:N/SC:N/SI:N/SA:H", "4.0", 4.1], // every group of metrics between its extremes
];

describe("scoreVector", () => {
	it.each(published)("%s %s is CVSS %s and scores %d", (type, vector, version, score) => {
		expect(scoreVector(type, vector)).toEqual({ version, score });
	});

	it.each([
		["CVSS_V2", "AV:N/AC:L/Au:N/C:C/I:C/A:C/E:F/RL:OF/RC:C", 10],
		["CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N/E:U/RL:O/RC:U/MAV:P", 6.1],
		["CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/E:U", 10],
	] as const)("scores only the base metrics of %s %s", (type, vector, score) => {
		expect(scoreVector(type, vector)?.score).toBe(score);
	});

	it("goes by the vector's prefix where a feed mistakes the type", () => {
		expect(scoreVector("CVSS_V3", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H")?.version).toBe(
			"4.0",
		);
	});

	it.each([
		["CVSS_V2", ""],
		["CVSS_V2", "()"],
		["CVSS_V2", "AV:N/AC:L/Au:N/C:N/I:N"],
		["CVSS_V3", "AV:N/AC:L/Au:N/C:N/I:N/A:C"],
		["CVSS_V3", "9.8"],
		["CVSS_V3", "CVSS:3.1/AV:N/AC:L"],
		["CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:Q"],
		["CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N/A:H"],
		["CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:X"],
		["CVSS_V3", "CVSS:3.2/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"],
		["CVSS_V4", "CVSS:4.0/AV:N/AC:L"],
		["CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:S"],
	] as const)("refuses %s %j", (type, vector) => {
		expect(scoreVector(type, vector)).toBeNull();
	});

	it("never throws, and gives scores with one decimal between 0 and 10", () => {
		const part = fc.constantFrom(
			"AV:N",
			"AC:L",
			"PR:N",
			"UI:R",
			"S:C",
			"C:L",
			"I:H",
			"A:N",
			"A:Z",
			"Au:N",
			"",
			"__proto__:x",
		);
		const vector = fc
			.tuple(fc.constantFrom("", "CVSS:3.0/", "CVSS:3.1/", "CVSS:4.0/"), fc.array(part, { maxLength: 9 }))
			.map(([prefix, parts]) => prefix + parts.join("/"));
		fc.assert(
			fc.property(fc.constantFrom("CVSS_V2", "CVSS_V3", "CVSS_V4"), fc.oneof(vector, fc.string()), (type, text) => {
				const score = scoreVector(type, text);
				return (
					score === null || (score.score >= 0 && score.score <= 10 && Math.round(score.score * 10) / 10 === score.score)
				);
			}),
		);
	});
});
