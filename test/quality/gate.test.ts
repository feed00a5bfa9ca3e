/** The gate itself: planted differences and regressions are caught, with a line that says what they are. */
import { describe, expect, it } from "vitest";
import type { Finding, Report, ReportPackage } from "#model";
import { type Claim, type Claims, compare, isFixIn } from "./compare.ts";
import { complaintsAbout, type DeliberateDifference } from "./explain.ts";
import { scoreTable } from "./score-table.ts";
import { figuresOf, type Named, regressions, type Scores, scoresOf } from "./scores.ts";

const curl = { type: "deb", name: "curl", version: "7.88.1-10" } as const;
const zlib = { type: "deb", name: "zlib1g", version: "1:1.2.13" } as const;

/** As much of a report as is compared. */
function reportOf(findings: readonly Partial<Finding>[], packages: readonly object[] = [curl, zlib]): Report {
	const full = findings.map((one) => ({ aliases: [], severity: "high", fixedVersion: null, package: curl, ...one }));
	return { findings: full as unknown as Finding[], packages: packages as ReportPackage[] } as unknown as Report;
}

function claimsOf(findings: readonly Partial<Claim>[]): Claims {
	return { packages: [curl, zlib], findings: findings.map((one) => ({ ...curl, id: "CVE-1", fixed: "", ...one })) };
}

describe("two scanners", () => {
	const lines = (report: Report, claims: Claims, identifiers: "first" | "all" = "all") =>
		complaintsAbout("x", compare(report, claims, { identifiers }), []);

	it("agree when they do", () => {
		expect(
			lines(reportOf([{ id: "CVE-1", fixedVersion: "8" }]), claimsOf([{ fixed: "7.9, 8", severity: "high" }])),
		).toEqual([]);
	});

	it.each<[string, Report, Claims, string]>([
		[
			"misses a finding",
			reportOf([]),
			claimsOf([{}]),
			'finding missing deb curl 7.88.1-10 CVE-1: fixed in -, the other ""',
		],
		[
			"finds more",
			reportOf([{ id: "CVE-2" }]),
			claimsOf([]),
			"finding extra deb curl 7.88.1-10 CVE-2: fixed in nothing, the other -",
		],
		["misses a package", reportOf([], [curl]), claimsOf([]), "package missing deb zlib1g 1:1.2.13"],
		[
			"reads another version",
			reportOf([], [curl, zlib, { ...curl, version: "8" }]),
			claimsOf([]),
			"package extra deb curl 8",
		],
		[
			"names another fix",
			reportOf([{ id: "CVE-1", fixedVersion: "9" }]),
			claimsOf([{ fixed: "8" }]),
			'fixed version deb curl 7.88.1-10 CVE-1: fixed in 9, the other "8"',
		],
		[
			"names no fix",
			reportOf([{ id: "CVE-1" }]),
			claimsOf([{ fixed: "8" }]),
			'fixed version deb curl 7.88.1-10 CVE-1: fixed in nothing, the other "8"',
		],
		[
			"rates otherwise",
			reportOf([{ id: "CVE-1", severitySource: "nvd" }]),
			claimsOf([{ severity: "low" }]),
			"severity deb curl 7.88.1-10 CVE-1: high (nvd), the other low",
		],
	])("one %s", (_, report, claims, line) => {
		expect(lines(report, claims)).toEqual([line]);
	});

	it("may use other names only where they read other advisories", () => {
		const report = reportOf([{ id: "CVE-1", aliases: ["x_FOP-1"] }]);
		expect(lines(report, claimsOf([{ id: "FOP-1" }]))).toEqual([]);
		expect(lines(report, claimsOf([{ id: "FOP-1" }]), "first")).toHaveLength(2);
	});

	it.each<[string | null, string, boolean]>([
		["1.2", "1.2", true],
		["v1.2", "1.2, 1.3", true],
		["1.3", ">=1.2 <1.4 || >= 1.3", true],
		["1.3", "1.31", false],
		[null, "", true],
		[null, "1.2", false],
		["1.2", "", false],
	])("a fix in %j among %j: %j", (fixed, printed, among) => {
		expect(isFixIn(fixed, printed)).toBe(among);
	});
});

