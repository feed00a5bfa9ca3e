import { strToU8, type Zippable, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { runCataloger } from "../testing.ts";
import { npm } from "./index.ts";

const path = "app/.yarn/cache/express-npm-4.17.1-6815ee6bf9-d964e9e17a.zip";

function manifest(fields: object): Uint8Array {
	return strToU8(JSON.stringify(fields));
}

function read(content: Zippable | Uint8Array) {
	const bytes = content instanceof Uint8Array ? content : zipSync(content);
	return runCataloger(npm, { path, bytes, chunk: 1_000 });
}

describe("an archive of Yarn's cache", () => {
	it("holds a package, and those that it bundles", () => {
		const { packages, warnings } = read({
			"node_modules/express/package.json": manifest({ name: "express", version: "4.17.1", dependencies: { qs: "6" } }),
			"node_modules/express/index.js": strToU8("x".repeat(10_000)),
			"node_modules/express/test/fixtures/package.json": manifest({ name: "fixture", version: "1.0.0" }),
			"node_modules/express/node_modules/@a/b/package.json": manifest({ name: "@a/b", version: "2.0.0" }),
		});
		expect(packages).toEqual([
			{
				type: "npm",
				name: "express",
				version: "4.17.1",
				requires: ["qs"],
				path: `${path}/node_modules/express/package.json`,
			},
			{
				type: "npm",
				name: "@a/b",
				version: "2.0.0",
				path: `${path}/node_modules/express/node_modules/@a/b/package.json`,
			},
		]);
		expect(warnings).toEqual([]);
	});

	it("is none of a package when it holds no manifest", () => {
		expect(read({ "readme.txt": strToU8("hello") })).toEqual({ packages: [], warnings: [] });
	});

	const good = zipSync({ "node_modules/a/package.json": manifest({ name: "a", version: "1.0.0" }) });

	it.each([
		["empty", new Uint8Array(0)],
		["cut", good.subarray(0, good.length / 2)],
		["no archive", strToU8("PK and more")],
		["broken inside", broken(good)],
	])("warns when it is %s", (_, bytes) => {
		const { packages, warnings } = read(bytes);
		expect(packages).toEqual([]);
		expect(warnings).toMatchObject([{ code: "package_file_malformed" }]);
	});

	it("warns of a manifest that is no JSON", () => {
		const { warnings } = read({ "node_modules/a/package.json": strToU8("{") });
		expect(warnings).toMatchObject([{ code: "package_file_malformed", path: `${path}/node_modules/a/package.json` }]);
	});

	it("unpacks neither bombs nor thousands of manifests", () => {
		const bomb = read({ "node_modules/a/package.json": new Uint8Array(50 * 1024 * 1024) });
		expect(bomb).toMatchObject({ packages: [], warnings: [{ code: "package_file_malformed", path }] });
		const many = Object.fromEntries(
			Array.from({ length: 2_100 }, (_, i) => [
				`node_modules/a/node_modules/b${i}/package.json`,
				manifest({ name: `b${i}`, version: "1.0.0" }),
			]),
		);
		const { packages, warnings } = read(many);
		expect(packages).toHaveLength(2_000);
		expect(warnings).toMatchObject([{ code: "package_file_malformed", path }]);
	});

	it("does not believe an archive that understates the size of a manifest", () => {
		const lying = zipSync({ "node_modules/a/package.json": new Uint8Array(8 * 1024 * 1024) });
		// The central directory's uncompressed size.
		const view = new DataView(lying.buffer, lying.byteOffset, lying.length);
		const directory = view.getUint32(lying.length - 6, true);
		view.setUint32(directory + 24, 100, true);
		expect(read(lying)).toMatchObject({ packages: [], warnings: [{ code: "package_file_malformed" }] });
	});
});

function broken(zip: Uint8Array): Uint8Array {
	const bytes = Uint8Array.from(zip);
	bytes.fill(0xff, 30 + "node_modules/a/package.json".length, 30 + "node_modules/a/package.json".length + 8);
	return bytes;
}
