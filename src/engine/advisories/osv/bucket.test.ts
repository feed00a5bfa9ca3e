import { describe, expect, it } from "vitest";
import { baseOf, chooseEcosystems, isPlainName, parseEcosystems } from "./bucket.ts";

describe("chooseEcosystems", () => {
	it.each<[string[], string[], string[]]>([
		[
			["npm", "Debian:12", "Debian:11", "PyPI"],
			["Debian", "npm"],
			["Debian:11", "Debian:12", "npm"],
		],
		[["Debian:12", "Debian", "Debian:11"], ["Debian"], ["Debian"]],
		[["npm", "npm"], ["npm"], ["npm"]],
		[["Debianish", "debian"], ["Debian"], []],
		[["npm/../x", "npm:..", "npm:a/b", "npm:\u0000"], ["npm"], ["npm:.."]],
		[["Ubuntu:22.04:LTS", "Ubuntu:Pro:18.04:LTS"], ["Ubuntu"], ["Ubuntu:22.04:LTS", "Ubuntu:Pro:18.04:LTS"]],
		[[], ["npm"], []],
	])("of %j for %j takes %j", (listed, wanted, taken) => {
		expect(chooseEcosystems(listed, wanted)).toEqual(taken);
	});
});

it.each([
	["npm", true],
	["Red Hat:enterprise_linux:8::baseos", true],
	["crates.io", true],
	["..", false],
	[".", false],
	["", false],
	["a/b", false],
	["a\\b", false],
	["a\nb", false],
	["x".repeat(201), false],
])("whether %j can be a folder's name: %s", (name, plain) => {
	expect(isPlainName(name)).toBe(plain);
});

it("reads a list with blank lines and CRLF", () => {
	expect(parseEcosystems("npm\r\n\r\nGitHub Actions\n")).toEqual(["npm", "GitHub Actions"]);
	expect(baseOf("Debian:12")).toBe("Debian");
	expect(baseOf("npm")).toBe("npm");
});