describe("a rule", () => {
	const rule = (count: number | "any", image = "x"): DeliberateDifference => ({
		image,
		kind: "finding extra",
		count,
		rule: "on purpose",
		explains: ({ id }) => id.startsWith("CVE-"),
	});
	const differences = compare(reportOf([{ id: "CVE-1" }, { id: "CVE-2" }, { id: "GHSA-3" }]), claimsOf([]), {
		identifiers: "all",
	});
	const left = "finding extra deb curl 7.88.1-10 GHSA-3: fixed in nothing, the other -";

	it("explains what it says, and no more", () => {
		expect(complaintsAbout("x", differences, [rule(2)])).toEqual([left]);
		expect(complaintsAbout("x", differences, [rule("any")])).toEqual([left]);
		expect(complaintsAbout("x", differences, [rule(2), rule(0)])).toEqual([left]);
	});

	it("that explains another number than it says is a complaint", () => {
		expect(complaintsAbout("x", differences, [rule(3)])).toEqual(["finding extra: 2 instead of 3 × on purpose", left]);
		expect(complaintsAbout("x", [], [rule(1)])).toEqual(["finding extra: 0 instead of 1 × on purpose"]);
	});

	it("for another image explains nothing", () => {
		expect(complaintsAbout("x", differences, [rule(2, "y")])).toHaveLength(3);
	});
});

describe("scores", () => {
	const named = (name: string, ...ids: string[]): Named => ({ ecosystem: "Debian", pkg: `deb ${name} 1`, ids });
	const labels = [named("a", "CVE-1"), named("a", "CVE-2"), named("b", "CVE-1"), named("c", "FOP-9")];
	const before = scoresOf(labels, [
		named("a", "CVE-1"),
		named("b", "CVE-1"),
		named("c", "CVE-9", "FOP-9"),
		named("d", "CVE-1"),
	]);

	it("count labels that are found by any name, missed ones, and findings without a label", () => {
		expect(before).toEqual({
			Debian: { labels: 4, found: 3, missed: ["deb a 1 CVE-2"], extra: ["deb d 1 CVE-1"] },
		});
		expect(before["Debian"] && figuresOf(before["Debian"])).toEqual({ precision: 0.75, recall: 0.75, f1: 0.75 });
	});

	it("are shown rounded down: only what is perfect reads 1.0000", () => {
		const many: Scores = { Debian: { labels: 100_000, found: 99_999, missed: ["one"], extra: [] } };
		expect(scoreTable(many)).toContain("|    1.0000 | 0.9999 | 0.9999 |");
	});

	it.each<[string, Scores, readonly string[]]>([
		["the same", before, []],
		["better", scoresOf(labels, labels), []],
		[
			"another one missed, though as many are found",
			scoresOf(labels, [named("a", "CVE-2"), named("b", "CVE-1"), named("c", "FOP-9"), named("d", "CVE-1")]),
			["Debian: misses deb a 1 CVE-1"],
		],
		[
			"more that no label backs",
			scoresOf(labels, [
				...labels.slice(1),
				named("d", "CVE-1"),
				named("e", "CVE-1"),
				named("a", "CVE-3"),
				named("a", "CVE-4"),
			]),
			["Debian: F1 fell from 0.75000 to 0.54545", "Debian: misses deb a 1 CVE-1"],
		],
		["fewer labels", scoresOf(labels.slice(2), labels.slice(2)), ["Debian: 2 labels, 4 before"]],
		["an ecosystem that is gone", {}, ["Debian: has no labels any more"]],
		[
			"an ecosystem that is new",
			{ ...before, npm: { labels: 1, found: 1, missed: [], extra: [] } },
			["npm: is not in the baseline"],
		],
	])("%s", (_, now, lines) => {
		expect(regressions(now, before)).toEqual(lines);
	});
});
