import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runCataloger, testdata } from "../testing.ts";
import { buildElf, buildMachO, buildPe, crateSection, type TestSection } from "./executable-fixture.ts";
import { rust } from "./index.ts";

const path = "usr/bin/tool";
const chunks = [1, 3, 64, 511, 4096, 65_536];

function read(bytes: Uint8Array, chunk = 4096) {
	const { packages, warnings } = runCataloger(rust, { path, bytes, mode: 0o755, chunk });
	for (const warning of warnings) expect(warning).toMatchObject({ code: "package_file_malformed", path });
	return {
		names: packages.map(({ name, version }) => `${name}@${version}`),
		faults: warnings.map(({ message }) => /executable (.*); crates are missing/.exec(message)?.[1]),
	};
}

const packages = [
	{ name: "shop", version: "0.1.0", source: "local", root: true, dependencies: [1, 2] },
	{ name: "serde", version: "1.0.200", source: "crates.io" },
	{ name: "cc", version: "1.0.9", source: "crates.io", kind: "build" },
];
const list: TestSection = { name: ".dep-v0", data: crateSection({ packages }) };
const decoy: TestSection = {
	name: ".rodata",
	data: Buffer.concat([crateSection({ packages: [{ name: "evil", version: "6.6.6" }] }), Buffer.from("\0.dep-v0\0")]),
};
const text: TestSection = { name: ".text", data: Buffer.alloc(5000, "x\x01x\x9cx\xda", "latin1") };
const expected = { names: ["shop@0.1.0", "serde@1.0.200"], faults: [] };
const nothing = { names: [], faults: [] };

describe("rust", () => {
	it.each([
		["usr/bin/a", 0o755, true],
		["usr/bin/a", 0o001, true],
		["usr/bin/a", 0o644, false],
		["opt/a.exe", 0o644, true],
	])("wants %s %o: %s", (file, mode, wanted) => {
		expect(rust.wants({ path: file, size: 1, mode })).toBe(wanted);
	});

	it("reads the good file, whose list cargo-auditable 0.7.7 wrote; crates of the build are left out", () => {
		const result = runCataloger(rust, { path, bytes: testdata(import.meta.url, "good"), mode: 0o755, chunk: 100 });
		expect(result.warnings).toEqual([]);
		expect(result.packages.map(({ name, version }) => `${name}@${version}`)).toEqual([
			"cc@1.11.3",
			"demo@0.1.0",
			"find-msvc-tools@0.1.15",
			"itoa@1.0.19",
			"memchr@2.8.3",
			"serde_core@1.0.229",
			"serde_json@1.0.154",
			"shlex@2.0.1",
			"zmij@1.0.23",
		]);
		expect(result.packages[1]).toEqual({
			type: "cargo",
			name: "demo",
			version: "0.1.0",
			requires: ["cc", "serde_json"],
			path,
		});
	});

	const shapes = [true, false].flatMap((wide) =>
		[true, false].flatMap((little) => [true, false].map((headersFirst) => ({ wide, little, headersFirst }))),
	);
	it.each(shapes)("reads an ELF file (%o)", (shape) => {
		for (const chunk of chunks) expect(read(buildElf([text, list, text], shape), chunk)).toEqual(expected);
	});

	it.each([0, 1, 5, 6, 9])("reads a list at compression level %i", (level) => {
		const bytes = buildElf([text, { name: ".dep-v0", data: crateSection({ packages }, level) }]);
		for (const chunk of chunks) expect(read(bytes, chunk)).toEqual(expected);
	});

	it("reads a list with fixed codes", () => {
		const data = deflateSync(JSON.stringify({ packages }), { strategy: 4 });
		for (const chunk of chunks) expect(read(buildElf([text, { name: ".dep-v0", data }]), chunk)).toEqual(expected);
	});

	it("is not misled by other lists and names in a program's data", () => {
		for (const chunk of chunks) {
			expect(read(buildElf([decoy, text, list, decoy]), chunk)).toEqual(expected);
			expect(read(buildElf([decoy, text]), chunk)).toEqual(nothing);
		}
	});

	it("knows the section by a name that is another's end", () => {
		const relocations = { name: ".rela.dep-v0", data: Buffer.from("none") };
		expect(read(buildElf([relocations, text]))).toEqual(nothing);
	});

	it.each([
		["a Windows program", buildPe(list)],
		["a Windows program with the list far behind", buildPe(list, 0x8000)],
		["a macOS program", buildMachO(list)],
		["a macOS program with the list near the beginning", buildMachO(list, true, 0x200)],
		["a macOS program of 32 bits", buildMachO(list, false)],
	])("reads %s", (_, bytes) => {
		for (const chunk of chunks) expect(read(bytes, chunk)).toEqual(expected);
	});

	it.each([
		["an empty file", testdata(import.meta.url, "empty")],
		["a script", Buffer.from(`#!/bin/sh\n${"x".repeat(100)}\0.dep-v0\0`)],
		["a program without sections", Buffer.concat([Buffer.from("7f454c4602010100", "hex"), Buffer.alloc(500)])],
		["a program without the section", buildElf([text])],
		["a Windows program without the section", buildPe({ ...list, name: ".data" })],
		["a macOS program without the section", buildMachO({ ...list, name: "__text" })],
		["a Windows program of nonsense", Buffer.concat([Buffer.from("MZ"), Buffer.alloc(20_000, 0xff)])],
		["a macOS program of nonsense", Buffer.concat([Buffer.from("cffaedfe", "hex"), Buffer.alloc(20_000, 0xff)])],
		["a library for several machines", Buffer.concat([Buffer.from("cafebabe00000002", "hex"), Buffer.alloc(500)])],
	])("finds nothing in %s", (_, bytes) => {
		for (const chunk of [1, 64, 4096]) expect(read(bytes, chunk)).toEqual(nothing);
	});
});

