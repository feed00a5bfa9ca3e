import { matchesGlob as nodeMatches } from "node:path/posix";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { faultInGlob, matchesGlob } from "./glob.ts";

test.each([
	["lodash", "lodash", true],
	["lodash", "lodash.merge", false],
	["lib*", "libssl3", true],
	["lib*", "zlib", false],
	["*ssl?", "libssl3", true],
	["usr/lib/**", "usr/lib/python3/METADATA", true],
	["usr/lib/**", "usr/lib", true],
	["usr/lib/*", "usr/lib/python3/METADATA", false],
	["/usr/lib/**", "usr/lib/a", true],
	["**/package.json", "package.json", true],
	["**/package.json", "srv/app/package.json", true],
	["srv/**/package.json", "srv/package.json", true],
	["srv/**/lib/**/a", "srv/x/lib/y/lib/z/a", true],
	["registry.example/shop/*", "registry.example/shop/web", true],
	["registry.example/shop/*", "registry.example/shop/web/api", false],
	["*", "a/b", false],
	["**", "a/b", true],
	["@scope/*", "@scope/cart", true],
	["?", "漢", true],
	["", "a", false],
])("%j on %j: %j", (pattern, text, expected) => {
	expect(matchesGlob(pattern, text)).toBe(expected);
});

// Node's own matcher wants one part at least for `**` at the end, which is no difference for files.
test("agrees with Node's matcher", () => {
	const part = fc.oneof(
		fc.constant("**"),
		fc.array(fc.constantFrom("a", "b", "*", "?"), { minLength: 1, maxLength: 6 }).map((chars) => chars.join("")),
	);
	const pattern = fc
		.array(part, { minLength: 1, maxLength: 5 })
		.map((parts) => parts.map((one) => (/^\*{2,}$/.test(one) ? "**" : one.replaceAll(/\*+/g, "*"))).join("/"))
		.filter((text) => !text.endsWith("/**"));
	const path = fc
		.array(fc.array(fc.constantFrom("a", "b"), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 6 })
		.map((parts) => parts.map((chars) => chars.join("")).join("/"));
	fc.assert(
		fc.property(pattern, path, (glob, text) => {
			expect(matchesGlob(glob, text), `${glob} on ${text}`).toBe(nodeMatches(text, glob));
		}),
		{ numRuns: 10_000 },
	);
});

describe("hostile patterns", () => {
	it.each([
		["*a".repeat(250), "a".repeat(4000), true],
		[`${"*a".repeat(249)}b`, "a".repeat(4000), false],
		["**/a/".repeat(100), "a/".repeat(2000), true],
		[`${"**/a/".repeat(99)}b`, "a/".repeat(2000), false],
		[`${"*a".repeat(100)}b/**/${"*a".repeat(100)}b`, `${"a".repeat(2000)}/`.repeat(20), false],
	])("are quick: %#", (pattern, text, expected) => {
		const start = performance.now();
		expect(matchesGlob(pattern, text)).toBe(expected);
		expect(performance.now() - start).toBeLessThan(1000);
	});

	it.each(["", " ", "a".repeat(501), "[a-z]", "{a,b}", "a\\*"])("are refused: %j", (pattern) => {
		expect(faultInGlob(pattern)).not.toBeNull();
	});
});
