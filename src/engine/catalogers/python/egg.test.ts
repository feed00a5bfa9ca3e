import { Buffer } from "node:buffer";
import { strToU8, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { assertSurvivesMutations } from "../mutations-fixture.ts";
import { runCataloger } from "../testing.ts";
import { python } from "./index.ts";

const path = "opt/app/Example-21.12-py3.6.egg";

function read(bytes: Uint8Array, at = path) {
	return runCataloger(python, { path: at, bytes, chunk: 4096 });
}

function egg(entries: Readonly<Record<string, string>>, level: 0 | 6 = 6): Uint8Array {
	const files = Object.entries(entries).map(([name, text]) => [name, strToU8(text)] as const);
	return zipSync(Object.fromEntries(files), { level });
}

const info = "Metadata-Version: 1.0\nName: Example\nVersion: 21.12\n\nName: not-this\n";
const good = egg({ "example/__init__.py": "pass\n", "EGG-INFO/PKG-INFO": info, "EGG-INFO/top_level.txt": "example\n" });

/** What all reads of a damaged egg come to: the file's name tells. */
const byName = { packages: [{ type: "pypi", name: "Example", version: "21.12", path }], warnings: [] };

/** Sets a field of the central directory's entry for PKG-INFO. */
function withEntryField(offset: number, value: number): Uint8Array {
	const bytes = Buffer.from(good);
	const name = bytes.lastIndexOf("EGG-INFO/PKG-INFO");
	bytes.writeUInt32LE(value, name - 46 + offset);
	return bytes;
}

describe("zipped eggs", () => {
	it.each([
		["packed", good],
		["stored", egg({ "EGG-INFO/PKG-INFO": info }, 0)],
	])("reads the metadata of a %s entry", (_, bytes) => {
		expect(read(bytes)).toEqual({
			packages: [{ type: "pypi", name: "Example", version: "21.12", path: `${path}/EGG-INFO/PKG-INFO` }],
			warnings: [],
		});
	});

	it.each([
		["an archive of something else", egg({ "deeper/EGG-INFO/PKG-INFO": info, "a.txt": "x" })],
		["an empty file", new Uint8Array()],
		["text", Buffer.from("no archive")],
	])("passes over %s", (_, bytes) => {
		expect(read(bytes)).toEqual({ packages: [], warnings: [] });
	});

	it.each([
		["truncated", good.subarray(0, good.length - 30)],
		["only a beginning", Buffer.from("PK\u0003\u0004")],
		["a script without an archive", Buffer.from("#!/bin/sh\nexit 1\n".repeat(20))],
		["an entry that claims 4 GiB", withEntryField(24, 0xffff_fff0)],
		["an entry that claims to be packed in 1 GiB", withEntryField(20, 0x4000_0000)],
	])("goes by the file's name where the archive is %s", (_, bytes) => {
		expect(read(bytes)).toEqual(byName);
	});

	it("goes by the file's name where the entry lies outside", () => {
		expect(read(withEntryField(42, 0x7fff_0000)).packages).toMatchObject([{ name: "Example", version: "21.12" }]);
	});

	it("warns where the name tells nothing either", () => {
		const { packages, warnings } = read(good.subarray(0, 100), "opt/app/example.egg");
		expect(packages).toEqual([]);
		expect(warnings).toMatchObject([{ code: "package_file_malformed", path: "opt/app/example.egg" }]);
	});

	it("does not unpack a bomb that understates itself", () => {
		const bomb = Buffer.from(egg({ "EGG-INFO/PKG-INFO": `${info}${"\n".repeat(50 * 1024 * 1024)}` }));
		bomb.writeUInt32LE(1000, bomb.lastIndexOf("EGG-INFO/PKG-INFO") - 46 + 24);
		const before = performance.now();
		expect(read(bomb).packages).toMatchObject([{ name: "Example", version: "21.12" }]);
		expect(performance.now() - before).toBeLessThan(5_000);
	});

	it("does not read a directory of billions of entries", () => {
		const bytes = Buffer.alloc(200);
		bytes.write("PK\u0003\u0004", 0, "latin1");
		bytes.writeUInt32LE(0x0606_4b50, 100);
		bytes.writeUInt32LE(0xffff_fff0, 100 + 32);
		bytes.writeUInt32LE(0x0706_4b50, 158);
		bytes.writeUInt32LE(100, 158 + 8);
		bytes.writeUInt32LE(0x0605_4b50, 178);
		bytes.writeUInt16LE(0xffff, 178 + 8);
		const before = performance.now();
		expect(read(bytes)).toEqual(byName);
		expect(performance.now() - before).toBeLessThan(5_000);
	});

	it("gives up on a file over 64 MiB", () => {
		const sink = python.open({ path, size: 64 * 1024 * 1024 + 1, mode: 0o644 });
		expect(sink.end().warnings).toMatchObject([{ code: "file_too_large", path }]);
	});

	it("survives damage to any byte", () => {
		assertSurvivesMutations(good, (damaged) => {
			for (const { name } of read(damaged).packages) expect(name.length).toBeGreaterThan(0);
		});
	});
});
