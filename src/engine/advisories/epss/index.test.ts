import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { all, inPieces, ofKind, testdata, unusable, utf8 } from "../feed-fixture.ts";
import { readEpss } from "./index.ts";

const head = "#model_version:v1,score_date:2026-11-20T00:00:00+0000\ncve,epss,percentile\n";

describe("readEpss", () => {
	it.each([1, 7, 100_000])("reads every line, in pieces of %i bytes", async (size) => {
		const items = await all(readEpss(inPieces(testdata(import.meta.url, "good"), size)));
		expect(items).toEqual([
			{ kind: "epss", id: "CVE-1999-0001", epss: { score: 0.01025, percentile: 0.76334, date: "2026-11-20" } },
			{ kind: "epss", id: "CVE-2021-44228", epss: { score: 0.94358, percentile: 0.9995, date: "2026-11-20" } },
			{ kind: "epss", id: "CVE-2024-3094", epss: { score: 1, percentile: 1, date: "2026-11-20" } },
			{ kind: "epss", id: "CVE-2024-0001", epss: { score: 0.00004, percentile: 0, date: "2026-11-20" } },
		]);
	});

	it("names broken lines and reads the rest, whatever the order of the columns", async () => {
		const items = await all(readEpss(testdata(import.meta.url, "hostile")));
		expect(ofKind(items, "epss").map(({ id, epss }) => [id, epss.score, epss.percentile])).toEqual([
			["CVE-2020-0001", 0.25, 0.5],
			["CVE-2020-0010", 0.2, 0.1],
		]);
		expect(ofKind(items, "malformed")).toEqual([
			{ kind: "malformed", name: "line 4", problem: "epss is not a number from 0 to 1" },
			{ kind: "malformed", name: "line 5", problem: "epss is not a number from 0 to 1" },
			{ kind: "malformed", name: "line 6", problem: "epss is not a number from 0 to 1" },
			{ kind: "malformed", name: "line 7", problem: "percentile is not a number from 0 to 1" },
			{ kind: "malformed", name: "line 8", problem: "cve is not a CVE" },
			{ kind: "malformed", name: "line 9", problem: "cve is not a CVE" },
			{ kind: "malformed", name: "line 11", problem: "cve is not a CVE" },
			{ kind: "malformed", name: "line 12", problem: "epss is not a number from 0 to 1" },
			{ kind: "malformed", name: "line 13", problem: "epss is not a number from 0 to 1" },
		]);
	});

	it.each([
		["an empty file", testdata(import.meta.url, "empty"), "it is empty"],
		["a file that was cut short", testdata(import.meta.url, "truncated"), "it ends early"],
		["a file that was cut in its head", utf8("#model_version:v1,score_d"), "it ends early"],
		["something else", utf8("<html>\n</html>\n"), "it does not begin with the day of its scores"],
		["other columns", utf8("#score_date:2026-11-20T\na,b,c\n"), "it has no columns cve, epss and percentile"],
		["a line without end", utf8(`${head}${"x".repeat(10_000)}`), "a line has more than 4096 characters"],
	])("refuses %s", async (_, bytes, problem) => {
		expect(await unusable(readEpss(inPieces(bytes, 100)))).toContain(problem);
	});

	it.each([1, 100_000])("refuses a line that is too long, in pieces of %i bytes", async (size) => {
		const bytes = utf8(`${head}CVE-2020-0001,0.1,0.2${" ".repeat(5000)}\nCVE-2020-0002,0.1,0.2\n`);
		expect(await unusable(readEpss(inPieces(bytes, size)))).toContain("a line has more than 4096 characters");
	});

	it("takes a last line without an end when it is whole", async () => {
		expect(await all(readEpss(utf8(`${head}CVE-2020-0001,0.1,0.2`)))).toHaveLength(1);
	});

	it("gives no score outside of 0 to 1", async () => {
		const cell = fc.oneof(fc.double().map(String), fc.string(), fc.constantFrom("0", "1", "1.0", "0.5", "1e-5"));
		await fc.assert(
			fc.asyncProperty(fc.array(fc.tuple(cell, cell)), async (rows) => {
				const text = rows.map(([a, b]) => `CVE-2020-0001,${a},${b}\n`).join("");
				for (const { epss } of ofKind(await all(readEpss(utf8(head + text))), "epss")) {
					expect(epss.score).toBeGreaterThanOrEqual(0);
					expect(epss.score).toBeLessThanOrEqual(1);
				}
			}),
		);
	});
});
