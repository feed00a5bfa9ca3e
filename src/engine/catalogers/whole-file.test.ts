import { describe, expect, it } from "vitest";
import type { CatalogResult } from "./types.ts";
import { wholeFile } from "./whole-file.ts";

describe("wholeFile", () => {
	function collect(
		size: number,
		limit: number,
		chunks: readonly Uint8Array[],
	): { result: CatalogResult; seen: string[] } {
		const seen: string[] = [];
		const sink = wholeFile({ path: "a/b", size, mode: 0o644 }, limit, (bytes, path) => {
			seen.push(`${path}:${new TextDecoder().decode(bytes)}`);
			return { packages: [], warnings: [] };
		});
		for (const chunk of chunks) {
			sink.write(chunk);
			chunk.fill(0x21);
		}
		return { result: sink.end(), seen };
	}
	const chunks = () => ["ab", "", "cde"].map((text) => new TextEncoder().encode(text));

	it("hands over all bytes once, although chunks are reused", () => {
		expect(collect(5, 5, chunks()).seen).toEqual(["a/b:abcde"]);
		expect(collect(5, 5, [new TextEncoder().encode("abcde")]).seen).toEqual(["a/b:abcde"]);
	});

	it("parses an empty file", () => {
		expect(collect(0, 5, []).seen).toEqual(["a/b:"]);
	});

	it.each([
		["announced", 6, 5],
		["not announced", 0, 4],
	])("does not parse a file over the limit (%s)", (_, size, limit) => {
		const { result, seen } = collect(size, limit, chunks());
		expect(seen).toEqual([]);
		expect(result.warnings).toMatchObject([{ code: "file_too_large", path: "a/b" }]);
	});
});
