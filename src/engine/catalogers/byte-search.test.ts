import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteRange } from "./byte-range.ts";
import { byteSearch } from "./byte-search.ts";

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
	const chunks: Uint8Array[] = [];
	for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.slice(at, at + size));
	return chunks;
}

describe("byteSearch", () => {
	const needles = ["abcabcabcd", "bca", "cabc"].map((text) => ({ bytes: new TextEncoder().encode(text), anchor: 0 }));
	needles.push({ bytes: new TextEncoder().encode("aabbccaabb"), anchor: 3 });

	it("finds what a search of the whole finds, whatever the chunks, and hands over the bytes from there", () => {
		fc.assert(
			fc.property(
				fc.string({ unit: fc.constantFrom("a", "b", "c", "d", "abcabcabcd", "aabbccaabb"), maxLength: 60 }),
				fc.integer({ min: 1, max: 30 }),
				(text, size) => {
					const bytes = new TextEncoder().encode(text);
					const found: string[] = [];
					const search = byteSearch(needles);
					let end = 0;
					for (const chunk of cut(bytes, size)) {
						end += chunk.length;
						search.search(chunk, (needle, offset, rest) => {
							found.push(`${needle}@${offset}`);
							expect(new TextDecoder().decode(rest)).toBe(text.slice(offset, end));
							return true;
						});
						chunk.fill(0x61);
					}
					const expected = needles.flatMap(({ bytes: needle }, number) => {
						const word = new TextDecoder().decode(needle);
						return [...text].flatMap((_, at) => (text.startsWith(word, at) ? [`${number}@${at}`] : []));
					});
					expect(found.sort()).toEqual(expected.sort());
				},
			),
		);
	});
});

describe("byteSearch, giving up", () => {
	it("does not look for a needle any more, but for the others", () => {
		const needles = ["ab", "cd"].map((text) => ({ bytes: new TextEncoder().encode(text), anchor: 0 }));
		const search = byteSearch(needles);
		const found: string[] = [];
		for (const chunk of ["abcdabcd", "abcda", "bcd"]) {
			search.search(new TextEncoder().encode(chunk), (needle, offset) => {
				found.push(`${needle}@${offset}`);
				return needle === 1;
			});
		}
		expect(found).toEqual(["0@0", "1@2", "1@6", "1@10", "1@14"]);
	});
});

describe("byteRange", () => {
	it("holds exactly the range, whatever the chunks", () => {
		fc.assert(
			fc.property(
				fc.uint8Array({ maxLength: 300 }),
				fc.nat(320),
				fc.nat(320),
				fc.integer({ min: 1, max: 40 }),
				(bytes, start, length, size) => {
					const range = byteRange(start, length);
					let offset = 0;
					for (const chunk of cut(bytes, size)) {
						range.write(chunk, offset);
						offset += chunk.length;
						chunk.fill(0);
					}
					expect([...range.bytes()]).toEqual([...bytes.subarray(start, start + length)]);
				},
			),
		);
	});

	it("takes no memory for bytes that never come", () => {
		expect(byteRange(0, 2 ** 40).bytes()).toHaveLength(0);
	});

	it("stays empty when its beginning has gone by", () => {
		const range = byteRange(2, 4);
		range.write(Uint8Array.of(5, 6, 7), 5);
		expect(range.bytes()).toHaveLength(0);
	});
});
