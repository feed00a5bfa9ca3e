import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	addSummaries,
	digestAlgorithm,
	digestHex,
	distinctFindings,
	type Finding,
	formatPlatform,
	isDigest,
	isOsPackageType,
	makesPartial,
	matchesPlatform,
	parsePlatform,
	type Report,
	severities,
	severityFromScore,
	severityRank,
	shortDigest,
	summarise,
	warningCodes,
} from "./index.ts";

describe("severity", () => {
	test.each([
		[0, "negligible"],
		[0.1, "low"],
		[3.9, "low"],
		[4, "medium"],
		[6.9, "medium"],
		[7, "high"],
		[8.9, "high"],
		[9, "critical"],
		[10, "critical"],
	])("of the base score %d is %s", (score, severity) => expect(severityFromScore(score)).toBe(severity));

	test("sorts worst first, unknown last", () => {
		const shuffled = ["unknown", "low", "critical", "negligible", "medium", "high"] as const;
		expect(shuffled.toSorted((a, b) => severityRank(a) - severityRank(b))).toEqual(severities);
	});
});

describe("a platform", () => {
	test.each([
		["linux/amd64", { os: "linux", architecture: "amd64" }],
		["Linux/ARM64/V8", { os: "linux", architecture: "arm64", variant: "v8" }],
		["windows/amd64", { os: "windows", architecture: "amd64" }],
		["", null],
		["linux", null],
		["linux/", null],
		["/amd64", null],
		["linux/arm/", null],
		["linux/arm/v7/x", null],
	])("%j is read as %j", (text, platform) => {
		expect(parsePlatform(text)).toEqual(platform);
		if (platform) expect(formatPlatform(platform)).toBe(text.toLowerCase());
	});

	test.each([
		["linux/amd64", "linux/amd64", true],
		["linux/amd64", "windows/amd64", false],
		["linux/amd64", "linux/arm64", false],
		["linux/arm", "linux/arm/v6", true],
		["linux/arm/v6", "linux/arm/v6", true],
		["linux/arm/v6", "linux/arm/v7", false],
		["linux/arm64", "linux/arm64/v8", true],
		// Builders leave the usual variant out.
		["linux/arm64/v8", "linux/arm64", true],
		["linux/arm64/v9", "linux/arm64", false],
		["linux/arm/v7", "linux/arm", true],
		["linux/arm/v6", "linux/arm", false],
		["linux/amd64/v1", "linux/amd64", true],
		["linux/amd64/v3", "linux/amd64", false],
		["linux/ppc64le/v1", "linux/ppc64le", false],
	])("asked for as %s: %s %s", (asked, actual, matches) => {
		const [one, other] = [parsePlatform(asked), parsePlatform(actual)];
		if (!one || !other) throw new Error("not a platform");
		expect(matchesPlatform(one, other)).toBe(matches);
	});

	test("matches itself, whatever it is", () => {
		const word = fc.stringMatching(/^[a-z0-9]{1,6}$/);
		const platform = fc.record(
			{ os: word, architecture: word, variant: word },
			{ requiredKeys: ["os", "architecture"] },
		);
		fc.assert(fc.property(platform, (one) => matchesPlatform(one, one)));
	});
});

describe("a digest", () => {
	const hex = "0123456789abcdef".repeat(4);
	test.each([
		[`sha256:${hex}`, true],
		[`sha512:${hex}${hex}`, true],
		[`sha512:${hex}`, false],
		[`sha256:${hex}0`, false],
		[`sha256:${hex.slice(1)}`, false],
		[`sha256:${hex.toUpperCase()}`, false],
		[`sha256:${"g".repeat(64)}`, false],
		[`SHA256:${hex}`, false],
		[`md5:${hex.slice(0, 32)}`, false],
		[`toString:${hex}`, false],
		[`:${hex}`, false],
		[hex, false],
		["", false],
		[`sha256:${hex}\n`, false],
		[`sha256:../${hex.slice(3)}`, false],
	])("%j: %s", (text, valid) => expect(isDigest(text)).toBe(valid));

	test("has parts", () => {
		const digest = `sha256:${hex}` as const;
		expect([digestAlgorithm(digest), digestHex(digest), shortDigest(digest)]).toEqual([
			"sha256",
			hex,
			"sha256:0123456789ab",
		]);
	});
});

function finding(text: string, severity: Finding["severity"], fixedVersion: string | null = null): Finding {
	const [id = "", name = "", version = ""] = text.split(" ");
	return {
		id,
		severity,
		fixedVersion,
		aliases: [],
		severitySource: null,
		cvss: [],
		references: [],
		state: "affected",
		package: { name, version, type: "npm", purl: "" },
		origin: { layer: { index: 0, digest: "", createdBy: "" }, kind: "unknown", paths: [], parents: [] },
	};
}

describe("summaries", () => {
	const zero = {
		critical: 0,
		high: 0,
		medium: 0,
		low: 0,
		negligible: 0,
		unknown: 0,
		total: 0,
		fixable: 0,
		suppressed: 0,
	};

	test("count by severity, and what has a fixed version", () => {
		expect(summarise([])).toEqual(zero);
		const findings = [finding("1 a 1", "high", "2"), finding("2 a 1", "high"), finding("3 a 1", "unknown", "2")];
		expect(summarise(findings)).toEqual({ ...zero, high: 2, unknown: 1, total: 3, fixable: 2 });
	});

	test("add up field by field", () => {
		expect(addSummaries([])).toEqual(zero);
		const lists = fc.array(fc.array(fc.constantFrom(...severities).map((severity) => finding("1 a 1", severity, "2"))));
		const property = fc.property(lists, (all) => {
			expect(addSummaries(all.map(summarise))).toEqual(summarise(all.flat()));
		});
		fc.assert(property);
	});

	test("of a union count a vulnerability of a package version once", () => {
		const reports = [
			[finding("1 a 1", "high"), finding("1 b 1", "high")],
			[finding("1 a 1", "high"), finding("1 a 2", "high"), finding("2 a 1", "low")],
		].map((findings) => ({ findings }) as unknown as Report);
		const union = distinctFindings(reports).map(({ id, package: pkg }) => `${id} ${pkg.name} ${pkg.version}`);
		expect(union).toEqual(["1 a 1", "1 b 1", "1 a 2", "2 a 1"]);
	});
});

test("what was not looked at makes a report partial, notes do not", () => {
	const notes = Object.keys(warningCodes).filter((code) => !makesPartial({ code: code as never, message: "" }));
	expect(notes.sort()).toEqual([
		"advisories_old",
		"child_skipped",
		"name_incomplete",
		"os_absent",
		"os_ambiguous",
		"os_end_of_life",
		"packages_os_owned",
		"suppression_expired",
		"suppression_unused",
		"third_party_packages",
		"version_unknown",
	]);
});

test.each([
	["deb", true],
	["apk", true],
	["rpm", true],
	["npm", false],
	["golang", false],
] as const)("%s is a distribution's: %s", (type, expected) => expect(isOsPackageType(type)).toBe(expected));
