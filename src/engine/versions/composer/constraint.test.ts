import fc from "fast-check";
import { expect, test } from "vitest";
import { disagreements, mayAsk } from "../native-oracle.ts";
import { satisfies } from "./constraint.ts";
import { php } from "./php-oracle.ts";

test.each([
	["1.0.2", ">=1.0.0,<1.0.3", true],
	["1.0.3", ">=1.0.0,<1.0.3", false],
	["1.0.3-beta1", ">=1.0.0,<1.0.3", true],
	["1.0.0-beta1", ">=1.0.0,<1.0.3", true],
	["v1.0.2", ">=1.0.0, <1.0.3", true],
	["1.0.2", ">= 1.0.0 < 1.0.3", true],
	["5.5.44", ">=5.5.0, <=5.5.44", true],
	["3.2", ">3.2, <3.3.0", false],
	["3.2-p1", ">3.2, <3.3.0", true],
	["2.4.7", ">=2.4.7, <2.4.7-p1", true],
	["2.4.7-p1", ">=2.4.7, <2.4.7-p1", false],
	["4.0.0-rc1", ">=4.0.0-rc2, <4.2.4", false],
	["4.0.0-alpha1", ">=4.0.0-alpha1, <4.0.0-alpha2", true],
	["3.1", ">=1.0,<2.0|>=3", true],
	["2.1", ">=1.0,<2.0|>=3", false],
	["3.1", ">=1.0,<2.0 || >=3", true],
	["1.5", "~1.2", true],
	["2.0-beta", "~1.2", false],
	["1.3.0", "~1.2.3", false],
	["1.9", "~1", true],
	["1.3.0", "^1.2.3", true],
	["0.3.9", "^0.3", true],
	["0.4.0", "^0.3", false],
	["0.0.4", "^0.0.3", false],
	["0.0.9", "^0.0", true],
	["1.2.7", "1.2.*", true],
	["1.3", "1.2.*", false],
	["1.3", "1.*.*", true],
	["0.5", "0.*", true],
	["1.3", "*", true],
	["2.0.5", "1.0 - 2.0", true],
	["2.1", "1.0 - 2.0", false],
	["2.0.5", "1.0 - 2.0.0", false],
	["1.6.0", "=1.6", true],
	["1.6.0", "1.6", true],
	["1.6.1", "!=1.6", true],
	["1.6.1", "<>1.6.1", false],
	["1.2.5", "~1.2.x-dev", false],
	["1.2.x-dev", "~1.2.x-dev", true],
])("%s satisfies %j: %s", (version, constraint, answer) => {
	expect(satisfies(version, constraint)).toBe(answer);
});

test.each([
	["1.0", ""],
	["1.0", "<2 ||"],
	["1.0", "<2 || garbage"],
	["1.0", "~>1.0"],
	["1.0", "^a"],
	["1.0", "~1 - 2"],
	["1.0", "1.0 -"],
	["1.0", "- 1.0"],
	["1.0", "=>1.0"],
	["1.0", "dev-main"],
	["1.0", "<1.0.0.0.0"],
	["dev-main", ">=1.0"],
	["", ">=1.0"],
])("%s against %j cannot be told", (version, constraint) => {
	expect(satisfies(version, constraint)).toBeNull();
});

test("hostile constraints neither throw nor hang", () => {
	expect(satisfies("1.0", `<2${",<2".repeat(10_000)}`)).toBeNull();
	expect(satisfies("1.0", `<1.0-beta${"-1".repeat(8_000)}x`)).toBeNull();
	expect(satisfies("1.0", `^1.0-beta${"-1".repeat(400)}x`)).toBeNull();
	expect(satisfies("1.0", `1${".*".repeat(8_000)}x`)).toBeNull();
	expect(satisfies("1.0", `<${" ".repeat(16_000)}2`)).toBe(true);
});

test("any text is answered", () => {
	fc.assert(fc.property(fc.string(), (text) => [true, false, null].includes(satisfies("1.0", text))));
});

/** Few numbers, so that the bounds are met. */
const number = fc.constantFrom("0", "1", "2", "3");
const numbers = fc.array(number, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("."));
const version = fc
	.tuple(numbers, fc.constantFrom("", "", "", "", "-beta1", "-RC1", "-dev", "-p1", "-alpha", "-beta1-dev", "-stable"))
	.map((parts) => parts.join(""));
const few = fc.array(number, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("."));
const wildcard = few.map((parts) => `${parts}.*`);
const xBranch = few.map((parts) => `${parts}.x-dev`);
/** Behind `<` only where Composer does not make it mean something else. */
const suffixed = fc.tuple(numbers, fc.constantFrom("-beta1", "-RC1", "-dev", "-p1", "-alpha", "-stable"));
const clause = fc.oneof(
	fc
		.tuple(fc.constantFrom("", "=", "==", "!=", "<>", "<=", ">", ">="), fc.constantFrom("", " "), version)
		.map((parts) => parts.join("")),
	suffixed.map((parts) => `<${parts.join("")}`),
	fc.tuple(fc.constantFrom("~", "^"), fc.oneof(version, xBranch)).map((parts) => parts.join("")),
	wildcard,
	fc.tuple(version, fc.constant(" - "), version).map((parts) => parts.join("")),
	fc.constant("*"),
);
const group = fc
	.tuple(fc.array(clause, { minLength: 1, maxLength: 2 }), fc.constantFrom(",", ", ", " "))
	.map(([clauses, comma]) => clauses.join(comma));
const constraint = fc
	.tuple(fc.array(group, { minLength: 1, maxLength: 2 }), fc.constantFrom("|", "||", " || "))
	.map(([groups, or]) => groups.join(or));

test.skipIf(!mayAsk(php))(
	"agrees with Composer on 10,000 constraints (skipped where php has no Composer\\Semver)",
	{ timeout: 60_000 },
	() => {
		const claims = fc.sample(fc.tuple(fc.oneof(version, xBranch), constraint), 10_000).map(([one, against]) => ({
			question: `satisfies\t${one}\t${against}`,
			expected: String(satisfies(one, against) ?? "malformed"),
		}));
		expect(disagreements(php, claims)).toEqual([]);
	},
);
