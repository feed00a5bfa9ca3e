import fc from "fast-check";
import { expect, test } from "vitest";
import { disagreements, mayAsk } from "../native-oracle.ts";
import { satisfies } from "./constraint.ts";
import { ruby } from "./ruby-oracle.ts";

test.each([
	["0.9.44", ">= 0.9.44", true],
	["0.9.43", ">= 0.9.44", false],
	["0.9.44.rc1", ">= 0.9.44", false],
	["3.0.1", "~> 3.0.1", true],
	["3.0.9", "~> 3.0.1", true],
	["3.1.0", "~> 3.0.1", false],
	["3.1.0.rc1", "~> 3.0.1", false],
	["3.0.1.rc1", "~> 3.0.1", false],
	["3.9", "~> 3.0", true],
	["4", "~> 3.0", false],
	["3.9", "~> 3", true],
	["4.0", "~> 3", false],
	["1.0.0", "~> 1.0.0.rc5.1", true],
	["1.0.0.rc5", "~> 1.0.0.rc5.1", false],
	["1.1.0", "~> 1.0.0.rc5.1", false],
	["6.4.1.1", "~> 6.4.1, >= 6.4.1.1", true],
	["6.4.1", "~> 6.4.1, >= 6.4.1.1", false],
	["6.5.0", "~> 6.4.1, >= 6.4.1.1", false],
	["2.30.9", "< 2.31.0", true],
	["2.31.0.beta1", "< 2.31.0", true],
	["0.2.4", "> 0.2.3", true],
	["0.2.3.0", "> 0.2.3", false],
	["2.3.14", ">= 2.3.5, <= 2.3.14", true],
	["1.6.0", "= 1.6.0", true],
	["1.6", "1.6.0", true],
	["1.6.1", "!= 1.6.0", true],
	["1.0.0", ">=0", true],
	["2.1.0pre1", "< 2.1.0", true],
	["7.0.0-rc2", ">= 7.0.0-rc3", false],
	["1.5", "< 1.0 || >= 1.2, < 1.6", true],
	["1.1", "< 1.0 || >= 1.2, < 1.6", false],
])("%s satisfies %j: %s", (version, constraint, answer) => {
	expect(satisfies(version, constraint)).toBe(answer);
});

test.each([
	["1.0", ""],
	["1.0", ">= 1.0,"],
	["1.0", ">= 1.0 < 2.0"],
	["1.0", "^1.0"],
	["1.0", "=> 1.0"],
	["1.0", "< 2 ||"],
	["1.0", "< 2 || garbage"],
	["1.0", "~> a"],
	["v1.0", "< 2"],
	["", "< 2"],
])("%s against %j cannot be told", (version, constraint) => {
	expect(satisfies(version, constraint)).toBeNull();
});

test("a hostile constraint is not read", () => {
	expect(satisfies("1.0", `< 2${", < 2".repeat(10_000)}`)).toBeNull();
});

test("any text is answered", () => {
	fc.assert(fc.property(fc.string(), (text) => [true, false, null].includes(satisfies("1.0", text))));
});

/** Few numbers, so that the bounds are met. */
const number = fc.constantFrom("0", "1", "2", "9");
const version = fc
	.tuple(
		fc.array(number, { minLength: 1, maxLength: 4 }).map((numbers) => numbers.join(".")),
		fc.constantFrom("", "", "", ".a", ".rc1", ".rc1.0", ".rc.2", "-1", ".0.b"),
	)
	.map((parts) => parts.join(""));
const clause = fc
	.tuple(fc.constantFrom("", "=", "!=", "<", "<=", ">", ">=", "~>", "~>", "=>"), fc.constantFrom("", " "), version)
	.map((parts) => parts.join(""));
const constraint = fc.array(clause, { minLength: 1, maxLength: 3 }).map((clauses) => clauses.join(", "));

test.skipIf(!mayAsk(ruby))(
	"agrees with RubyGems on 10,000 requirements (skipped where ruby is not installed)",
	{ timeout: 60_000 },
	() => {
		const claims = fc.sample(fc.tuple(version, constraint), 10_000).map(([one, against]) => ({
			question: `satisfies\t${one}\t${against}`,
			expected: String(satisfies(one, against) ?? "malformed"),
		}));
		expect(disagreements(ruby, claims)).toEqual([]);
	},
);
