import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { all, inPieces, ofKind, testdata, unusable, utf8 } from "../feed-fixture.ts";
import { readKev } from "./index.ts";

const pack = resolve(process.env["PLIMSOLL_TESTDATA"] ?? "../shared/testdata");
const real = join(pack, "kev/known_exploited_vulnerabilities.json");

describe("readKev", () => {
	it("reads the entries", async () => {
		expect(await all(readKev(inPieces(testdata(import.meta.url, "good"), 50)))).toEqual([
			{ kind: "kev", id: "CVE-2021-44228", kev: { added: "2021-12-10", due: "2021-12-24", ransomware: true } },
			{ kind: "kev", id: "CVE-2024-3094", kev: { added: "2026-01-02", ransomware: false } },
		]);
	});

	it("names broken entries and reads the rest", async () => {
		const items = await all(readKev(testdata(import.meta.url, "hostile")));
		expect(ofKind(items, "kev")).toEqual([
			{ kind: "kev", id: "CVE-2021-0007", kev: { added: "2021-12-10", ransomware: false } },
		]);
		expect(ofKind(items, "malformed").map(({ name, problem }) => `${name}: ${problem}`)).toEqual([
			"vulnerabilities[0]: vulnerabilities[0] is not an object",
			"vulnerabilities[1]: vulnerabilities[1].cveID is not a CVE",
			"vulnerabilities[2]: vulnerabilities[2].dateAdded is not a day",
			"vulnerabilities[3]: vulnerabilities[3].dateAdded is not a day",
			"vulnerabilities[4]: vulnerabilities[4].dueDate is not a day",
			"vulnerabilities[5]: vulnerabilities[5].cveID is not a CVE",
			"vulnerabilities[6]: vulnerabilities[6].cveID is not a CVE",
		]);
	});

	it.each([
		["an empty file", testdata(import.meta.url, "empty"), "not JSON"],
		["a file that was cut short", testdata(import.meta.url, "truncated"), "not JSON"],
		["another document", utf8('{"title":"x"}'), "it has no vulnerabilities"],
		["a list", utf8("[]"), "the catalogue is not an object"],
		["fewer entries than it says", utf8('{"count":2,"vulnerabilities":[]}'), "has 2 entries, but has 0"],
		["text that is not UTF-8", Buffer.from('{"vulnerabilities":["\xe4"]}', "latin1"), "not JSON in UTF-8"],
		["deep nesting", utf8(`{"vulnerabilities":${"[".repeat(100_000)}`), "not JSON"],
	])("refuses %s", async (_, bytes, problem) => {
		expect(await unusable(readKev(bytes))).toContain(problem);
	});

	it("refuses a file beyond reason without keeping it", async () => {
		async function* endless() {
			for (;;) yield new Uint8Array(1024 * 1024).fill(0x20);
		}
		expect(await unusable(readKev(endless()))).toContain("larger than");
	});

	it("never throws anything else", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(fc.anything()), async (vulnerabilities) => {
				const items = await all(readKev(utf8(JSON.stringify({ vulnerabilities }))));
				expect(items).toHaveLength(vulnerabilities.length);
			}),
		);
	});

	it.skipIf(!existsSync(real))("reads the real catalogue (skipped without PLIMSOLL_TESTDATA)", async () => {
		const items = await all(readKev(readFileSync(real)));
		expect(items).toHaveLength(1404);
		expect(ofKind(items, "malformed")).toEqual([]);
		expect(ofKind(items, "kev").filter(({ kev }) => kev.ransomware).length).toBeGreaterThan(250);
		expect(ofKind(items, "kev").find(({ id }) => id === "CVE-2025-48384")?.kev).toEqual({
			added: "2025-08-25",
			due: "2025-09-15",
			ransomware: false,
		});
	});
});
