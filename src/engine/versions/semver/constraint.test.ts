import fc from "fast-check";
import npmSemver from "semver";
import { expect, test } from "vitest";
import { satisfies } from "./constraint.ts";

const number = fc.constantFrom("0", "1", "2", "3");
const prerelease = fc.constantFrom("", "", "", "-0", "-beta", "-rc.1", "-rc.2");
const full = fc.tuple(number, number, number, prerelease).map(([a, b, c, pre]) => `${a}.${b}.${c}${pre}`);
const partial = fc.tuple(number, fc.constantFrom("", ".x", ".1", ".0", ".2.*", ".1.X")).map((parts) => parts.join(""));
const operator = fc.constantFrom("", "=", "<", "<=", ">", ">=", "~", "^", "~>");
const blank = fc.constantFrom("", " ");
const comparator = fc.tuple(operator, blank, fc.oneof(full, full, partial)).map((parts) => parts.join(""));
const span = fc.tuple(partial, partial).map(([from, to]) => `${from} - ${to}`);
const alternative = fc.oneof(
	fc.array(comparator, { minLength: 1, maxLength: 3 }).map((list) => list.join(" ")),
	fc.constantFrom("*", "x", "1 - *", ">*", "<=*", "^x"),
	span,
);
const range = fc
	.array(alternative, { minLength: 1, maxLength: 2 })
	.chain((list) => fc.constantFrom(" || ", "||").map((or) => list.join(or)));

test("agrees with npm on 20,000 versions and ranges, pre-releases included", () => {
	const law = fc.property(full, range, (version, constraint) => {
		expect(satisfies(version, constraint)).toBe(npmSemver.satisfies(version, constraint, { includePrerelease: true }));
	});
	fc.assert(law, { numRuns: 20_000 });
});

test.each([
	["1.2.3", ">= 1.0.0, < 1.2.4", true],
	["1.2.4", ">= 1.0.0, < 1.2.4", false],
	["1.2.4-rc.1", ">= 1.0.0, < 1.2.4", true],
	["1.2.4-rc.1", ">=1.0.0 <1.2.4-0", false],
	["1.2.3", "= 1.2.3", true],
	["1.2.3", "1.2.3", true],
	["1.2.4", "1.2.3", false],
	["2.0.0", "!=2.0.0", false],
	["2.0.0-rc7", "<=2.0.0-rc7", true],
	["0.8.21", ">=0.0.0-0, <0.8.21-0", false],
	["0.7.0", ">=0.0.0-0, <0.8.21-0", true],
	["3.0.5", ">=3.0.0-0.gat.0, <3.1.0", true],
	["1.6.9", "~1.6.5", true],
	["2.3.9", "~> 2.3", true],
	["2.4.0", "~> 2.3", false],
	["1.5.0", "1.2.3 - 2.3.4", true],
	["2.3.5", "1.2.3 - 2.3.4", false],
	["0.5.0", "<0.1.0 || >=0.4.0", true],
	["9007199254740993.0.0", ">9007199254740992.0.0", true],
	["1.0.0", "^9007199254740993", false],
	["9007199254740993.5.0", "^9007199254740993", true],
	["1.0.0", "*", true],
	["1.0.0", "", true],
])("%s satisfies %s: %s", (version, constraint, answer) => {
	expect(satisfies(version, constraint)).toBe(answer);
});

test.each([
	["nonsense", ">=1.0.0"],
	["1.0.0", ">="],
	["1.0.0", ">= latest"],
	["1.0.0", ">=1.0.0 || nonsense"],
	["1.0.0", "<<1.0.0"],
	["1.0.0", "!=1.x"],
	["1.0.0", "!=*"],
	["1.0.0", "- 2.0.0"],
	["1.0.0", "1.0.0 -"],
	["1.0.0", ">1.0.0 - 2.0.0"],
	["1.0.0", `^${"9".repeat(5000)}`],
	["1.0.0", "1.0.0 ".repeat(5000)],
	["1.0.0", "git+https://example.com/x.git"],
])("%j against %j cannot be told", (version, constraint) => {
	expect(satisfies(version, constraint)).toBeNull();
});
