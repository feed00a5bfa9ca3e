import { expect, test } from "vitest";
import { runtimeName, runtimeProducts } from "./index.ts";

test("names and aliases stand for one product each", () => {
	const all = runtimeProducts.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
	expect(new Set(all).size).toBe(all.length);
});

test("every product has CPEs of a vendor and a product, in NVD's spelling", () => {
	for (const { cpes } of runtimeProducts) {
		expect(cpes.length).toBeGreaterThan(0);
		for (const cpe of cpes) expect(cpe).toMatch(/^[a-z0-9_.-]+:(?:[a-z0-9_.-]|\\\/)+$/);
	}
});

test.each([
	["node", "node"],
	["NodeJS", "node"],
	["php-cli", "php"],
	["oracle/jre", "openjdk"],
	["someone/curl", "someone/curl"],
	["left-pad", "left-pad"],
	["constructor", "constructor"],
])("%s is called %s", (name, expected) => {
	expect(runtimeName(name)).toBe(expected);
});
