import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bunzip2 } from "./bunzip2.ts";
import { inPieces } from "./feed-fixture.ts";
import { Malformed } from "./json.ts";

async function read(packed: Uint8Array, size = 100_000): Promise<Buffer> {
	const pieces: Uint8Array[] = [];
	for await (const piece of bunzip2(inPieces(packed, size))) pieces.push(Uint8Array.from(piece));
	return Buffer.concat(pieces);
}

async function problemOf(packed: Uint8Array, size?: number): Promise<string | null> {
	try {
		await read(packed, size);
	} catch (error) {
		if (error instanceof Malformed) return error.message;
		throw error;
	}
	return null;
}

/** Made by bzip2 1.0.8: a line of text three times, and 200,000 zeros. */
const text = Buffer.from(
	"QlpoOTFBWSZTWRNM/+gAAAvZgAAQQACABScCjEAgAEGf+qUMxR6ggAAdqbYtS0tcKW028Qtb1KEMY+dJfi7kinChICaZ/9A=",
	"base64",
);
const zeros = Buffer.from("QlpoOTFBWSZTWd4aBzoAAYhEAMAAAAQACCAAMMwFKaYIWxCF4u5IpwoSG8NA50A=", "base64");
const empty = Buffer.from("425a683917724538509000000000", "hex");
const line = "<a>some text of a feed</a>\n";

describe("bunzip2", () => {
	it.each([1, 7, 100_000])("reads blocks and streams one after the other, in pieces of %i bytes", async (size) => {
		expect((await read(Buffer.concat([text, empty, zeros, text]), size)).toString()).toBe(
			`${line.repeat(3)}${"\0".repeat(200_000)}${line.repeat(3)}`,
		);
	});

	it.each([
		["nothing", Buffer.alloc(0), "it ends early"],
		["text", Buffer.from("hello, hello"), "it is no bzip2"],
		["a size of block that there is none of", Buffer.concat([Buffer.from("BZh0"), text.subarray(4)]), "it is no bzip2"],
		["something behind the end", Buffer.concat([text, Buffer.from("more of it")]), "something follows its end"],
		["another sum of the whole", Buffer.concat([zeros.subarray(0, -3), Buffer.from([1, 2, 3])]), "its checksum"],
	])("refuses %s", async (_, packed, problem) => {
		expect(await problemOf(packed)).toContain(problem);
	});

	it("refuses a file that ends early, wherever", async () => {
		for (let length = 0; length < text.length; length++)
			expect(await problemOf(text.subarray(0, length), 13)).toBe("it ends early");
	});

	it("gives what was packed or refuses it, whichever bit is wrong", async () => {
		for (let bit = 0; bit < text.length * 8; bit++) {
			const broken = Buffer.from(text);
			broken[bit >> 3] = (broken[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			const given = (await problemOf(broken)) === null ? (await read(broken)).toString() : line.repeat(3);
			expect(given).toBe(line.repeat(3));
		}
	});
});

const present = spawnSync("bzip2", ["--version"], { input: "" }).status === 0;
const absence = present ? "" : " (skipped: no bzip2)";

function pack(bytes: Uint8Array, level: number): Buffer {
	return spawnSync("bzip2", ["-c", `-${level}`], { input: bytes, maxBuffer: 2 ** 28 }).stdout;
}

describe.skipIf(!present)(`what the real bzip2 packs${absence}`, () => {
	it("comes out as it went in", { timeout: 60_000 }, async () => {
		const runs = fc
			.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 600 })), { maxLength: 60 })
			.map((list) => Buffer.concat(list.map(([byte, times]) => Buffer.alloc(times, byte))));
		const bytes = fc.oneof(
			runs,
			fc.uint8Array({ maxLength: 3000 }),
			fc.lorem({ maxCount: 300 }).map((words) => Buffer.from(words)),
		);
		await fc.assert(
			fc.asyncProperty(bytes, fc.integer({ min: 1, max: 9 }), async (content, level) => {
				expect(Buffer.compare(await read(pack(content, level), 997), Buffer.from(content))).toBe(0);
			}),
			{ numRuns: 150 },
		);
	});

	it("comes out when it has many blocks", { timeout: 60_000 }, async () => {
		const noise = Buffer.alloc(1_500_000);
		for (let at = 0, state = 1; at < noise.length; at++) {
			state = (state * 48_271) % 2_147_483_647;
			noise[at] = state >> 7;
		}
		for (const level of [1, 9]) expect(Buffer.compare(await read(pack(noise, level)), noise)).toBe(0);
	});

	it("stays small when it unpacks to much", { timeout: 60_000 }, async () => {
		const packed = pack(Buffer.alloc(200_000_000), 9);
		expect(packed.length).toBeLessThan(1000);
		let length = 0;
		let largest = 0;
		for await (const piece of bunzip2(inPieces(packed, 100_000))) {
			length += piece.length;
			largest = Math.max(largest, piece.length);
		}
		expect(length).toBe(200_000_000);
		expect(largest).toBeLessThanOrEqual(256 * 1024);
	});
});
