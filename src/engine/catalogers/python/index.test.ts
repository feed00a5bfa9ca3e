import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { assertSurvivesMutations } from "../mutations-fixture.ts";
import { runCataloger, testdata, utf8 } from "../testing.ts";
import { python } from "./index.ts";
import { normalisePythonName } from "./name.ts";

const site = "usr/lib/python3/site-packages";
const metadata = `${site}/zope.interface_x-5.5.2.dist-info/METADATA`;

function read(content: Uint8Array | string, path = metadata) {
	return runCataloger(python, { path, bytes: typeof content === "string" ? utf8(content) : content, chunk: 11 });
}

describe("python", () => {
	it.each([
		[metadata, true],
		["a-1.dist-info/METADATA", true],
		[`${site}/setuptools/_vendor/tomli-2.0.1.dist-info/METADATA`, true],
		[`${site}/a-1.0.egg-info`, true],
		[`${site}/a-1.0.egg-info/PKG-INFO`, true],
		[`${site}/a-1.0.egg-info/METADATA`, true],
		["srv/app/app.egg-info/PKG-INFO", true],
		[`${site}/a-1.0-py3.8.egg/EGG-INFO/PKG-INFO`, true],
		[`${site}/a-1.0-py3.8.egg`, true],
		["EGG-INFO/PKG-INFO", true],
		[`${site}/a-1.dist-info/RECORD`, false],
		[`${site}/a-1.dist-info/licenses/METADATA`, false],
		[`${site}/a-1.egg-info/requires.txt`, false],
		["src/a-1.0/PKG-INFO", false],
		["srv/METADATA", false],
		["srv/dist-info/METADATA", false],
		["srv/xEGG-INFO/PKG-INFO", false],
		["var/eggs.egg.bak", false],
	])("wants %s: %s", (path, wanted) => {
		expect(python.wants({ path, size: 1, mode: 0o644 })).toBe(wanted);
	});

	it("reads name, version and run-time requirements of the first block", () => {
		expect(read(testdata(import.meta.url, "good"))).toEqual({
			packages: [
				{
					type: "pypi",
					name: "Zope.Interface_X",
					version: "5.5.2.post1",
					requires: ["setuptools", "PyYAML", "colorama", "direct"],
					path: metadata,
				},
			],
			warnings: [],
		});
	});

	it.each([
		["empty", "a-1.0.dist-info/METADATA", "a", "1.0"],
		["empty", "a_b-1.0-py3.11.egg-info", "a_b", "1.0"],
		["empty", "a-b-2to3-1.0rc1-py2.7-linux-x86_64.egg/EGG-INFO/PKG-INFO", "a-b-2to3", "1.0rc1"],
		["truncated", "cut_off-2.0.dist-info/METADATA", "cut-off", "2.0"],
	])("tells of a file that is %s by its path %s", (file, path, name, version) => {
		const { packages, warnings } = read(testdata(import.meta.url, file), path);
		expect(warnings).toEqual([]);
		expect(packages).toEqual([{ type: "pypi", name, version, path }]);
	});

	it.each([
		["empty", testdata(import.meta.url, "empty")],
		["truncated", testdata(import.meta.url, "truncated")],
		["in UTF-16", Buffer.from("Name: a\nVersion: 1\n", "utf16le")],
		["a long name", `Name: ${"a".repeat(300)}\nVersion: 1`],
		["a name with blanks", "Name: my app\nVersion: 1"],
		["a version with blanks", "Name: app\nVersion: 1 <script>"],
		["deeply folded", `Name:\n${" \n".repeat(100_000)}`],
	])("warns of a file that is %s, where its path tells nothing", (_, content) => {
		const path = "srv/app/app.egg-info/PKG-INFO";
		const { packages, warnings } = read(content, path);
		expect(packages).toEqual([]);
		expect(warnings).toMatchObject([{ code: "package_file_malformed", path }]);
	});

	it("does not fall for a hostile file: first values, refused when they are none", () => {
		const { packages, warnings } = read(testdata(import.meta.url, "hostile"), `${site}/good-1.1.dist-info/METADATA`);
		expect(warnings).toEqual([]);
		expect(packages).toMatchObject([{ name: "good", version: "1.1", requires: ["fine"] }]);
		expect(read(testdata(import.meta.url, "hostile"), "x.egg-info").packages).toEqual([]);
	});

	it("needs only the beginning of a file, and keeps no more of it", () => {
		const headers = utf8("Name: big\nVersion: 1.0\n\n");
		const bytes = new Uint8Array(3 * 1024 * 1024).fill(0x61);
		bytes.set(headers);
		expect(runCataloger(python, { path: metadata, bytes, chunk: 65_536 }).packages).toMatchObject([{ name: "big" }]);
		const behind = new Uint8Array(3 * 1024 * 1024).fill(0x20);
		behind.set(headers, 2 * 1024 * 1024);
		expect(runCataloger(python, { path: "x.egg-info", bytes: behind, chunk: 65_536 }).packages).toEqual([]);
	});

	it("survives damage to any byte", () => {
		assertSurvivesMutations(testdata(import.meta.url, "good"), (damaged) => {
			const { packages, warnings } = runCataloger(python, { path: "x.egg-info", bytes: damaged });
			expect(packages.length + warnings.length).toBe(1);
		});
	});
});

describe("normalisePythonName", () => {
	it.each([
		["PyYAML", "pyyaml"],
		["zope.interface", "zope-interface"],
		["Foo__.-Bar", "foo-bar"],
		["backports_abc", "backports-abc"],
	])("%s is %s", (name, normal) => {
		expect(normalisePythonName(name)).toBe(normal);
	});
});
