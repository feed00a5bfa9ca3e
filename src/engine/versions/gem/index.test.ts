import fc from "fast-check";
import { expect, test } from "vitest";
import {
	assertParsesAnything,
	assertTotalOrder,
	readVersionCases,
	versionCaseFailures,
} from "../../testing/version-cases.ts";
import { disagreements, mayAsk } from "../native-oracle.ts";
import { gem } from "./index.ts";
import { ruby } from "./ruby-oracle.ts";

const cases = readVersionCases(new URL("cases.txt", import.meta.url));

const number = fc.constantFrom("0", "1", "2", "10", "00", "01", "9007199254740992", "9007199254740993");
const segment = fc.oneof(number, fc.constantFrom("a", "B", "rc", "rc1", "beta2", "1a2", "pre"));
const wellFormed = fc
	.tuple(
		number,
		fc.array(segment, { maxLength: 4 }),
		fc.constantFrom("", "", "", "", "-1", "-rc.1", "-0.0", "-a-b", "--"),
	)
	.map(([first, rest, hyphened]) => [first, ...rest].join(".") + hyphened);
/** Mostly refused, by few characters. */
const anything = fc
	.array(fc.constantFrom("0", "1", "10", ".", "-", "a", "rc", "_", "+", " ", "v"), { minLength: 1, maxLength: 6 })
	.map((pieces) => pieces.join(""))
	.filter((text) => text.trim() !== "");

function claimOf([a, b]: readonly [string, string]) {
	const left = gem.parse(a);
	const right = gem.parse(b);
	const known = left !== null && right !== null;
	return { question: `order\t${a}\t${b}`, expected: known ? String(gem.compare(left, right)) : "malformed" };
}

test("cases.txt", () => {
	expect(versionCaseFailures(gem, cases)).toEqual([]);
});

test("a total order", () => {
	assertTotalOrder(gem, wellFormed, 10_000);
});

test("parse answers any text", () => {
	assertParsesAnything(gem);
});

test("space around a version does not count, and nothing else is no version", () => {
	expect(gem.parse(" 1.0\n")).toEqual(gem.parse("1.0"));
	expect(gem.parse(" \t")).toBeNull();
});

test("hostile texts neither throw nor hang", () => {
	expect(gem.parse("9".repeat(1_000_000))).toBeNull();
	expect(gem.parse(`1${".a".repeat(1_000_000)}`)).toBeNull();
	expect(gem.parse(`1${"-a".repeat(2_000)}_`)).toBeNull();
	const long = gem.parse(`1.${"9".repeat(4_000)}`);
	const longer = gem.parse(`1.${"9".repeat(4_001)}`);
	expect(long && longer && gem.compare(long, longer)).toBe(-1);
});

test.skipIf(!mayAsk(ruby))(
	"agrees with RubyGems on 12,000 pairs (skipped where ruby is not installed)",
	{ timeout: 60_000 },
	() => {
		const listed = cases
			.map((one) => (one.kind === "order" ? ([one.a, one.b] as const) : ([one.text, "1"] as const)))
			.filter(([a]) => a !== "");
		const generated = [
			...fc.sample(fc.tuple(wellFormed, wellFormed), 10_000),
			...fc.sample(fc.tuple(anything, wellFormed), 2_000),
		];
		expect(disagreements(ruby, [...listed, ...generated].map(claimOf))).toEqual([]);
	},
);
