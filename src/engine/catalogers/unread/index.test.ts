import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { runCataloger, testdata } from "../testing.ts";
import { unread } from "./index.ts";

function lines(name: string): string[] {
	return new TextDecoder()
		.decode(testdata(import.meta.url, name))
		.trim()
		.split("\n");
}

function kindOf(path: string, bytes: Uint8Array = Buffer.from("x"), mode = 0o644, chunk?: number): string | undefined {
	if (!unread.wants({ path, size: bytes.length, mode })) return undefined;
	const {
		packages,
		unread: found,
		warnings,
	} = runCataloger(unread, { path, bytes, mode, ...(chunk ? { chunk } : {}) });
	expect({ packages, warnings }).toEqual({ packages: [], warnings: [] });
	return found?.kind;
}

describe("unread", () => {
	it.each(lines("good").map((line) => line.split("\t")))("tells by its path that %s is %s", (path, kind) => {
		expect(kindOf(path ?? "")).toBe(kind);
	});

	it.each(lines("hostile"))("does not fall for %s", (path) => {
		expect(kindOf(path)).toBeUndefined();
	});

	it("passes over an empty database", () => {
		expect(kindOf("var/lib/rpm/Packages", testdata(import.meta.url, "empty"))).toBeUndefined();
	});

	it("goes by the path also where a body is executable", () => {
		expect(kindOf("app/a.jar", Buffer.from("PK"), 0o755)).toBe("Java");
	});
});

/** An ELF file with two sections: a body and the section names. `first`: the headers come before them. */
function buildElf(body: string, names: string, options: { wide: boolean; little: boolean; first: boolean }): Buffer {
	const { wide, little, first } = options;
	const headerSize = wide ? 64 : 40;
	const content = Buffer.from(body + names, "latin1");
	const headers = first ? 64 : 64 + content.length;
	const start = first ? 64 + 2 * headerSize : 64;
	const bytes = Buffer.alloc(64 + content.length + 2 * headerSize);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const word = (at: number, value: number) =>
		wide ? view.setBigUint64(at, BigInt(value), little) : view.setUint32(at, value, little);
	bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2]);
	word(wide ? 40 : 32, headers);
	view.setUint16(wide ? 58 : 46, headerSize, little);
	view.setUint16(wide ? 60 : 48, 2, little);
	view.setUint16(wide ? 62 : 50, 1, little);
	word(headers + headerSize + (wide ? 24 : 16), start + body.length);
	word(headers + headerSize + (wide ? 32 : 20), names.length);
	bytes.set(content, start);
	return bytes;
}

describe("unread, Rust", () => {
	const shapes = [true, false].flatMap((wide) =>
		[true, false].flatMap((little) => [true, false].map((first) => ({ wide, little, first }))),
	);

	it.each(shapes)("tells a program by the name of its section (%o)", (shape) => {
		const program = buildElf("code".repeat(50), "\0.text\0.dep-v0\0.shstrtab\0", shape);
		for (const chunk of [1, 5, 64, 4096]) expect(kindOf("usr/bin/a", program, 0o755, chunk)).toBe("Rust");
	});

	it.each(shapes)("does not fall for the same text elsewhere (%o)", (shape) => {
		const program = buildElf("data\0.dep-v0\0data", "\0.text\0.shstrtab\0", shape);
		for (const chunk of [1, 64, 4096]) expect(kindOf("usr/bin/a", program, 0o755, chunk)).toBeUndefined();
	});

	it.each([
		["truncated", testdata(import.meta.url, "truncated")],
		["a script", Buffer.from("#!/bin/sh\n\0.dep-v0\0")],
		["empty", Buffer.alloc(0)],
		[
			"nonsense in its header",
			buildElf("", "\0.dep-v0\0", { wide: true, little: true, first: false }).fill(0xff, 40, 64),
		],
	])("finds nothing in a file that is %s", (_, bytes) => {
		for (const chunk of [1, 3, 64]) expect(kindOf("usr/bin/a", bytes, 0o755, chunk)).toBeUndefined();
	});
});
