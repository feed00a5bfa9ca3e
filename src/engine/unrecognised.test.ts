import { describe, expect, test } from "vitest";
import { type InstalledPackage, makesPartial, type OperatingSystem } from "#model";
import { adviceOnAdvisories } from "./advisory-age.ts";
import type { UnreadFile } from "./inventory/merge.ts";
import type { AdvisoryStore } from "./ports.ts";
import { advisories, now } from "./scan-fixture.ts";
import { pastEndOfLife, unrecognised } from "./unrecognised.ts";

const debian: OperatingSystem = { id: "debian", versionId: "12", prettyName: "Debian 12" };
const fedora: OperatingSystem = { id: "fedora", versionId: "41" };

function pkg(type: InstalledPackage["type"]): InstalledPackage {
	return { type, name: "x", version: "1", path: "p", paths: ["p"], layer: 0 };
}

function file(kind: string, path: string, owned = false): UnreadFile {
	return { kind, path, owned };
}

function said(
	os: OperatingSystem | null,
	packages: readonly InstalledPackage[],
	unread: readonly UnreadFile[] = [],
	osOwned: "drop" | "keep" = "drop",
) {
	const warnings = unrecognised({ os, packages, contentSets: [], unread, warnings: [] }, osOwned);
	return warnings.map((warning) => [warning.code, makesPartial(warning) ? "partial" : "note", warning.message]);
}

describe("what an inventory lacks", () => {
	const nothing = "Neither an operating system nor any package was recognised, so nothing was judged.";
	const absent =
		"The image does not say which operating system it is (no os-release file): only language packages were judged.";
	const missing = "Debian 12 was recognised, but no database of its packages was found: they were not looked at.";
	test.each<[string, OperatingSystem | null, InstalledPackage[], string[][]]>([
		["nothing", debian, [pkg("deb")], []],
		["everything", null, [], [["os_unknown", "partial", nothing]]],
		["an operating system", null, [pkg("npm")], [["os_absent", "note", absent]]],
		["the packages of a supported system", debian, [pkg("npm")], [["packages_missing", "partial", missing]]],
		[
			"the packages of another system",
			fedora,
			[],
			[["os_unsupported", "partial", "fedora 41 is not supported yet: its packages were not looked at."]],
		],
		["advisories for a system's packages, which is told elsewhere", fedora, [pkg("rpm")], []],
	])("%s", (_what, os, packages, expected) => {
		expect(said(os, packages)).toEqual(expected);
	});

	test("a reader for its packages: one file, many, several kinds", () => {
		expect(said(debian, [pkg("deb")], [file("RPM", "a")])).toEqual([
			["packages_unsupported", "partial", "RPM packages were found (a), but Plimsoll cannot read them yet."],
		]);
		expect(said(debian, [pkg("deb")], [file("Python", "a"), file("Ruby", "b"), file("Python", "c")])).toEqual([
			[
				"packages_unsupported",
				"partial",
				"Python packages were found (2 files, a for one), but Plimsoll cannot read them yet.",
			],
			["packages_unsupported", "partial", "Ruby packages were found (b), but Plimsoll cannot read them yet."],
		]);
	});

	test("nothing when the distribution speaks for the files", () => {
		const files = [file("Python", "a", true), file("Python", "b", true)];
		expect(said(debian, [pkg("deb")], files)).toEqual([]);
		expect(said(debian, [pkg("deb")], files, "keep").map(([code]) => code)).toEqual(["packages_unsupported"]);
	});

	test("an operating system, but not everything, when unread packages are all there is", () => {
		expect(said(null, [], [file("Java", "app.jar")]).map(([code]) => code)).toEqual([
			"packages_unsupported",
			"os_absent",
		]);
	});
});

describe("the age of the advisories", () => {
	const daysAgo = (days: number, milliseconds = 0) =>
		new Date(now.getTime() - days * 86_400_000 - milliseconds).toISOString();
	const aged = (built: string, newest: string, kind: AdvisoryStore["kind"] = "full"): AdvisoryStore => {
		const base = advisories();
		const sources = base.snapshot.sources.map((source) => ({ ...source, newest }));
		return { ...base, kind, snapshot: { ...base.snapshot, builtAt: built, sources } };
	};
	const tell = (store: AdvisoryStore, ...used: readonly string[]) =>
		adviceOnAdvisories(store, new Set(used), now).map((warning) => [
			warning.code,
			makesPartial(warning) ? "partial" : "note",
			warning.message,
		]);

	test.each([
		["today", daysAgo(0), 0],
		["almost a week ago", daysAgo(6, 86_399_999), 0],
		["a week ago", daysAgo(7), 1],
		["tomorrow, by another clock", daysAgo(-1), 0],
	])("built %s", (_when, built, count) => {
		expect(tell(aged(built, daysAgo(1)), "npm")).toHaveLength(count);
	});

	test("is told in days, with the date", () => {
		const text =
			"The advisory database is 30 days old (built 2026-10-02): vulnerabilities published since are missing. Run plimsoll db update, or db import a newer one.";
		expect(tell(aged(daysAgo(30), daysAgo(31)))).toEqual([["advisories_stale", "partial", text]]);
	});

	test.each([
		["used, half a year", daysAgo(180), ["npm"], 0],
		["used, longer", daysAgo(180, 1), ["npm"], 1],
		["not used", daysAgo(400), [], 0],
		["used, without records", "", ["npm"], 0],
	])("of a feed: %s", (_what, newest, used, count) => {
		expect(tell(aged(daysAgo(0), newest), ...used)).toHaveLength(count);
	});

	test("of several feeds is one note", () => {
		const text =
			"The youngest record is more than 180 days old in: npm (2025-11-01), Go (2025-11-01). The feed may have stopped.";
		expect(tell(aged(daysAgo(0), daysAgo(365)), "npm", "Go")).toEqual([["advisories_old", "note", text]]);
	});

	test("does not matter for the starter set, which is said instead", () => {
		const [only, ...more] = tell(aged(daysAgo(400), daysAgo(400), "starter"), "npm");
		expect(more).toEqual([]);
		expect(only?.slice(0, 2)).toEqual(["advisories_starter_set", "partial"]);
		expect(only?.[2]).toContain("starter set (3 records");
	});
});

test.each([
	["2026-06-09", true],
	["2026-06-10", false],
	["2027-01-01", false],
	[undefined, false],
])("a release whose last day was %s is past its end of life on 10 June 2026: %s", (eol, past) => {
	const os = { id: "debian", versionId: "12", prettyName: "Debian 12", ...(eol === undefined ? {} : { eol }) };
	const warnings = pastEndOfLife(os, new Date("2026-06-10T12:00:00Z"));
	expect(warnings.map(({ code }) => code)).toEqual(past ? ["os_end_of_life"] : []);
	for (const { message } of warnings) expect(message).toContain(`Debian 12 has had no security updates since ${eol}`);
	expect(pastEndOfLife(null, new Date())).toEqual([]);
});
