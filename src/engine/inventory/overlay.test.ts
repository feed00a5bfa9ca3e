import { describe, expect, it } from "vitest";
import type { Package } from "#model";
import type { CataloguedFile, LayerInventory } from "./layer-inventory.ts";
import { settleOwners } from "./layer-inventory.ts";
import { mergeLayers } from "./merge.ts";

function layer(files: readonly CataloguedFile[], hides: Partial<LayerInventory> = {}): LayerInventory {
	return {
		diffId: "sha256:0",
		bytes: 0,
		entries: files.length,
		files,
		whiteouts: [],
		opaqueDirs: [],
		symlinks: [],
		warnings: [],
		complete: true,
		...hides,
	};
}

function status(...packages: readonly string[]): CataloguedFile {
	const path = "var/lib/dpkg/status";
	return { path, cataloger: "dpkg", packages: packages.map((text) => named(text, path, "deb")) };
}

function module(path: string, text: string): CataloguedFile {
	return { path, cataloger: "npm", packages: [named(text, path, "npm")] };
}

function named(text: string, path: string, type: Package["type"]): Package {
	const [name = "", version = ""] = text.split("@");
	return { type, name, version, path };
}

function installed(layers: readonly LayerInventory[]): string[] {
	return mergeLayers(layers, []).packages.map((pkg) => `${pkg.name}@${pkg.version} in ${pkg.layer}`);
}

const app = "srv/node_modules/a/package.json";

describe("layers over each other", () => {
	const table: readonly [what: string, layers: LayerInventory[], expected: string[]][] = [
		["one layer", [layer([module(app, "a@1")])], ["a@1 in 0"]],
		["a file is replaced", [layer([module(app, "a@1")]), layer([module(app, "a@2")])], ["a@2 in 1"]],
		[
			"the same file again keeps its first layer",
			[layer([module(app, "a@1")]), layer([module(app, "a@1")])],
			["a@1 in 0"],
		],
		["a whiteout removes a file", [layer([module(app, "a@1")]), layer([], { whiteouts: [app] })], []],
		["a whiteout removes a folder", [layer([module(app, "a@1")]), layer([], { whiteouts: ["srv/node_modules"] })], []],
		[
			"a whiteout spares names that only begin alike",
			[layer([module(app, "a@1")]), layer([], { whiteouts: ["srv/node"] })],
			["a@1 in 0"],
		],
		["an opaque folder empties what lies below", [layer([module(app, "a@1")]), layer([], { opaqueDirs: ["srv"] })], []],
		["an opaque root empties everything", [layer([module(app, "a@1")]), layer([], { opaqueDirs: [""] })], []],
		[
			"hiding comes before a layer's own files",
			[layer([module(app, "a@1")]), layer([module(app, "a@2")], { opaqueDirs: ["srv"] })],
			["a@2 in 1"],
		],
		[
			"a symbolic link in place of a folder hides it",
			[layer([module(app, "a@1")]), layer([], { symlinks: [{ path: "srv", target: "mnt" }] })],
			[],
		],
		[
			"a package list replaces the earlier one, packages keep their layer",
			[layer([status("a@1", "b@1")]), layer([status("a@1", "c@1")])],
			["a@1 in 0", "c@1 in 1"],
		],
		["an upgrade belongs to the layer that made it", [layer([status("a@1")]), layer([status("a@2")])], ["a@2 in 1"]],
		["an empty package list replaces too", [layer([status("a@1")]), layer([status()])], []],
	];

	it.each(table)("%s", (_what, layers, expected) => {
		expect(installed(layers)).toEqual(expected);
	});

	it("keeps every path of a package that lies at several", () => {
		const other = "opt/node_modules/a/package.json";
		const { packages } = mergeLayers([layer([module(app, "a@1"), module(other, "a@1")])], []);
		expect(packages.map((pkg) => pkg.paths)).toEqual([[other, app]]);
	});
});

describe("files that OS packages own", () => {
	const path = "usr/share/nodejs/a/package.json";
	const owned = {
		path: "x.md5sums",
		cataloger: "dpkg",
		result: { packages: [], owned: [{ owner: "node-a", paths: [path] }], warnings: [] },
	};
	const found = { path, cataloger: "npm", result: { packages: [named("a@1", path, "npm")], warnings: [] } };
	const list = (thirdParty: boolean) => {
		const pkg: Package = { ...named("node-a@1", "s", "deb"), ...(thirdParty ? { thirdParty: "example.org" } : {}) };
		return { path: "s", cataloger: "dpkg", result: { packages: [pkg], warnings: [] } };
	};
	const ownerOf = (files: readonly CataloguedFile[]) => files.find((file) => file.path === path)?.packages[0]?.ownedBy;

	it("are marked with their owner", () => expect(ownerOf(settleOwners([found, owned, list(false)]))).toBe("node-a"));
	it.each([
		["bin/bash", "usr/bin/bash"],
		["usr/bin/bash", "bin/bash"],
		["lib64/libc.so.6", "usr/lib64/libc.so.6"],
	])("are told by %s for %s, where /bin is a link into /usr", (listed, lying) => {
		const bash = { path: lying, cataloger: "npm", result: { packages: [named("a@1", lying, "npm")], warnings: [] } };
		const paths = [{ owner: "node-a", paths: [listed] }];
		const sums = { ...owned, result: { ...owned.result, owned: paths } };
		const [file] = settleOwners([bash, sums, list(false)]);
		expect(file?.packages[0]?.ownedBy).toBe("node-a");
	});
	it("are not when the owner is of another vendor", () =>
		expect(ownerOf(settleOwners([found, owned, list(true)]))).toBeUndefined());
	it("are not when the layer has no such package: a list of files alone hides nothing", () =>
		expect(ownerOf(settleOwners([found, owned]))).toBeUndefined());
	it("are not when nothing owns them", () => expect(ownerOf(settleOwners([found]))).toBeUndefined());
});
