/** How feeds are packed: what undoes it, and the tar archives among them. */
import { Readable } from "node:stream";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { buildTar, file, folder, pax } from "#engine/testing";
import { bunzip2 } from "../../../src/engine/advisories/bunzip2.ts";
import { inPieces } from "../../../src/engine/advisories/feed-fixture.ts";
import { Malformed } from "../../../src/engine/advisories/json.ts";
import { tarFiles } from "../../../src/engine/advisories/tar-files.ts";
import { unpacked } from "../../../src/engine/advisories/unpack.ts";
import { type FuzzTarget, hold } from "../target.ts";
import { withTarSums } from "./tar-sums.ts";

const text = Buffer.from("<a>some text of a feed</a>\n".repeat(30));

/** Made by bzip2: a text, zeros, letters at random. */
const bzip2 = [
	"QlpoOTFBWSZTWRNM/+gAAAvZgAAQQACABScCjEAgAEGf+qUMxR6ggAAdqbYtS0tcKW028Qtb1KEMY+dJfi7kinChICaZ/9A=",
	"QlpoOTFBWSZTWd4aBzoAAYhEAMAAAAQACCAAMMwFKaYIWxCF4u5IpwoSG8NA50A=",
	"QlpoOTFBWSZTWehRv34AADyRAEAAP8AwANkBqm2BUIMmIKn4E1RtehK2cJOSeSWo17gHUOyxK3BT2RlvXBt+Qs1PzgvvdDzmXEkYYzMQqbGa3zCQzsnBsc8lGTpBb9DwVIhIQ8+HeG2Wrj2206Ayi+sevIOe7IQT0bvC5siFcoFslCght8zCgx2KtEEZ3ld06etlocMvxTaRGtc6fi7kinChIdCjfvw=",
].map((base64) => Uint8Array.from(Buffer.from(base64, "base64")));

/** Bombs are somebody else's: what comes after is not read. */
const enough = 4 * 1024 * 1024;

function unpackTarget(ending: string, seeds: readonly Uint8Array[], words: readonly string[]): FuzzTarget {
	return {
		name: `advisories/unpack:${ending}`,
		seeds: () => seeds,
		words,
		mostBytes: 16 * 1024,
		run: (input) => unpack(unpacked(Readable.from([input.subarray(0, 100), input.subarray(100)]), `a.${ending}`, "a")),
	};
}

async function unpack(pieces: AsyncIterable<Uint8Array>): Promise<void> {
	let length = 0;
	try {
		for await (const piece of pieces) {
			length += piece.length;
			if (length > enough) break;
		}
	} catch (error) {
		if (!(error instanceof Malformed)) throw error;
	}
}

export const packingTargets: readonly FuzzTarget[] = [
	unpackTarget("gz", [gzipSync(text)], ["\u001f\u008b\u0008\0"]),
	unpackTarget("zst", [zstdCompressSync(text)], ["\u0028\u00b5\u002f\u00fd"]),
	{
		name: "advisories/bunzip2",
		seeds: () => bzip2,
		words: ["BZh9", "1AY&SY", "\u0017rE8P\u0090"],
		mostBytes: 16 * 1024,
		run: (input) => unpack(bunzip2(Readable.from([input.subarray(0, 100), input.subarray(100)]))),
	},
	{
		name: "advisories/tar-files",
		seeds: () => [
			buildTar([folder("2024"), file("2024/a.json", "{}"), file("2024/b.txt", "b"), file("c.json", "x".repeat(700))]),
			buildTar([pax({ path: "d.json", size: "2" }), file("short", "{}")]),
		],
		words: ["ustar\x0000", ".json", "../", "size="],
		mend: withTarSums,
		async run(input, random) {
			try {
				for await (const { name, content } of tarFiles(inPieces(input, 1 + random.below(2000)), (path) =>
					path.endsWith(".json"),
				))
					hold(name.endsWith(".json") && content.length <= input.length, () => `${name} of ${content.length} bytes`);
			} catch (error) {
				if (!(error instanceof Malformed)) throw error;
			}
		},
	},
];
