import fc from "fast-check";
import { expect, test } from "vitest";
import {
	assertParsesAnything,
	assertTotalOrder,
	readVersionCases,
	versionCaseFailures,
} from "../../testing/version-cases.ts";
import { disagreements, mayAsk } from "../native-oracle.ts";
import { pep440 } from "./index.ts";
import { python } from "./python-oracle.ts";

const cases = readVersionCases(new URL("cases.txt", import.meta.url));

const number = fc.constantFrom("0", "1", "2", "10", "00", "01", "9007199254740992", "9007199254740993");
const separator = fc.constantFrom("", "", ".", "-", "_");
function suffix(...words: readonly string[]) {
	const written = fc.tuple(separator, fc.constantFrom(...words), separator, number);
	return fc.oneof(
		fc.constant(""),
		fc.constant(""),
		fc.constant(words[0] ?? ""),
		written.map((parts) => parts.join("")),
	);
}
const wellFormed = fc
	.tuple(
		fc.constantFrom("", "", "", "", "v", "0!", "1!"),
		fc.array(number, { minLength: 1, maxLength: 3 }).map((numbers) => numbers.join(".")),
		suffix("a", "alpha", "b", "c", "RC", "pre", "preview"),
		fc.oneof(suffix("post", "rev", "R"), fc.constant("-1")),
		suffix("dev", "DEV"),
		fc.constantFrom("", "", "", "", "+a", "+1", "+a.1", "+A-01"),
	)
	.map((parts) => parts.join(""));
/** Mostly refused, by few characters. */
const anything = fc
	.array(fc.constantFrom("0", "1", "10", "!", ".", "-", "_", "+", "a", "rc", "post", "dev", "v", "*", "x"), {
		minLength: 1,
		maxLength: 6,
	})
	.map((pieces) => pieces.join(""));

function claimOf([a, b]: readonly [string, string]) {
	const left = pep440.parse(a);
	const right = pep440.parse(b);
	const known = left !== null && right !== null;
	return { question: `order\t${a}\t${b}`, expected: known ? String(pep440.compare(left, right)) : "malformed" };
}

test("cases.txt", () => {
	expect(versionCaseFailures(pep440, cases)).toEqual([]);
});

test("a total order", () => {
	assertTotalOrder(pep440, wellFormed, 10_000);
});

test("parse answers any text", () => {
	assertParsesAnything(pep440);
});

test("space around a version does not count", () => {
	expect(pep440.parse(" 1.0\n")).toEqual(pep440.parse("1.0"));
});

test("hostile texts neither throw nor hang", () => {
	expect(pep440.parse("9".repeat(1_000_000))).toBeNull();
	expect(pep440.parse(`1${".0".repeat(1_000_000)}`)).toBeNull();
	expect(pep440.parse(`1${".0".repeat(2_000)}x`)).toBeNull();
	expect(pep440.parse(`1+${"a-".repeat(2_000)}`)).toBeNull();
	const long = pep440.parse(`1.${"9".repeat(4_000)}`);
	const longer = pep440.parse(`1.${"9".repeat(4_001)}`);
	expect(long && longer && pep440.compare(long, longer)).toBe(-1);
});

test.skipIf(!mayAsk(python))(
	"agrees with Python on 12,000 pairs (skipped where python3 has no packaging)",
	{ timeout: 60_000 },
	() => {
		const listed = cases.map((one) => (one.kind === "order" ? ([one.a, one.b] as const) : ([one.text, "1"] as const)));
		const generated = [
			...fc.sample(fc.tuple(wellFormed, wellFormed), 10_000),
			...fc.sample(fc.tuple(anything, wellFormed), 2_000),
		];
		expect(disagreements(python, [...listed, ...generated].map(claimOf))).toEqual([]);
	},
);
