import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { tempFolder } from "./bucket-fixture.ts";
import { openAdvisories } from "./database/reader.ts";
import { verifySnapshot } from "./database/verify.ts";
import { advisoriesStatus } from "./status.ts";
import { updateAdvisories } from "./update.ts";

const testdata = resolve(process.env["PLIMSOLL_TESTDATA"] ?? "../shared/testdata");
const present = existsSync(join(testdata, "osv"));
if (!present && process.env["CI"])
	throw new Error(`CI needs the test data; set PLIMSOLL_TESTDATA (looked in ${testdata})`);

/** Ecosystem to number of records, from the table of the pack's README. */
function expectedCounts(): Record<string, number> {
	const readme = readFileSync(join(testdata, "README.md"), "utf8");
	const rows = readme.matchAll(/^\| ([A-Za-z.]+(?::\S+)?) \| (\d+) \| [^|]+ \| [^|]+ \|$/gm);
	return Object.fromEntries([...rows].map(([, ecosystem, records]) => [ecosystem, Number(records)]));
}

const ecosystems = [
	"AlmaLinux",
	"Alpine",
	"Debian",
	"Go",
	"Packagist",
	"PyPI",
	"RubyGems",
	"Wolfi",
	"crates.io",
	"npm",
];

describe.skipIf(!present)(`the test data pack (skipped without PLIMSOLL_TESTDATA)`, () => {
	it("is read whole: every record of every feed, none malformed", async () => {
		const dir = await tempFolder();
		const clock = () => new Date("2026-11-23T00:00:00Z");
		const fetch = () => Promise.reject(new Error("no network in this test"));
		const result = await updateAdvisories({
			source: join(testdata, "osv"),
			dir,
			ecosystems,
			kind: "full",
			fetch,
			clock,
		});
		const expected = expectedCounts();
		expect(Object.keys(expected)).toHaveLength(22);
		expect(Object.fromEntries(result.feeds.map(({ part, records }) => [part, records]))).toEqual(expected);
		expect(result.malformedRecords).toEqual([]);
		const withdrawn = result.feeds.filter((feed) => feed.withdrawn > 0).map((feed) => [feed.part, feed.withdrawn]);
		expect(withdrawn).toEqual([
			["Go", 17],
			["PyPI", 10],
			["crates.io", 13],
		]);

		// What the advisories cover, counted from their packages, is what the feeds held without the withdrawn ones.
		const store = openAdvisories(dir);
		const covered = Object.fromEntries(store.snapshot.sources.map(({ ecosystem, records }) => [ecosystem, records]));
		const held = Object.fromEntries(result.feeds.map((feed) => [feed.part, feed.records - feed.withdrawn]));
		expect(covered).toEqual(held);
		expect((await verifySnapshot(dir)).problems).toEqual([]);
		expect(advisoriesStatus(dir, clock).totals).toEqual({
			records: 42411,
			withdrawn: 40,
			packages: 18335,
			affected: 117714,
			scored: 2738,
		});
		expect(statSync(advisoriesStatus(dir, clock).path).size).toBeLessThan(25_000_000);

		const tor = store.lookup("Debian:10", "tor").find(({ advisory }) => advisory.id === "DSA-4644-1");
		expect(tor?.affected.ranges).toEqual([
			{ type: "ECOSYSTEM", events: [{ introduced: "0" }, { fixed: "0.3.5.10-1" }] },
		]);
		expect(tor?.advisory.upstream).toEqual(["CVE-2020-10592"]);
		expect(store.lookup("Alpine:v3.9", "musl").length).toBeGreaterThan(0);
		expect(store.severities(["NSWG-ECO-323"])).toEqual([
			{ source: "x_NSWG-ECO-323", type: "CVSS_V3", vector: "CVSS:3.0/AV:A/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H" },
		]);
		store.close();
	}, 60_000);
});
