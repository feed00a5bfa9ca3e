import { Buffer } from "node:buffer";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseManifest } from "./manifest.ts";

test.each([
	["ends of lines of every kind", "A: b\r\nImplementation-Title: x\rBundle-Version: 1\nimplementation-version: 2\n"],
	["a name in other letters", "IMPLEMENTATION-TITLE: x\nBundle-Version: 1\nImplementation-Version: 2\n"],
	["lines that go on", "Implementation-Ti\r\n tle: \r\n x\r\nBundle-Version: \n 1\nImplementation-Version:2"],
	[
		"only the main section",
		"Implementation-Title: x\nBundle-Version: 1\nImplementation-Version: 2\n\nBundle-Version: 9\n",
	],
	["a byte order mark", "\ufeffImplementation-Title: x\nBundle-Version: 1\nImplementation-Version: 2\n"],
	[
		"nonsense between",
		"\x00\nno colon\n: x\nImplementation-Title: x\nBundle-Version: 1\nImplementation-Version: 2\n \n",
	],
])("reads %s", (_, text) => {
	expect(parseManifest(Buffer.from(text))).toEqual({
		"implementation-title": "x",
		"bundle-version": "1",
		"implementation-version": "2",
	});
});

test("joins a character that a line's end cuts in two", () => {
	const bytes = Buffer.from("Implementation-Title: Grö\nße\n".replace("\n", ""));
	const cut = bytes.indexOf("ö") + 1;
	const folded = Buffer.concat([bytes.subarray(0, cut), Buffer.from("\r\n "), bytes.subarray(cut)]);
	expect(parseManifest(folded)).toEqual({ "implementation-title": "Größe" });
});

test("answers anything, in bounds", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
			expect(parseManifest(bytes)).toBeTypeOf("object");
		}),
	);
	const long = parseManifest(Buffer.from(`Implementation-Title: ${"x\n ".repeat(2_000_000)}`));
	expect(long["implementation-title"]).toHaveLength(1023);
	expect(parseManifest(Buffer.from("\n".repeat(5_000_000)))).toEqual({});
});
