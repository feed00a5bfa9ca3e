import fc from "fast-check";
import { expect, test } from "vitest";
import { disagreements, mayAsk } from "../native-oracle.ts";
import { satisfies } from "./constraint.ts";
import { python } from "./python-oracle.ts";

test.each([
	["2.12.20", "<2.12.21", true],
	["2.12.21", "<2.12.21", false],
	["2.13.5", ">=2.13, <2.13.11", true],
	["2.13.11", ">=2.13, <2.13.11", false],
	["1.0", ">=0", true],
	["2.7.0rc1", ">=2.7.0rc0, <2.7.0", true],
	["2.7.0rc1", ">=2.7.0rc0, <2.7.0rc2", true],
	["2.7.0rc1", "<2.8", true],
	["1.5.0.post0", ">1.5.0", true],
	["1.5.0.post1", ">1.5.0.post0", true],
	["1.0", ">1.0a1", true],
	["1.0", "<1.0.post1", true],
	["1.0rc1", "<1.0.post1", true],
	["1.0.post1.dev1", "<1.0.post1", true],
	["1.0rc1.dev1", "<1.0rc1", true],
	["1.0.post1", ">1.0rc1", true],
	["1.0rc1.post1", ">1.0rc1", true],
	["1.0.post1", ">1.0.dev1", true],
	["1.0.post2.dev1", ">1.0.post1", true],
	["1.0+local", ">1.0a1", true],
	["4.2a1", "=4.2a1", true],
	["4.2a1", "==4.2", false],
	["0.5", "0.5.0", true],
	["0.5.1", "0.5.0", false],
	["0.5.1", "!=0.5.0", true],
	["2.0.1+cu118", "2.0.1", true],
	["2.0.1+cu118", "<=2.0.1", true],
	["2.0.1+cu118", "<2.0.1", false],
	["2.0.1+cu118", ">2.0.1", false],
	["2.0.1", "==2.0.1+cu118", false],
	["2.0.1+CU118", "==2.0.1+cu118", true],
	["1.4.5", "==1.4.*", true],
	["1.4a1", "==1.4.*", true],
	["1.40", "==1.4.*", false],
	["1.4", "==1.4.0.*", true],
	["1.4", "!=1.4.*", false],
	["1!1.4", "==1.4.*", false],
	["1!1.4", "==1!1.*", true],
	["2.3", "~=2.2", true],
	["3.0", "~=2.2", false],
	["2.2.9", "~=2.2.1", true],
	["2.3", "~=2.2.1", false],
	["2.1", "~=2.2a1", false],
	["2.9", "~=2.2a1", true],
	["1.5", "<1.0 || >=1.2,<1.6", true],
	["1.1", "<1.0 || >=1.2,<1.6", false],
	["1.1", "", true],
	["1.1", ">=1.0,", true],
])("%s satisfies %j: %s", (version, constraint, answer) => {
	expect(satisfies(version, constraint)).toBe(answer);
});

test.each([
	["1.0", "<2019-09-12"],
	["1.0", "~=2"],
	["1.0", ">=1.*"],
	["1.0", "~=1.2.*"],
	["1.0", "===1.0"],
	["1.0", "=>1.0"],
	["1.0", "<<1.0"],
	["1.0", ">= 1.0 < 2.0"],
	["1.0", "<2 ||"],
	["1.0", "<2 || garbage"],
	["1.0", ",,"],
	["0.1bzr20", "<2"],
	["", "<2"],
])("%s against %j cannot be told", (version, constraint) => {
	expect(satisfies(version, constraint)).toBeNull();
});

test("a hostile constraint is not read", () => {
	expect(satisfies("1.0", `<2${",<2".repeat(10_000)}`)).toBeNull();
});

test("any text is answered", () => {
	fc.assert(fc.property(fc.string(), (text) => [true, false, null].includes(satisfies("1.0", text))));
});

/** Few numbers, so that the bounds are met. */
const number = fc.constantFrom("0", "1", "2");
const release = fc.array(number, { minLength: 1, maxLength: 3 }).map((numbers) => numbers.join("."));
const pre = fc.constantFrom("", "", "a1", "rc1", "rc2", ".dev1", "rc1.dev2");
const post = fc.constantFrom("", "", ".post1", ".post1.dev1");
function joined(...parts: readonly fc.Arbitrary<string>[]) {
	return fc.tuple(...parts).map((texts) => texts.join(""));
}
const version = joined(release, fc.oneof(pre, post));
/** Epochs stand in the table: `packaging` 23 forgets them before `.*`. */
const clause = fc.oneof(
	joined(fc.constantFrom("<", ">", "<=", ">=", "==", "!=", "~="), fc.constantFrom("", " "), version),
	joined(fc.constantFrom("==", "!=", "~=", "<"), release, fc.constant(".*")),
);
const constraint = fc.array(clause, { minLength: 1, maxLength: 2 }).map((clauses) => clauses.join(", "));

function claimOf([one, against]: readonly [string, string]) {
	return { question: `satisfies\t${one}\t${against}`, expected: String(satisfies(one, against) ?? "malformed") };
}

test.skipIf(!mayAsk(python))(
	"agrees with Python on 10,000 constraints (skipped where python3 has no packaging)",
	{ timeout: 60_000 },
	() => {
		const any = fc.oneof(version, version, joined(version, fc.constant("+x.1")));
		expect(disagreements(python, fc.sample(fc.tuple(any, constraint), 10_000).map(claimOf))).toEqual([]);
	},
);