describe("rust, broken lists", () => {
	function listed(document: unknown): ReturnType<typeof read> {
		return read(buildElf([{ name: ".dep-v0", data: crateSection(document) }]));
	}

	it("says when a file breaks off behind its list", () => {
		expect(read(testdata(import.meta.url, "truncated"))).toEqual({
			names: [],
			faults: ["cannot be told from its data, since the file breaks off"],
		});
	});

	it("reads what there is of a hostile list", () => {
		expect(read(testdata(import.meta.url, "hostile"))).toEqual({
			names: ["good@1.0.0"],
			faults: ["has 7 entries that are no crates"],
		});
	});

	it.each([
		["nothing that is known", Buffer.from("not compressed"), "is in no form that is known"],
		["compressed data that are broken", list.data.subarray(0, -8), "cannot be decompressed"],
		["broken JSON", deflateSync('{"packages":[{'), "is no JSON"],
		["too much", deflateSync(`{"packages":[${" ".repeat(17 * 1024 * 1024)}]}`), "is absurdly long"],
	])("says when the section holds %s", (_, data, fault) => {
		expect(read(buildElf([text, { name: ".dep-v0", data }, text]))).toEqual({ names: [], faults: [fault] });
	});

	it.each([
		["a Windows program", buildPe(list).subarray(0, 0x410)],
		["a macOS program", buildMachO(list).subarray(0, 0x5010)],
	])("says when %s breaks off in its list", (_, bytes) => {
		expect(read(bytes)).toEqual({ names: [], faults: ["breaks off or is absurdly long"] });
	});

	it("lists a crate once, and only crates of the program as required", () => {
		const document = {
			packages: [
				{ name: "a", version: "1.0.0", dependencies: [1, 1, 2, 3, 99, -1, "x", null] },
				{ name: "b", version: "1.0.0" },
				{ name: "c", version: "1.0.0", kind: "build" },
				{ name: "a", version: "1.0.0" },
			],
		};
		expect(listed(document)).toEqual({ names: ["a@1.0.0", "b@1.0.0"], faults: [] });
	});

	it("gives up on more crates than anybody has, in time", () => {
		const many = Array.from({ length: 50_010 }, (_, i) => ({ name: `c${i}`, version: "1.0.0" }));
		const { names, faults } = listed({ packages: many });
		expect(names).toHaveLength(50_000);
		expect(faults).toEqual(["has 10 entries that are no crates"]);
	});

	it("does not inflate a file of nothing but beginnings for ever", { timeout: 30_000 }, () => {
		const data = Buffer.alloc(4 * 1024 * 1024, Buffer.from("789c05", "hex"));
		expect(read(buildElf([{ name: ".rodata", data }]), 65_536)).toEqual(nothing);
	});

	it("never throws, whatever is broken", () => {
		const good = [buildElf([text, list]), buildPe(list), buildMachO(list), buildElf([list], { wide: false })];
		const changes = fc.array(fc.tuple(fc.nat(7000), fc.nat(255)), { maxLength: 30 });
		fc.assert(
			fc.property(fc.constantFrom(...good), changes, fc.nat(25_000), (program, places, length) => {
				const bytes = Buffer.from(program);
				for (const [at, value] of places) if (at >= 4 && at < bytes.length) bytes[at] = value;
				for (const name of read(bytes.subarray(0, length), 777).names) expect(name).toMatch(/^[\x21-\x7e]+$/);
			}),
		);
	});
});

describe("rust, the program that runs this test", () => {
	it("has no list of crates", () => {
		expect(read(readFileSync(process.execPath), 262_144)).toEqual(nothing);
	});
});
