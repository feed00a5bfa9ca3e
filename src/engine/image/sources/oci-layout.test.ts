import { mkdir, mkdtemp, rm, symlink, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Descriptor, type Digest, digestHex } from "#model";
import {
	buildImage,
	buildIndex,
	buildTar,
	describeBlob,
	file,
	json,
	layoutFiles,
	symlink as link,
	sha256Of,
	tarOf,
	writeFiles,
} from "../../testing/archives/index.ts";
import { readLayer } from "../layer.ts";
import { defaultLimits } from "../limits.ts";
import type { ImageSource } from "../types.ts";
import { openOciArchive } from "./oci-archive.ts";
import { openOciLayout } from "./oci-layout.ts";
import type { ImageSelector } from "./selector.ts";

const { signal } = new AbortController();
const only: ImageSelector = { kind: "only" };
const tag = (name: string): ImageSelector => ({ kind: "tag", tag: name });
const byDigest = (digest: Digest): ImageSelector => ({ kind: "digest", digest });

const one = buildImage({
	layers: [
		{ tar: [file("a", "1")], createdBy: "ADD a" },
		{ tar: [file("b", "x".repeat(3_000_000))], compression: "zstd" },
		{ tar: [file("c", "3")], compression: "none" },
	],
});
const two = buildImage({ layers: [{ tar: [file("two", "2")] }], platform: { os: "linux", architecture: "arm64" } });

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "plimsoll-layout-"));
});
afterAll(() => rm(folder, { recursive: true }));

let count = 0;
const place = () => join(folder, String(count++));

/** The same files as a folder, a plain tar and compressed ones; each must behave the same. */
const containers: readonly [
	string,
	(files: ReadonlyMap<string, Buffer>, selector?: ImageSelector) => Promise<ImageSource>,
][] = [
	[
		"folder",
		async (files, selector = only) => {
			const path = place();
			await writeFiles(path, files);
			return openOciLayout(path, { name: path, selector, signal });
		},
	],
	["tar", (files, selector) => openArchive(tarOf(files), selector)],
	["tar.gz", (files, selector) => openArchive(gzipSync(tarOf(files)), selector)],
	["tar.zst", (files, selector) => openArchive(zstdCompressSync(tarOf(files)), selector)],
];

async function openArchive(bytes: Buffer, selector: ImageSelector = only): Promise<ImageSource> {
	const path = place();
	await writeFile(path, bytes);
	return openOciArchive(path, { name: path, selector, signal });
}

/** Reads all layers and returns the paths in them by layer digest. */
async function readAll(
	source: ImageSource,
	layers: readonly Descriptor[],
	concurrency = 2,
): Promise<Record<string, string[]>> {
	const found: Record<string, string[]> = {};
	await source.blobs(
		layers,
		async (descriptor, body) => {
			const paths: string[] = [];
			const read = await readLayer(descriptor, body, ({ path }) => (paths.push(path), null), {
				limits: defaultLimits,
				signal,
			});
			expect(read).toMatchObject({ complete: true, digestVerified: true });
			found[descriptor.digest] = paths;
		},
		{ concurrency, signal },
	);
	return found;
}

