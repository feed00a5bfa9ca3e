import fc from "fast-check";
import npmSemver from "semver";
import { expect, test } from "vitest";
import {
	assertParsesAnything,
	assertTotalOrder,
	readVersionCases,
	versionCaseFailures,
} from "../../testing/version-cases.ts";
import { nuget } from "./index.ts";

const number = fc.constantFrom("0", "1", "2", "10", "01", "2147483648");
const label = fc.constantFrom("0", "1", "10", "01", "a", "A", "rc", "RC1", "beta", "-", "x-y");
const prerelease = fc.array(label, { maxLength: 3 }).map((labels) => (labels.length > 0 ? `-${labels.join(".")}` : ""));
const version = fc
	.tuple(fc.array(number, { minLength: 1, maxLength: 4 }), prerelease, fc.constantFrom("", "", "+1", "+a.b"))
	.map(([numbers, pre, metadata]) => `${numbers.join(".")}${pre}${metadata}`);

test("cases.txt", () => {
	expect(versionCaseFailures(nuget, readVersionCases(new URL("cases.txt", import.meta.url)))).toEqual([]);
});

test("a total order", () => {
	assertTotalOrder(nuget, version, 10_000);
});

test("parse answers any text", () => {
	assertParsesAnything(nuget);
});

test("a hostile text of megabytes is refused at once", () => {
	expect(nuget.parse(`1.2.3-${"a.".repeat(2_000_000)}a`)).toBeNull();
	expect(nuget.parse("1.".repeat(2_000_000))).toBeNull();
});

test("orders three numbers and a lower-case label as Semantic Versioning does", () => {
	const strict = fc
		.tuple(fc.nat(3), fc.nat(12), fc.nat(3), fc.constantFrom("", "-a", "-rc.1", "-rc.10", "-1", "-x-y", "-0"))
		.map(([a, b, c, pre]) => `${a}.${b}.${c}${pre}`);
	const law = fc.property(strict, strict, (rawA, rawB) => {
		const [a, b] = [nuget.parse(rawA), nuget.parse(rawB)];
		expect(a && b && nuget.compare(a, b)).toBe(npmSemver.compare(rawA, rawB));
	});
	fc.assert(law, { numRuns: 5_000 });
});

test.each([
	["6.0.1", ">= 6.0.0, < 6.0.16", true],
	["6.0.16", ">= 6.0.0, < 6.0.16", false],
	["4.3.0", "= 4.3", true],
	["4.3.0", "4.3.0.0", true],
	["4.3.1", "4.3.0", false],
	["1.0.0-BETA", ">= 1.0.0-beta, < 1.0.0", true],
	["13.0.2", "(,13.0.1]", false],
	["12.0.3", "[12.0.0, 13.0.1)", true],
	["12.0.3", "[12.0.3]", true],
	["1.0", "1.*", null],
	["nonsense", ">= 1.0", null],
])("%s satisfies %s: %s", (installed, constraint, answer) => {
	expect(nuget.satisfies?.(installed, constraint)).toBe(answer);
});
