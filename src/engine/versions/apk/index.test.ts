import fc from "fast-check";
import { expect, test } from "vitest";
import {
	assertParsesAnything,
	assertTotalOrder,
	readVersionCases,
	versionCaseFailures,
} from "../../testing/version-cases.ts";
import { apk } from "./index.ts";

const cases = readVersionCases(new URL("cases.txt", import.meta.url));

const digits = fc.constantFrom("0", "00", "01", "010", "1", "2", "9", "10", "18446744073709551616");
const suffix = fc
	.tuple(
		fc.constantFrom("alpha", "beta", "pre", "rc", "cvs", "svn", "git", "hg", "p"),
		fc.constantFrom("", "0", "1", "01", "10"),
	)
	.map(([word, number]) => `_${word}${number}`);
const wellFormed = fc
	.tuple(
		fc.array(digits, { minLength: 1, maxLength: 3 }),
		fc.constantFrom("", "", "", "a", "b", "p1", "p01", "p10"),
		fc.array(suffix, { maxLength: 2 }),
		fc.constantFrom("", "", "", "~0", "~ab"),
		fc.constantFrom("", "", "-r0", "-r1", "-r01", "-r10"),
	)
	.map(
		([numbers, letter, suffixes, hash, revision]) =>
			`${numbers.join(".")}${letter}${suffixes.join("")}${hash}${revision}`,
	);

test("cases.txt", () => {
	expect(versionCaseFailures(apk, cases)).toEqual([]);
});

test("a total order", () => {
	assertTotalOrder(apk, wellFormed, 5_000);
});

test("parse answers any text", () => {
	assertParsesAnything(apk);
});

test("space around a version is no part of one", () => {
	expect(apk.parse("1.0 ")).toBeNull();
	expect(apk.parse(" 1.0")).toBeNull();
	expect(apk.parse("1.0\n")).toBeNull();
});

test("a hostile text of megabytes neither throws nor hangs", () => {
	expect(apk.parse(`${"0".repeat(1_000_000)}1`)).toEqual(apk.parse("1"));
	expect(apk.parse(`1${"_".repeat(1_000_000)}`)).toBeNull();
	expect(apk.parse(`1_${"p".repeat(1_000_000)}`)).toBeNull();
});

test.each<[a: string, b: string, order: -1 | 1 | null]>([
	["4.7.0-r0", "4.10-1-r1", -1],
	["4.9.5-r3", "4.10-1-r1", -1],
	["4.11-r0", "4.10-1-r1", 1],
	["5", "4.10-1-r1", 1],
	["4", "4.10-1-r1", -1],
	["4_rc1", "4.10-1-r1", -1],
	["4.10.1-r0", "4.10-1-r1", null],
	["4.10-r0", "4.10-1-r1", null],
	["4.10", "4.10-1-r1", null],
	["4.10_rc1", "4.10-1-r1", null],
	["4.10-1-r1", "4.10-1-r2", null],
	["4.10-1-r1", "4.11-1-r1", -1],
	["1.18-r0", "1.18.-r2", null],
	["1.18.1-r0", "1.18.-r2", null],
	["1.17.9-r0", "1.18.-r2", -1],
	["1.19-r0", "1.18.-r2", 1],
	["1.018-r0", "1.18.-r2", -1],
	["1.0", "1.0bc", -1],
	["1.0a", "1.0bc", -1],
	["1.0b", "1.0bc", null],
	["1.0_rc1-r0", "1.0bc", -1],
	["1.0.1", "1.0bc", 1],
	["1.0", "1.0_rc1x", 1],
	["23_foo", "4_beta", 1],
	["1.0_p1", "1.0_preview1", null],
	["1.0-r0", "garbage", null],
	["", "1.0-r0", null],
	["", "garbage", null],
])("malformed: %s against %s is %s", (a, b, order) => {
	expect(apk.compareMalformed(a, b)).toBe(order);
	expect(apk.compareMalformed(b, a)).toBe(order === null ? null : -order);
});

test("well-formed texts decide the same way malformed or not, and a malformed tail never turns a decision", () => {
	const law = fc.property(
		wellFormed,
		wellFormed,
		fc.constantFrom("-1-r1", ".-r2", "!", "_", "-"),
		(rawA, rawB, tail) => {
			const a = apk.parse(rawA);
			const b = apk.parse(rawB);
			const order = a && b && apk.compare(a, b);
			expect(apk.compareMalformed(rawA, rawB)).toBe(order === 0 ? null : order);
			const decided = apk.compareMalformed(rawA, rawB + tail);
			expect([null, order]).toContain(decided);
		},
	);
	fc.assert(law, { numRuns: 2_000 });
});