describe.each(containers)("an OCI layout in a %s", (_, open) => {
	test("gives its only image, documents and layers", async () => {
		const source = await open(layoutFiles([{ image: one, tag: "latest" }]));
		expect(await source.root(signal)).toMatchObject({ descriptor: { ...one.manifest } });
		const config = await source.document(one.config, signal);
		expect(sha256Of(config.bytes)).toBe(one.config.digest);
		const layers = one.layers.map(({ descriptor }) => descriptor);
		for (const concurrency of [1, 2, 8]) {
			const found = await readAll(source, layers, concurrency);
			expect(layers.map(({ digest }) => found[digest])).toEqual([["a"], ["b"], ["c"]]);
		}
		await source.close();
	});

	test("gives the same blob twice when it is asked for twice", async () => {
		const source = await open(layoutFiles([{ image: two }]));
		const layer = two.layers[0]?.descriptor as Descriptor;
		let visits = 0;
		const visit = async (_descriptor: Descriptor, body: AsyncIterable<Uint8Array>) => {
			const chunks: Uint8Array[] = [];
			for await (const chunk of body) chunks.push(chunk);
			expect(sha256Of(Buffer.concat(chunks))).toBe(layer.digest);
			visits++;
		};
		await source.blobs([layer, layer, layer], visit, { concurrency: 2, signal });
		expect(visits).toBe(3);
		await source.close();
	});

	test("chooses by tag and by digest", async () => {
		const files = layoutFiles([
			{ image: one, tag: "1.0" },
			{ image: two, tag: "docker.io/library/app:2.0" },
		]);
		for (const [selector, image] of [
			[tag("1.0"), one],
			[tag("2.0"), two],
			[tag("docker.io/library/app:2.0"), two],
			[byDigest(one.manifest.digest), one],
		] as const) {
			const source = await open(files, selector);
			expect((await source.root(signal)).descriptor.digest).toBe(image.manifest.digest);
			await source.close();
		}
	});

	test("lists the tags when the choice is not clear or there is none", async () => {
		const files = layoutFiles([
			{ image: one, tag: "1.0", withPlatform: true },
			{ image: two, tag: "2.0", withPlatform: true },
		]);
		for (const selector of [only, tag("3.0"), byDigest(`sha256:${"0".repeat(64)}`)]) {
			const source = await open(files, selector);
			await expect(source.root(signal)).rejects.toMatchObject({
				code: "target_not_found",
				hint: expect.stringContaining("1.0, 2.0"),
			});
			await source.close();
		}
	});

	test("is an index itself when its manifests are platforms of one image", async () => {
		const files = layoutFiles([
			{ image: one, withPlatform: true },
			{ image: two, withPlatform: true },
		]);
		const source = await open(files);
		const { descriptor, bytes } = await source.root(signal);
		expect(descriptor).toEqual(
			describeBlob("application/vnd.oci.image.index.v1+json", files.get("index.json") as Buffer),
		);
		expect(sha256Of(bytes)).toBe(descriptor.digest);
		await source.close();
	});

	test("finds children of a nested index by digest", async () => {
		const files = layoutFiles([{ image: one }, { image: two }]);
		const index = buildIndex([one, two]);
		files.set(`blobs/sha256/${digestHex(index.descriptor.digest)}`, index.bytes);
		files.set("index.json", json({ schemaVersion: 2, manifests: [index.descriptor] }));
		const source = await open(files);
		expect((await source.root(signal)).descriptor).toEqual(index.descriptor);
		await source.close();
		const child = await open(files, byDigest(two.manifest.digest));
		expect((await child.root(signal)).descriptor).toEqual(two.manifest);
		await child.close();
	});

	test("names a blob that is missing", async () => {
		const files = layoutFiles([{ image: one }]);
		const layer = one.layers[1]?.descriptor as Descriptor;
		files.delete(`blobs/sha256/${digestHex(layer.digest)}`);
		const source = await open(files);
		await expect(readAll(source, [layer])).rejects.toMatchObject({
			code: "image_malformed",
			message: expect.stringContaining(layer.digest),
		});
		await source.close();
	});

	test("does not give a document that is another", async () => {
		const files = layoutFiles([{ image: one }]);
		files.set(`blobs/sha256/${digestHex(one.config.digest)}`, json({ changed: true }));
		const source = await open(files);
		await expect(source.document(one.config, signal)).rejects.toMatchObject({ code: "digest_mismatch" });
		await source.close();
	});

	test.each([
		["no JSON", Buffer.from("{")],
		["a list", json([])],
		["without images", json({ manifests: [] })],
		["with a path for a digest", json({ manifests: [{ ...one.manifest, digest: "sha256:../../../etc/passwd" }] })],
	])("with an index.json that is %s is malformed", async (_case, index) => {
		const source = await open(new Map([...layoutFiles([{ image: one }]), ["index.json", index]]));
		await expect(source.root(signal)).rejects.toMatchObject({ code: "image_malformed" });
		await source.close();
	});

	test("stops when a visitor fails", async () => {
		const source = await open(layoutFiles([{ image: one }]));
		const layers = one.layers.map(({ descriptor }) => descriptor);
		let visits = 0;
		const failing = source.blobs(
			layers,
			async () => {
				visits++;
				throw new Error("enough");
			},
			{ concurrency: 1, signal },
		);
		await expect(failing).rejects.toThrow("enough");
		expect(visits).toBe(1);
		await source.close();
	});

	test("goes on when a visitor does not read a body to its end", async () => {
		const source = await open(layoutFiles([{ image: one }]));
		const seen: number[] = [];
		await source.blobs(
			one.layers.map(({ descriptor }) => descriptor),
			async (_descriptor, body) => {
				for await (const chunk of body) {
					seen.push(chunk.length);
					break;
				}
			},
			{ concurrency: 1, signal },
		);
		expect(seen).toHaveLength(3);
		await source.close();
	});
});

