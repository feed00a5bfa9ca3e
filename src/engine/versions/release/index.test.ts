import fc from "fast-check";
import { expect, test } from "vitest";
import {
	assertParsesAnything,
	assertTotalOrder,
	readVersionCases,
	versionCaseFailures,
} from "../../testing/version-cases.ts";
import { release } from "./index.ts";

const number = fc.constantFrom("0", "1", "2", "10", "00", "9007199254740993");
const word = fc.constantFrom("a", "rc", "rc1", "w", "zh", "dev", "beta2", "-nightly", "_", ".", "p1", "~");
const version = fc
	.tuple(
		number,
		fc.array(
			fc.oneof(
				number.map((text) => `.${text}`),
				word,
			),
			{ maxLength: 6 },
		),
		fc.constantFrom("", "+9"),
	)
	.map(([first, rest, build]) => `${first}${rest.join("")}${build}`);

test("cases.txt", () => {
	expect(versionCaseFailures(release, readVersionCases(new URL("cases.txt", import.meta.url)))).toEqual([]);
});

test("a total order", () => {
	assertTotalOrder(release, version, 10_000);
});

test("parse answers any text", () => {
	assertParsesAnything(release);
	expect(release.parse(`1${".1".repeat(1_000_000)}`)).toBeNull();
});

test("satisfies constraints that compare", () => {
	expect(release.satisfies?.("1.1.1w", ">= 1.1.0, < 1.1.1x")).toBe(true);
	expect(release.satisfies?.("main", "< 1")).toBeNull();
});
