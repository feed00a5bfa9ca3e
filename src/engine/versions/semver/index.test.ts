import fc from "fast-check";
import npmSemver from "semver";
import { expect, test } from "vitest";
import {
	assertParsesAnything,
	assertTotalOrder,
	readVersionCases,
	versionCaseFailures,
} from "../../testing/version-cases.ts";
import { semver } from "./index.ts";

const cases = readVersionCases(new URL("cases.txt", import.meta.url));

const number = fc.constantFrom("0", "1", "2", "9", "10", "01", "9007199254740993", "9007199254740992");
const identifier = fc.constantFrom(
	"0",
	"1",
	"10",
	"02",
	"a",
	"rc",
	"rc1",
	"B",
	"-",
	"0a",
	"9007199254740993",
	"9007199254740994",
);
const prerelease = fc
	.array(identifier, { maxLength: 3 })
	.map((list) => (list.length === 0 ? "" : `-${list.join(".")}`));
const wellFormed = fc
	.tuple(fc.constantFrom("", "", "v", "= "), number, number, number, prerelease, fc.constantFrom("", "", "+b.1"))
	.map(([lead, major, minor, patch, pre, build]) => `${lead}${major}.${minor}.${patch}${pre}${build}`);

/** Made of what the grammar is made of, so that about one in ten parses and the rest nearly does. */
const near = fc
	.array(fc.constantFrom("0", "1", "01", "10", ".", "-", "+", "a", "B", "v", "=", " ", "rc", "1.2.3", "1.0.0"), {
		maxLength: 8,
	})
	.map((pieces) => pieces.join(""));

/** The one text form that npm takes and we refuse: a fourth number, whose loose reading splits the third one. */
const FOURTH_NUMBER = /^[v=\s]*\d+\.\d+\.\d{2,}\./;

test("cases.txt", () => {
	expect(versionCaseFailures(semver, cases)).toEqual([]);
});

test("a total order, numbers above 2^53 included", () => {
	assertTotalOrder(semver, wellFormed);
});

test("parse answers any text", () => {
	assertParsesAnything(semver);
});

test("a hostile text of megabytes is refused at once", () => {
	expect(semver.parse(`1.2.3-${"a.".repeat(2_000_000)}a`)).toBeNull();
});

test("accepts what npm's loose parsing accepts", () => {
	const law = fc.property(near, (raw) => {
		fc.pre(!FOURTH_NUMBER.test(raw));
		expect(semver.parse(raw) !== null).toBe(npmSemver.parse(raw, { loose: true }) !== null);
	});
	fc.assert(law, { numRuns: 10_000 });
});

test("orders as npm does", () => {
	const small = wellFormed.filter((raw) => !raw.includes("9007"));
	const law = fc.property(small, small, (rawA, rawB) => {
		const a = semver.parse(rawA);
		const b = semver.parse(rawB);
		expect(a && b && semver.compare(a, b)).toBe(npmSemver.compare(rawA, rawB, { loose: true }));
	});
	fc.assert(law, { numRuns: 5_000 });
});