describe("a layout folder", () => {
	test("does not follow links that lead out of it", async () => {
		const path = place();
		await writeFiles(path, layoutFiles([{ image: one }]));
		const outside = place();
		const layer = one.layers[0];
		await writeFile(outside, layer?.bytes as Buffer);
		const blob = join(path, "blobs/sha256", digestHex(layer?.descriptor.digest as Digest));
		await unlink(blob);
		await symlink(outside, blob);
		const source = await openOciLayout(path, { name: path, selector: only, signal });
		await expect(readAll(source, [layer?.descriptor as Descriptor])).rejects.toMatchObject({
			code: "image_malformed",
			message: expect.stringContaining("leads out"),
		});
		await source.close();
	});

	test("that is missing or no layout is told so", async () => {
		const missing = openOciLayout(place(), { name: "x", selector: only, signal });
		await expect(missing).rejects.toMatchObject({ code: "target_not_found" });
		const empty = place();
		await mkdir(empty);
		const source = await openOciLayout(empty, { name: "x", selector: only, signal });
		await expect(source.root(signal)).rejects.toMatchObject({
			code: "image_malformed",
			message: expect.stringContaining("index.json is missing"),
		});
	});
});

describe("an archive", () => {
	const files = layoutFiles([{ image: one }]);

	test("may name its files with ./ and hold the blobs before the index", async () => {
		const inputs = [...files].reverse().map(([path, body]) => file(`./${path}`, body));
		for (const bytes of [buildTar(inputs), gzipSync(buildTar(inputs))]) {
			const source = await openArchive(bytes);
			expect((await source.root(signal)).descriptor.digest).toBe(one.manifest.digest);
			await source.close();
		}
	});

	test.each([
		["cut in the middle", tarOf(files).subarray(0, 520)],
		["cut in the middle of gzip", gzipSync(tarOf(files)).subarray(0, -200)],
		["no tar", Buffer.from("hello ".repeat(500))],
		["empty", Buffer.alloc(0)],
		["xz", Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4])],
	])("that is %s is malformed", async (_, bytes) => {
		await expect(openArchive(bytes)).rejects.toMatchObject({ code: "image_malformed" });
	});

	test("does not follow links out of itself or in circles", async () => {
		for (const target of ["../../../etc/passwd", "/etc/passwd", "index.json"]) {
			for (const pack of [buildTar, (inputs: Parameters<typeof buildTar>[0]) => gzipSync(buildTar(inputs))]) {
				const source = await openArchive(pack([file("oci-layout", "{}"), link("index.json", target)]));
				await expect(source.root(signal)).rejects.toMatchObject({ code: "image_malformed" });
				await source.close();
			}
		}
	});

	test("of bombs is stopped", async () => {
		const path = place();
		await writeFile(path, gzipSync(buildTar([file("zeros", Buffer.alloc(20_000_000))])));
		const limits = { ...defaultLimits, ratioFreeBytes: 1_000_000 };
		await expect(openOciArchive(path, { name: path, selector: only, signal, limits })).rejects.toMatchObject({
			code: "image_malformed",
			message: expect.stringContaining("400 times"),
		});
	});

	test("stops on an abort", async () => {
		const path = place();
		await writeFile(path, gzipSync(tarOf(files)));
		const aborted = AbortSignal.abort();
		await expect(openOciArchive(path, { name: path, selector: only, signal: aborted })).rejects.toMatchObject({
			code: "aborted",
		});
	});
});
