import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ZipFile } from "yazl";
import { EngineError } from "../../errors.ts";
import { tempFolder, writeZip } from "../bucket-fixture.ts";
import { limits } from "./limits.ts";
import { zipRecords } from "./zip.ts";

async function readAll(path: string): Promise<Record<string, string>> {
	const records: Record<string, string> = {};
	for await (const record of zipRecords(path))
		records[record.name] = "problem" in record ? `! ${record.problem}` : Buffer.from(record.bytes).toString("utf8");
	return records;
}

async function failure(path: string): Promise<EngineError> {
	const error: unknown = await readAll(path).then(
		() => null,
		(reason: unknown) => reason,
	);
	if (!(error instanceof EngineError)) throw new Error(`expected an EngineError, got ${String(error)}`);
	return error;
}

async function bytesOf(zip: ZipFile): Promise<Buffer> {
	zip.end();
	const chunks: Buffer[] = [];
	for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}

describe("zipRecords", () => {
	it("yields files in order, packed, stored, empty, and larger than the read-ahead", async () => {
		const path = join(await tempFolder(), "all.zip");
		const big = Array.from({ length: 60_000 }, (_, n) => `${n * 7919}`).join(",");
		const zip = new ZipFile();
		zip.addBuffer(Buffer.from("one"), "b.json");
		zip.addBuffer(Buffer.from("two"), "a.json", { compress: false });
		zip.addBuffer(Buffer.from(""), "empty.json");
		zip.addEmptyDirectory("folder");
		zip.addBuffer(Buffer.from(big), "big.json", { compress: false });
		await writeFile(path, await bytesOf(zip));
		const records = await readAll(path);
		expect(Object.keys(records)).toEqual(["b.json", "a.json", "empty.json", "big.json"]);
		expect(records).toEqual({ "b.json": "one", "a.json": "two", "empty.json": "", "big.json": big });
	});

	it("tells the number of entries first", async () => {
		const path = join(await tempFolder(), "all.zip");
		await writeZip(path, { "a.json": {}, "b.json": {} });
		const seen: (number | string)[] = [];
		for await (const record of zipRecords(path, (entries) => seen.push(entries))) seen.push(record.name);
		expect(seen).toEqual([2, "a.json", "b.json"]);
	});

	it("reads zip64", async () => {
		const path = join(await tempFolder(), "all.zip");
		const zip = new ZipFile();
		zip.addBuffer(Buffer.from("far"), "a.json");
		zip.addReadStreamLazy("b.json", { forceZip64Format: true }, (done) => {
			void import("node:stream").then(({ Readable }) => done(null, Readable.from([Buffer.from("farther")])));
		});
		zip.end({ forceZip64Format: true, comment: "" });
		const chunks: Buffer[] = [];
		for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
		await writeFile(path, Buffer.concat(chunks));
		expect(await readAll(path)).toEqual({ "a.json": "far", "b.json": "farther" });
	});

	it("reads an empty zip", async () => {
		const path = join(await tempFolder(), "all.zip");
		await writeZip(path, {});
		expect(await readAll(path)).toEqual({});
	});

	it("names a file that is no zip, is cut short or is missing", async () => {
		const folder = await tempFolder();
		const whole = join(folder, "whole.zip");
		await writeZip(whole, { "a.json": "x".repeat(5000), "b.json": "y".repeat(5000) });
		const bytes = await readFile(whole);
		const cut = join(folder, "cut.zip");
		await writeFile(cut, bytes.subarray(0, bytes.length - 30));
		const page = join(folder, "page.zip");
		await writeFile(page, "<html>Not here</html>");
		for (const path of [cut, page, join(folder, "none.zip")]) {
			const error = await failure(path);
			expect(error.code).toBe("advisories_source_unusable");
			expect(error.message).toContain(path);
			expect(error.cause).toBeInstanceOf(Error);
		}
	});

	it.each([
		["content", 40],
		["central directory", -60],
	])("notices a changed byte in the %s", async (_, position) => {
		const path = join(await tempFolder(), "all.zip");
		const zip = new ZipFile();
		zip.addBuffer(Buffer.from("0123456789".repeat(10)), "a.json", { compress: false });
		const bytes = await bytesOf(zip);
		const at = position < 0 ? bytes.length + position : position;
		bytes[at] = (bytes[at] ?? 0) ^ 0xff;
		await writeFile(path, bytes);
		expect((await failure(path)).message).toContain(path);
	});

	it("stops inflating at the size that the zip tells", async () => {
		const path = join(await tempFolder(), "all.zip");
		const zip = new ZipFile();
		zip.addBuffer(Buffer.alloc(20_000_000), "bomb.json");
		const bytes = await bytesOf(zip);
		// The central directory claims 10 bytes.
		bytes.writeUInt32LE(10, bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2])) + 24);
		await writeFile(path, bytes);
		expect((await failure(path)).code).toBe("advisories_source_unusable");
	});

	it("refuses entries that share their bytes", async () => {
		const path = join(await tempFolder(), "all.zip");
		const zip = new ZipFile();
		for (const name of ["a.json", "b.json", "c.json"])
			zip.addBuffer(Buffer.from("0123456789".repeat(100)), name, { compress: false });
		const bytes = await bytesOf(zip);
		const directory = bytes.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
		// The first file and the whole central directory: the others point to the same place.
		const local = 30 + "a.json".length + 1000;
		const shared = Buffer.concat([bytes.subarray(0, local), bytes.subarray(directory)]);
		const entry = 46 + "a.json".length;
		for (const n of [1, 2]) shared.writeUInt32LE(0, local + n * entry + 42);
		shared.writeUInt32LE(local, shared.length - 22 + 16);
		await writeFile(path, shared);
		expect((await failure(path)).message).toContain("overlap");
	});

	it("skips records beyond the cap and encrypted ones, and goes on", async () => {
		const path = join(await tempFolder(), "all.zip");
		const zip = new ZipFile();
		zip.addBuffer(Buffer.from("huge"), "huge.json");
		zip.addBuffer(Buffer.from("secret"), "secret.json");
		zip.addBuffer(Buffer.from("fine"), "fine.json");
		const bytes = await bytesOf(zip);
		const mark = Buffer.from([0x50, 0x4b, 1, 2]);
		const first = bytes.indexOf(mark);
		const second = bytes.indexOf(mark, first + 4);
		bytes.writeUInt32LE(limits.recordBytes + 1, first + 24);
		bytes.writeUInt16LE(bytes.readUInt16LE(second + 8) | 1, second + 8);
		await writeFile(path, bytes);
		expect(await readAll(path)).toEqual({
			"huge.json": `! it is larger than ${limits.recordBytes} bytes`,
			"secret.json": "! it is encrypted or packed by an unknown method",
			"fine.json": "fine",
		});
	});
});
