import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildTar, file } from "../../testing/archives/tar-builder.ts";
import { defaultLimits } from "../limits.ts";
import { openTar } from "./tar-files.ts";

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "plimsoll-packed-"));
});
afterAll(() => rm(folder, { recursive: true }));

it("streams a file that spans many output buffers to a slow reader, byte for byte", async () => {
	const content = randomBytes(5 * 2 ** 20);
	const path = join(folder, "archive.tar.gz");
	await writeFile(path, gzipSync(buildTar([file("a", "before"), file("layer", content), file("z", "behind")])));
	const { signal } = new AbortController();
	const files = await openTar(path, defaultLimits, signal);
	const chunks: Buffer[] = [];
	await files.stream(
		["layer"],
		async (_index, body) => {
			for await (const chunk of body) {
				await new Promise((resolve) => setImmediate(resolve));
				chunks.push(Buffer.from(chunk));
			}
		},
		{ concurrency: 1, signal },
	);
	await files.close();
	expect(Buffer.concat(chunks).equals(content)).toBe(true);
});
