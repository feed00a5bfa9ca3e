import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runCataloger, testdata, utf8 } from "../testing.ts";
import { npm } from "./index.ts";

function read(content: Uint8Array | string, path = "app/node_modules/left-pad/package.json") {
	return runCataloger(npm, { path, bytes: typeof content === "string" ? utf8(content) : content, chunk: 9 });
}

describe("npm", () => {
	it.each([
		["package.json", true],
		["usr/lib/node_modules/npm/package.json", true],
		["opt/app/package.json", true],
		["opt/app/xpackage.json", false],
		["opt/app/package.json5", false],
		["opt/app/package-lock.json", false],
		["app/.yarn/cache/lodash-npm-4.17.21-6382451519-eb835a2e51.zip", true],
		["root/.yarn/berry/cache/lodash-npm-4.17.21-6382451519-10c0.zip", true],
		["app/.yarn/releases/yarn.zip", false],
		["app/.yarn/cache/deeper/a.zip", false],
	])("wants %s: %s", (path, wanted) => {
		expect(npm.wants({ path, size: 1, mode: 0o644 })).toBe(wanted);
	});

	it("reads a scoped package behind a byte order mark", () => {
		const path = "app/node_modules/@scope/left-pad/package.json";
		expect(read(testdata(import.meta.url, "good"), path)).toEqual({
			packages: [{ type: "npm", name: "@scope/left-pad", version: "1.3.0", requires: ["a"], path }],
			warnings: [],
		});
	});

	it.each([
		["none", {}, undefined],
		[
			"all that run",
			{ dependencies: { b: "1", a: "1" }, optionalDependencies: { c: "1" }, devDependencies: { d: "1" } },
			["a", "b", "c"],
		],
		[
			"peers that are not optional",
			{ peerDependencies: { a: "1", b: "1" }, peerDependenciesMeta: { b: { optional: true } } },
			["a"],
		],
		["an alias", { dependencies: { mine: "npm:theirs@1.0.0" } }, ["mine"]],
		[
			"nonsense",
			{ dependencies: ["a"], optionalDependencies: "b", peerDependencies: { c: "1" }, peerDependenciesMeta: { c: 1 } },
			["c"],
		],
		["no names", { dependencies: { "a b": "1", "": "1", __proto__: "1", "../x": "1" } }, undefined],
		[
			"what is in Object",
			{ dependencies: JSON.parse('{"__proto__":"1","constructor":"1"}') as object },
			["__proto__", "constructor"],
		],
	])("tells what a package needs: %s", (_, fields, requires) => {
		const { packages } = read(JSON.stringify({ name: "x", version: "1.0.0", ...fields }));
		expect(packages[0]?.requires).toEqual(requires);
	});

	it("keeps no more names than any real package has", () => {
		const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`dependency-${i}`, "1"]));
		const long = Object.fromEntries(Array.from({ length: 900 }, (_, i) => [`${"a".repeat(200)}${i}`, "1"]));
		const count = (dependencies: object) =>
			read(JSON.stringify({ name: "x", version: "1.0.0", dependencies })).packages[0]?.requires?.length;
		expect([count(many), count(long)]).toEqual([1_000, 323]);
	});

	it.each([
		["no version", '{"name":"a"}'],
		["no name", '{"version":"1.0.0"}'],
		["a version that is a number", '{"name":"a","version":1}'],
		["an empty version", '{"name":"a","version":""}'],
		["a name with a blank", '{"name":"my app","version":"1.0.0"}'],
		["a name with two slashes", '{"name":"@a/b/c","version":"1.0.0"}'],
		["a version with a blank", '{"name":"a","version":"1.0.0 <% tpl %>"}'],
		["a name that is too long", `{"name":"${"a".repeat(215)}","version":"1.0.0"}`],
		["null", "null"],
		["an array", '["a","1.0.0"]'],
		["a hostile manifest", testdata(import.meta.url, "hostile")],
	])("silently passes over %s", (_, content) => {
		expect(read(content)).toEqual({ packages: [], warnings: [] });
	});

	it.each([
		["app/node_modules/left-pad/package.json", 1],
		["app/node_modules/@scope/left-pad/package.json", 1],
		["node_modules/left-pad/package.json", 1],
		["app/node_modules/resolve/test/broken/package.json", 0],
		["app/package.json", 0],
	])("says of broken JSON at %s: %i warnings", (path, count) => {
		for (const name of ["truncated", "empty"]) {
			const { packages, warnings } = read(testdata(import.meta.url, name), path);
			expect(packages).toEqual([]);
			expect(warnings).toHaveLength(count);
			for (const warning of warnings) expect(warning).toMatchObject({ code: "package_file_malformed", path });
		}
	});

	it("does not collect a file over 4 MiB", () => {
		const { warnings } = runCataloger(npm, { path: "package.json", bytes: new Uint8Array(4 * 1024 * 1024 + 1) });
		expect(warnings).toMatchObject([{ code: "file_too_large", path: "package.json" }]);
	});

	it("survives deep nesting", () => {
		const deep = "[".repeat(200_000);
		expect(runCataloger(npm, { path: "package.json", bytes: utf8(deep) }).packages).toEqual([]);
	});

	it("never throws, and reads what it should of any manifest", () => {
		fc.assert(
			fc.property(
				fc.record({ name: fc.anything(), version: fc.anything() }),
				fc.uint8Array({ maxLength: 50 }),
				(manifest, noise) => {
					for (const pkg of read(JSON.stringify(manifest) ?? "").packages) expect(pkg.name).toBe(manifest.name);
					read(noise);
				},
			),
		);
	});
});
