import fc from "fast-check";
import { expect, test } from "vitest";
import {
	assertParsesAnything,
	assertTotalOrder,
	readVersionCases,
	versionCaseFailures,
} from "../../testing/version-cases.ts";
import { disagreements, firstPresent, mayAsk } from "../native-oracle.ts";
import { cran } from "./index.ts";

const cases = readVersionCases(new URL("cases.txt", import.meta.url));

const number = fc.constantFrom("0", "1", "2", "10", "01", "20231231", "9007199254740993", "9007199254740992");
/** R itself reads numbers of 32 bits. */
const smallNumber = fc.constantFrom("0", "1", "2", "10", "01", "20231231", "987654321");
const separator = fc.constantFrom(".", "-");
const versionOf = (part: fc.Arbitrary<string>) =>
	fc
		.tuple(part, fc.array(fc.tuple(separator, part), { minLength: 1, maxLength: 4 }))
		.map(([first, rest]) => first + rest.flat().join(""));
const near = fc
	.array(fc.constantFrom("0", "1", "10", ".", "-", "a", " ", "+", "_"), { minLength: 1, maxLength: 6 })
	.map((pieces) => pieces.join(""));

test("cases.txt", () => {
	expect(versionCaseFailures(cran, cases)).toEqual([]);
});

test("a total order", () => {
	assertTotalOrder(cran, versionOf(number), 10_000);
});

test("parse answers any text", () => {
	assertParsesAnything(cran);
});

test("a hostile text of megabytes is refused at once", () => {
	expect(cran.parse(`1${".1".repeat(2_000_000)}`)).toBeNull();
	expect(cran.parse("9".repeat(2_000_000))).toBeNull();
});

test("satisfies constraints that compare", () => {
	expect(cran.satisfies?.("1.2-3", ">= 1.2, < 1.2.4")).toBe(true);
	expect(cran.satisfies?.("1.2.4", ">= 1.2, < 1.2.4")).toBe(false);
	expect(cran.satisfies?.("one", "< 1")).toBeNull();
});

/** On one line: R ignores all but the first. */
const program = [
	'input <- file("stdin", "r")',
	"repeat { line <- readLines(input, n = 1)",
	"if (length(line) == 0) break",
	'parts <- strsplit(line, "\\t", fixed = TRUE)[[1]]',
	"known <- !is.na(package_version(parts, strict = FALSE))",
	'cat(if (all(known)) compareVersion(parts[1], parts[2]) else "malformed", "\\n", sep = "") }',
].join("; ");
const rscript = firstPresent([{ command: "Rscript", args: ["--vanilla", "-e", program] }]);

function claimOf([a, b]: readonly [string, string]) {
	const left = cran.parse(a);
	const right = cran.parse(b);
	const known = left !== null && right !== null;
	return { question: `${a}\t${b}`, expected: known ? String(cran.compare(left, right)) : "malformed" };
}

test.skipIf(!mayAsk(rscript))(
	"agrees with the real R on 6,000 pairs (skipped where R is not installed)",
	{ timeout: 60_000 },
	() => {
		const version = versionOf(smallNumber);
		const listed = cases.flatMap((one): [string, string][] =>
			one.kind === "order" ? [[one.a, one.b]] : [[one.text, "1.0"]],
		);
		// R wants two numbers, reads 32 bits and does not trim.
		const comparable = (text: string) =>
			text !== "" && text === text.trim() && !/\d{10}/.test(text) && !/^\d+$/.test(text);
		const pairs = [
			...listed,
			...fc.sample(fc.tuple(version, version), 5_000),
			...fc.sample(fc.tuple(near, version), 1_000),
		].filter(([a, b]) => comparable(a) && comparable(b));
		expect(pairs.length).toBeGreaterThan(5_000);
		expect(disagreements(rscript, pairs.map(claimOf))).toEqual([]);
	},
);
