import fc from "fast-check";
import { expect, test } from "vitest";
import {
	assertParsesAnything,
	assertTotalOrder,
	readVersionCases,
	versionCaseFailures,
} from "../../testing/version-cases.ts";
import { disagreements, mayAsk } from "../native-oracle.ts";
import { composer } from "./index.ts";
import { php } from "./php-oracle.ts";
import { isNamedBranch } from "./version.ts";

const cases = readVersionCases(new URL("cases.txt", import.meta.url));

/** No longer than what PHP's integers hold; longer ones it takes for equal. */
const number = fc.constantFrom("0", "1", "2", "10", "00", "01", "9007199254740992", "9007199254740993");
const first = fc.constantFrom("0", "1", "2", "10", "00", "01", "99999");
const stability = fc
	.tuple(
		fc.constantFrom("", "-", ".", "_"),
		fc.constantFrom("alpha", "a", "beta", "B", "RC", "rc", "patch", "pl", "p"),
		fc.constantFrom("", "1", "2", "10", ".1", "-2", "1.1", "1-1"),
	)
	.map((parts) => parts.join(""));
const modifier = fc.tuple(
	fc.oneof(fc.constantFrom("", "", "-stable"), stability),
	fc.constantFrom("", "", "", "-dev", ".dev", "dev"),
);
const classical = fc
	.tuple(first, fc.array(number, { maxLength: 3 }), modifier)
	.map(([head, rest, parts]) => [head, ...rest].join(".") + parts.join(""));
const date = fc
	.tuple(fc.constantFrom("20100102", "2010-01-02", "201001021530", "2010-01-03", "2010-01-02-123"), modifier)
	.map(([digits, parts]) => digits + parts.join(""));
const branch = fc
	.tuple(first, fc.array(fc.oneof(number, fc.constantFrom("x", "X", "*")), { minLength: 1, maxLength: 3 }))
	.map(([head, rest]) => `${[head, ...rest].join(".")}-dev`);
const written = fc
	.tuple(
		fc.constantFrom("", "", "", "v"),
		fc.oneof({ weight: 6, arbitrary: classical }, { weight: 1, arbitrary: date }, { weight: 1, arbitrary: branch }),
		fc.constantFrom("", "", "", "", "+build.1", "@dev", "@stable"),
	)
	.map((parts) => parts.join(""));
const wellFormed = written.filter((text) => composer.parse(text) !== null);
/** Mostly refused, by few characters. */
const anything = fc
	.array(fc.constantFrom("0", "1", "10", ".", "-", "a", "rc", "_", "+", "v", "x", "*", "dev", "beta"), {
		minLength: 1,
		maxLength: 6,
	})
	.map((pieces) => pieces.join(""))
	.filter((text) => !isNamedBranch(text));

function claimOf([a, b]: readonly [string, string]) {
	const left = composer.parse(a);
	const right = composer.parse(b);
	const known = left !== null && right !== null;
	return { question: `order\t${a}\t${b}`, expected: known ? String(composer.compare(left, right)) : "malformed" };
}

test("cases.txt", () => {
	expect(versionCaseFailures(composer, cases)).toEqual([]);
});

test("a total order", () => {
	assertTotalOrder(composer, wellFormed, 10_000);
});

test("parse answers any text", () => {
	assertParsesAnything(composer);
});

test("hostile texts neither throw nor hang", () => {
	expect(composer.parse(`1.${"9".repeat(1_000_000)}`)).toBeNull();
	expect(composer.parse(`1.0-beta${"1".repeat(900)}x`)).toBeNull();
	expect(composer.parse(`1.0-beta${"-1".repeat(400)}x`)).toBeNull();
	expect(composer.parse(`${"20".repeat(400)}x`)).toBeNull();
	const long = composer.parse(`1.${"9".repeat(900)}`);
	const longer = composer.parse(`1.${"9".repeat(901)}`);
	expect(long && longer && composer.compare(long, longer)).toBe(-1);
});

test.skipIf(!mayAsk(php))(
	"agrees with Composer on 12,000 pairs (skipped where php has no Composer\\Semver)",
	{ timeout: 60_000 },
	() => {
		const listed = cases
			.map((one) => (one.kind === "order" ? ([one.a, one.b] as const) : ([one.text, "1"] as const)))
			.filter(([a]) => !isNamedBranch(a) && a !== "1.0 as 2.0");
		const generated = [
			...fc.sample(fc.tuple(written, written), 10_000),
			...fc.sample(fc.tuple(anything, written), 2_000),
		];
		expect(disagreements(php, [...listed, ...generated].map(claimOf))).toEqual([]);
	},
);
