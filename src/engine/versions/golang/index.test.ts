import fc from "fast-check";
import { expect, test } from "vitest";
import {
	assertParsesAnything,
	assertTotalOrder,
	readVersionCases,
	versionCaseFailures,
} from "../../testing/version-cases.ts";
import { golang } from "./index.ts";

const cases = readVersionCases(new URL("cases.txt", import.meta.url));

const number = fc.constantFrom("0", "1", "2", "10", "20");
const suffix = fc.constantFrom(
	"",
	"-0",
	"-rc.1",
	"-rc.10",
	"-rc1",
	"-20210101000000-abcdefabcdef",
	"-0.20210101000000-abcdefabcdef",
	"-pre",
	"-pre.0.20210101000000-abcdefabcdef",
	"+incompatible",
	"+dirty",
);
const module = fc
	.tuple(fc.constantFrom("", "v"), number, number, number, suffix)
	.map(([v, a, b, c, end]) => `${v}${a}.${b}.${c}${end}`);
const release = fc
	.tuple(number, fc.constantFrom("", ".0", ".1", "beta1", "rc1", "rc2", "-fips", " X:boringcrypto"))
	.map(([minor, end]) => `go1.${minor}${end}`);

test("cases.txt", () => {
	expect(versionCaseFailures(golang, cases)).toEqual([]);
});

test("a total order over modules and releases", () => {
	assertTotalOrder(golang, fc.oneof(module, release));
});

test("parse answers any text", () => {
	assertParsesAnything(golang);
});

test("a hostile text of megabytes is refused at once", () => {
	expect(golang.parse(`v1.2.3-${"a.".repeat(2_000_000)}a`)).toBeNull();
});

test.each([
	["v1.21.4", ">=1.21.0-0, <1.21.5", true],
	["v1.21.5", ">=1.21.0-0, <1.21.5", false],
	["go1.20", "<1.20.1", true],
	["v0.0.0-20240101000000-abcdefabcdef", "<0.0.0-20260329085140-6d9bef1aaba3", true],
	["v2.14.1+incompatible", ">=2.14.0+incompatible, <2.14.3+incompatible", true],
	["v1.2.3", "1.2.3", true],
	["v1.2.3", "v1.2.3", true],
	["v1.2.4", "1.2.3", false],
	["v1.2.3", "^1.2.0", null],
	["(devel)", ">=1.0.0", null],
])("%s satisfies %s: %s", (version, constraint, answer) => {
	expect(golang.satisfies?.(version, constraint)).toBe(answer);
});
