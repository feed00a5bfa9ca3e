import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	assertParsesAnything,
	assertTotalOrder,
	readVersionCases,
	versionCaseFailures,
} from "../../testing/version-cases.ts";
import { maven } from "./index.ts";

const cases = readVersionCases(new URL("cases.txt", import.meta.url));
const circles = readVersionCases(new URL("circles.txt", import.meta.url));

/** Few pieces, so that common beginnings, zeros, words and separators meet often. */
const wild = fc
	.array(
		fc.constantFrom("0", "1", "2", "10", "01", ".", "-", "a", "b", "rc", "GA", "sp", "snapshot", "alpha", "foo", "x"),
		{ minLength: 1, maxLength: 7 },
	)
	.map((pieces) => pieces.join(""));

const number = fc.constantFrom("0", "1", "2", "9", "10", "01", "4294967296", "99999999999999999999");
const word = fc.constantFrom(
	"alpha",
	"Beta",
	"M",
	"milestone",
	"RC",
	"cr",
	"b",
	"SP",
	"jre",
	"v",
	"redhat",
	"android",
	"x",
);
const ending = fc.oneof(
	fc.constantFrom("", "", ".Final", ".RELEASE", "-SNAPSHOT", "-android", "-sp", "-1", "-3", ".0.0"),
	fc.tuple(fc.constantFrom(".", "-", ""), word, number).map((parts) => parts.join("")),
	fc.tuple(word, number).map(([text, digits]) => `-${text}-${digits}`),
	fc.tuple(number, number).map(([build, patch]) => `.Final-redhat-${build}.${patch}`),
);
/** Versions as projects give them: numbers, then what kind of release it is. */
const usual = fc
	.tuple(
		fc.array(number, { minLength: 1, maxLength: 4 }),
		fc.oneof(
			fc.constantFrom(".x", ".Foo", "-GA", "-0", "-0.0"),
			fc.tuple(ending, fc.constantFrom("", "", "", "-SNAPSHOT", "-2")).map((parts) => parts.join("")),
		),
	)
	.map(([numbers, end]) => `${numbers.join(".")}${end}`);

test("cases.txt and circles.txt", () => {
	expect(versionCaseFailures(maven, cases)).toEqual([]);
	expect(versionCaseFailures(maven, circles)).toEqual([]);
});

test("a total order, of anything", () => {
	assertTotalOrder(maven, wild, 10_000);
	assertTotalOrder(maven, usual, 10_000);
});

test("parse answers any text", () => {
	assertParsesAnything(maven);
});

test("hostile texts neither throw nor hang", () => {
	expect(maven.parse("1.".repeat(1_000_000))).toBeNull();
	for (const piece of ["1-", "a1", "-", "0.", "1-0-"]) {
		const long = maven.parse(piece.repeat(4096 / piece.length));
		expect(long && maven.compare(long, long)).toBe(0);
	}
	const digits = "9".repeat(4000);
	const [a, b] = [maven.parse(`1.${digits}8`), maven.parse(`1.${digits}9`)];
	expect(a && b && maven.compare(a, b)).toBe(-1);
});

test.each([
	["2.14.1", ">= 2.13.0, < 2.15.0", true],
	["2.15.0", ">= 2.13.0, < 2.15.0", false],
	["2.15.0-rc1", ">= 2.13.0, < 2.15.0", true],
	["5.3.17.RELEASE", "< 5.3.18", true],
	["4.1.100.Final", "<= 4.1.100", true],
	["4.1.100.Final", "= 4.1.100.Final", true],
	["1.0", "1.0.0", true],
	["31.1-android", ">= 31.1", true],
	["2.9.10", "[2.9.0,2.9.10.8)", true],
	["2.9.10.8", "[2.9.0,2.9.10.8)", false],
	["3.0", "(,1.0],[2.0,)", true],
	["1.5", "(,1.0],[2.0,)", false],
	["1.5", "~1.5", null],
	["1.5", "[1.5", null],
	["", ">= 1", null],
])("%s satisfies %s: %s", (version, constraint, answer) => {
	expect(maven.satisfies?.(version, constraint)).toBe(answer);
});

/** Of Debian's libmaven3-core-java. Its main method prints how each of its arguments compares to the one before. */
const jar = "/usr/share/java/maven3-artifact.jar";

/** What Maven says of each neighbouring pair: `1.0 < 1.1`, or `==`. */
function askMaven(versions: readonly string[]): readonly string[] {
	const main = "org.apache.maven.artifact.versioning.ComparableVersion";
	const printed = execFileSync("java", ["-cp", jar, main, ...versions], { encoding: "utf8", maxBuffer: 2 ** 26 });
	return printed
		.split("\n")
		.filter((line) => line.startsWith("   "))
		.map((line) => line.trim());
}

function answers(versions: readonly string[]): readonly string[] {
	return versions.slice(1).map((b, i) => {
		const a = versions[i] ?? "";
		const [parsedA, parsedB] = [maven.parse(a), maven.parse(b)];
		const order = parsedA && parsedB && maven.compare(parsedA, parsedB);
		return `${a} ${order === 0 ? "==" : order === -1 ? "<" : ">"} ${b}`;
	});
}

/** CI must have Maven: there this test runs and fails without it. */
const mayRun = existsSync(jar) || process.env["CI"] !== undefined;

describe.skipIf(!mayRun)(`against Maven itself (skipped without ${jar})`, () => {
	test("agrees on 12,000 pairs of usual versions", { timeout: 60_000 }, () => {
		const versions = fc.sample(usual, 12_001);
		expect(answers(versions)).toEqual(askMaven(versions));
	});

	test("agrees on cases.txt", { timeout: 60_000 }, () => {
		const versions = cases.flatMap((one) => (one.kind === "order" ? [one.a, one.b] : []));
		expect(answers(versions)).toEqual(askMaven(versions));
	});

	test("goes round in circles itself where it is not followed", { timeout: 60_000 }, () => {
		expect(askMaven(["1-snapshot", "1", "1.foo.1", "1-snapshot"])).toEqual([
			"1-snapshot < 1",
			"1 < 1.foo.1",
			"1.foo.1 < 1-snapshot",
		]);
	});
});
