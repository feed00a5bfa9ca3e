import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type BoltEntry, BoltError, openBolt } from "./bolt.ts";
import { boltFile } from "./bolt-fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "plimsoll-bolt-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Every key with its value, buckets as folders. */
function read(bytes: Uint8Array): string[] {
	const path = join(folder, "file.db");
	writeFileSync(path, bytes);
	const file = openBolt(path);
	try {
		return [...list(file.entries(), "")];
	} finally {
		file.close();
	}
}

function* list(entries: Iterable<BoltEntry>, above: string): Iterable<string> {
	for (const entry of entries) {
		if (entry.kind === "value") yield `${above}${entry.key.toString()} = ${entry.value.toString()}`;
		else yield* list(entry.entries(), `${above}${entry.key.toString()}/`);
	}
}

const tree = { a: { inline: { x: "1", y: "2" } }, b: "plain", c: { z: "3" } } as const;

describe("a bbolt file", () => {
	it.each([4096, 16_384])("with pages of %i bytes gives its keys in order, inline buckets and all", (pageSize) => {
		expect(read(boltFile(tree, { pageSize }))).toEqual(["a/inline/x = 1", "a/inline/y = 2", "b = plain", "c/z = 3"]);
	});

	it("gives values that take several pages, and buckets of several leaves", () => {
		const many = Object.fromEntries(
			Array.from({ length: 500 }, (_, at) => [`k${String(at).padStart(4, "0")}`, `${at}`]),
		);
		const large = "v".repeat(20_000);
		expect(read(boltFile({ many, large: { v: large } }))).toEqual([
			`large/v = ${large}`,
			...Object.entries(many).map(([key, value]) => `many/${key} = ${value}`),
		]);
	});

	it.each([0, 1])("takes the newer of the two beginnings, and the other when that is damaged (%i)", (damaged) => {
		const bytes = boltFile(tree);
		bytes[damaged * 4096 + 16 + 20] = 0xff;
		expect(read(bytes)).toHaveLength(4);
	});

	it.each<[string, (bytes: Buffer) => Uint8Array]>([
		["nothing", () => new Uint8Array()],
		["text", () => Buffer.from("SQLite format 3\0".repeat(600))],
		["a file without its end", (bytes) => bytes.subarray(0, bytes.length - 4096)],
		["a root page behind the end", (bytes) => boltFile(tree, { root: bytes.length / 4096 + 5 })],
		["a root page that is a meta page", () => boltFile(tree, { root: 0 })],
	])("that is %s is refused with a reason", (_, make) => {
		expect(() => read(make(boltFile(tree)))).toThrow(BoltError);
	});

	it("whose pages lie below themselves ends", () => {
		const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`k${at}`, "v"]));
		const bytes = boltFile({ many });
		for (let page = 2; page < bytes.length / 4096; page++) {
			if (bytes.readUInt16LE(page * 4096 + 8) !== 1) continue;
			bytes.writeBigUInt64LE(BigInt(page), page * 4096 + 16 + 8);
			expect(() => read(bytes)).toThrow("lies below itself");
			return;
		}
		throw new Error("the fixture has no branch page");
	});

	it("whose few pages stand for millions ends", () => {
		const bytes = boltFile({ many: Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`k${at}`, "v"])) });
		const branch = Array.from({ length: bytes.length / 4096 }, (_, page) => page).find(
			(page) => page > 3 && bytes.readUInt16LE(page * 4096 + 8) === 1,
		);
		if (branch === undefined) throw new Error("the fixture has no branch page");
		const first = bytes.readBigUInt64LE(branch * 4096 + 16 + 8);
		for (let index = 0; index < 100; index++) bytes.writeBigUInt64LE(first, branch * 4096 + 16 + index * 16 + 8);
		bytes.writeUInt16LE(65_535, Number(first) * 4096 + 10);
		expect(() => read(bytes)).toThrow(BoltError);
	});

	it("with any byte changed is read or refused, nothing else", () => {
		const sound = boltFile({
			...tree,
			many: Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`k${at}`, "v"])),
		});
		let seed = 7;
		for (let round = 0; round < 600; round++) {
			const bytes = Buffer.from(sound);
			for (let change = 0; change < 4; change++) {
				seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
				bytes[seed % bytes.length] = (seed >>> 16) & 0xff;
			}
			try {
				read(bytes);
			} catch (error) {
				expect(error).toBeInstanceOf(BoltError);
			}
		}
	});
});
