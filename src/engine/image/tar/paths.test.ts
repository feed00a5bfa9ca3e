import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cleanPath } from "./paths.ts";

describe("cleanPath", () => {
	test.each([
		["etc/passwd", "etc/passwd"],
		["/etc/passwd", "etc/passwd"],
		["./etc/passwd", "etc/passwd"],
		["//etc///passwd", "etc/passwd"],
		["etc/", "etc"],
		["etc/./ssl/../passwd", "etc/passwd"],
		["a/b/../../c", "c"],
		["/../etc/passwd", "etc/passwd"],
		["", ""],
		[".", ""],
		["./", ""],
		["/", ""],
		["a/..", ""],
		["..", null],
		["../../etc/passwd", null],
		["a/../../b", null],
		["./../b", null],
		[".hidden", ".hidden"],
		["..hidden/...", "..hidden/..."],
		["home/.config/x", "home/.config/x"],
		["a b/ü/\u{1f40b}", "a b/ü/\u{1f40b}"],
		["a\\..\\b", "a\\..\\b"],
	])("%j is %j", (raw, clean) => {
		expect(cleanPath(raw)).toBe(clean);
	});

	test("a clean path has no empty, `.` or `..` part, and cleaning it again changes nothing", () => {
		const part = fc.constantFrom("..", ".", "", "a", ".b", "...", "c d");
		fc.assert(
			fc.property(fc.array(part), (parts) => {
				const clean = cleanPath(parts.join("/"));
				if (clean === null || clean === "") return;
				expect(clean.split("/").filter((one) => one === "" || one === "." || one === "..")).toEqual([]);
				expect(cleanPath(clean)).toBe(clean);
			}),
		);
	});
});
