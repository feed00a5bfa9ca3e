import { describe, expect, it } from "vitest";
import { catalogers } from "../ecosystems.ts";
import type { LayerInventory } from "./layer-inventory.ts";
import { linkedDatabases } from "./linked-databases.ts";

function layer(links: Readonly<Record<string, string>>, more: Partial<LayerInventory> = {}): LayerInventory {
	return {
		diffId: null,
		bytes: 0,
		entries: 1,
		files: [],
		whiteouts: [],
		opaqueDirs: [],
		symlinks: Object.entries(links).map(([path, target]) => ({ path, target })),
		warnings: [],
		complete: true,
		...more,
	};
}

function pathsOf(...layers: readonly LayerInventory[]): (string | undefined)[] {
	return linkedDatabases(layers, catalogers).map((warning) => warning.path);
}

const real = { files: [{ path: "lib/apk/db/installed", cataloger: "apk", packages: [] }] };

describe("package databases behind symbolic links", () => {
	const cases: readonly [what: string, layers: LayerInventory[], warned: string[]][] = [
		["a merged /usr is no gap", [layer({ lib: "usr/lib" })], []],
		["nor is one by an absolute link", [layer({ lib: "/usr/lib" })], []],
		["nor is a link into the other place that is read", [layer({ "lib/apk": "../usr/lib/apk" })], []],
		["the database itself is a link", [layer({ "lib/apk/db/installed": "/opt/real" })], ["lib/apk/db/installed"]],
		["a folder above it is", [layer({ "lib/apk/db": "/opt/db" })], ["lib/apk/db"]],
		["dpkg's folder is", [layer({ "var/lib/dpkg": "../../srv/dpkg" })], ["var/lib/dpkg"]],
		["a link of a lower layer still stands", [layer({ "lib/apk/db": "/opt/db" }), layer({})], ["lib/apk/db"]],
		["a later layer removed it", [layer({ "lib/apk/db": "/opt/db" }), layer({}, { whiteouts: ["lib/apk"] })], []],
		["a later layer emptied its folder", [layer({ "lib/apk/db": "/opt/db" }), layer({}, { opaqueDirs: ["lib"] })], []],
		["a later layer put a real one there", [layer({ "lib/apk/db": "/opt/db" }), layer({}, real)], []],
		["a device is no link", [layer({ "lib/apk/db/installed": "" })], []],
		["links elsewhere do not matter", [layer({ "etc/os-release": "../usr/lib/os-release", bin: "usr/bin" })], []],
	];

	it.each(cases)("%s", (_what, layers, warned) => expect(pathsOf(...layers)).toEqual(warned));

	it("says which link, and what was not looked at", () => {
		const [warning] = linkedDatabases([layer({ "lib/apk/db": "/opt/db" })], catalogers);
		expect(warning).toMatchObject({ code: "packages_missing" });
		expect(warning?.message).toMatch(/lib\/apk\/db is a symbolic link to \/opt\/db: .* at lib\/apk\/db\/installed /);
	});
});
