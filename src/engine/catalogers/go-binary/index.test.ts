import { Buffer } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runCataloger } from "../testing.ts";
import { blobMagic, moduleInfoLimit, moduleInfoStart } from "./blob.ts";
import { buildElf, buildOldProgram, inlineBlob, varint } from "./elf-builder.ts";
import { goBinary } from "./index.ts";

const modules = "path\texample.com/a\nmod\texample.com/a\tv1.0.0\t\ndep\tgolang.org/x/net\tv0.1.0\th1:x=\n";
const expected = ["stdlib@v1.21.3", "golang.org/x/net@v0.1.0", "example.com/a@v1.0.0"];
const sizes = [1, 7, 13, 16, 64, 4096, 65536];

function read(bytes: Uint8Array, chunk = 4096) {
	const { packages, warnings } = runCataloger(goBinary, { path: "usr/bin/a", bytes, mode: 0o755, chunk });
	return { names: packages.map(({ name, version }) => `${name}@${version}`), warnings };
}

describe("goBinary", () => {
	it.each([
		["usr/bin/a", 0o755, true],
		["usr/bin/a", 0o001, true],
		["usr/bin/a", 0o644, false],
		["opt/a.exe", 0o644, true],
	])("wants %s %o: %s", (path, mode, wanted) => {
		expect(goBinary.wants({ path, size: 1, mode })).toBe(wanted);
	});

	it.each(sizes)("reads a program in chunks of %i", (chunk) => {
		const { bytes } = buildElf(Buffer.alloc(5000, 0x90), inlineBlob("go1.21.3", modules));
		expect(read(bytes, chunk)).toEqual({ names: expected, warnings: [] });
	});

	it.each(
		sizes.flatMap((chunk) => [
			[chunk, 64, true] as const,
			[chunk, 64, false] as const,
			[chunk, 32, true] as const,
			[chunk, 32, false] as const,
		]),
	)("reads a program of before Go 1.18 in chunks of %i (%i bits, little endian: %s)", (chunk, bits, little) => {
		const { bytes } = buildOldProgram("go1.17.13", modules, bits, little);
		expect(read(bytes, chunk)).toEqual({ names: ["stdlib@v1.17.13", ...expected.slice(1)], warnings: [] });
	});

	it("gives an empty version when the pointers of before Go 1.18 lead nowhere", () => {
		const { bytes, dataOffset } = buildOldProgram("go1.17.13", modules);
		bytes.fill(0, dataOffset + 16, dataOffset + 32);
		expect(read(bytes)).toEqual({ names: ["stdlib@", ...expected.slice(1)], warnings: [] });
	});

	it.each([
		["the magic alone", Buffer.concat([blobMagic, Buffer.from("unrelated strings that follow in the same table")])],
		["a header of zero lengths", Buffer.concat([blobMagic, Buffer.from([8, 2]), Buffer.alloc(48)])],
		["a version that is none", Buffer.concat([inlineBlob("nonsense", ""), Buffer.alloc(16)])],
		[
			"a whole program at a place that is not aligned",
			Buffer.concat([Buffer.alloc(3), inlineBlob("go1.2.3", modules)]),
		],
		["a whole program at a place that is", inlineBlob("go1.2.3", "mod\texample.com/embedded\tv9.0.0\t\n")],
		["a marker of module information", Buffer.concat([moduleInfoStart, Buffer.alloc(100)])],
	])("is not misled by %s in read-only data", (_, decoy) => {
		const { bytes } = buildElf(decoy, inlineBlob("go1.21.3", modules));
		for (const chunk of sizes) expect(read(bytes, chunk)).toEqual({ names: expected, warnings: [] });
	});

	it("takes what lies inside build information for a part of it", () => {
		const blob = inlineBlob("go1.21.3", `${modules}build\t${"x".repeat(300)}\n`);
		blob.set(inlineBlob("go1.2.3", ""), 256);
		const { bytes } = buildElf(Buffer.alloc(0), blob);
		for (const chunk of sizes) expect(read(bytes, chunk).names).toEqual(expected);
	});

	it("does so when that turns out to be garbled, in chunks of any size", () => {
		const claim = Buffer.alloc(300);
		// At an offset that divides by 16, as a program's own would be.
		claim.set(inlineBlob("go1.2.3", modules), 21);
		const blob = Buffer.concat([inlineBlob("go1.21.3", "").subarray(0, -1), varint(claim.length), claim]);
		const { bytes } = buildElf(Buffer.alloc(0), blob);
		const [first, ...others] = sizes.map((chunk) => read(bytes, chunk));
		expect(first?.warnings).toMatchObject([{ message: expect.stringContaining("garbled") }]);
		for (const other of others) expect(other).toEqual(first);
	});

	it("reads a program without module information", () => {
		const { bytes } = buildElf(Buffer.alloc(0), inlineBlob("go1.19.8", ""));
		expect(read(bytes)).toEqual({ names: ["stdlib@v1.19.8"], warnings: [] });
	});

	it("says when a program breaks off inside its build information", () => {
		const { bytes } = buildElf(Buffer.alloc(100), inlineBlob("go1.21.3", modules));
		const { names, warnings } = read(bytes.subarray(0, -20));
		expect(names).toEqual([]);
		expect(warnings).toMatchObject([{ code: "package_file_malformed", path: "usr/bin/a" }]);
	});

	it.each([
		["absurd", Buffer.concat([varint(moduleInfoLimit + 1), Buffer.alloc(99)])],
		["garbled", Buffer.concat([varint(99), Buffer.alloc(99)])],
	])("says when module information is %s, and keeps the version of Go", (fault, claim) => {
		const blob = Buffer.concat([inlineBlob("go1.21.3", "").subarray(0, -1), claim]);
		const { names, warnings } = read(buildElf(Buffer.alloc(0), blob).bytes);
		expect(names).toEqual(["stdlib@v1.21.3"]);
		expect(warnings).toMatchObject([{ code: "package_file_malformed", message: expect.stringContaining(fault) }]);
	});

	it.each([
		["a script", Buffer.from(`#!/bin/sh\n${"x".repeat(100)}`)],
		["an empty file", Buffer.alloc(0)],
		["three bytes", Buffer.from("\x7fEL", "latin1")],
		["a Java class", Buffer.from("cafebabe00000034", "hex")],
		["a library without Go", buildElf(Buffer.alloc(3000), Buffer.alloc(500)).bytes],
	])("finds nothing in %s", (_, bytes) => {
		const end = inlineBlob("go1.21.3", modules);
		const isElf = bytes.length > 100 && bytes[0] === 0x7f;
		const file = isElf ? bytes : Buffer.concat([bytes, bytes.length >= 8 ? end : Buffer.alloc(0)]);
		expect(read(file, 5)).toEqual({ names: [], warnings: [] });
	});

	it("reads on to the end although tables in the header are nonsense", () => {
		const { bytes } = buildElf(Buffer.alloc(0), inlineBlob("go1.21.3", modules));
		bytes.fill(0xff, 24, 60);
		expect(read(bytes).names).toEqual(expected);
	});

	it("never throws, whatever is broken", () => {
		const good = [buildElf(Buffer.alloc(64), inlineBlob("go1.21.3", modules)), buildOldProgram("go1.17.13", modules)];
		const places = fc.array(fc.tuple(fc.nat(9000), fc.nat(255)), { maxLength: 40 });
		fc.assert(
			fc.property(fc.constantFrom(...good), places, fc.nat(9000), (program, changes, length) => {
				const bytes = Buffer.from(program.bytes);
				for (const [at, value] of changes) if (at >= 4 && at < bytes.length) bytes[at] = value;
				for (const name of read(bytes.subarray(0, length), 511).names) expect(name).toMatch(/^[\x21-\x7e]+$/);
			}),
		);
	});
});
