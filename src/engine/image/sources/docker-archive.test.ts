import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Descriptor, digestHex } from "#model";
import {
	buildImage,
	buildTar,
	dockerSaveFiles,
	file,
	json,
	layoutFiles,
	sha256Of,
	symlink,
	tarOf,
} from "../../testing/archives/index.ts";
import { readLayer } from "../layer.ts";
import { defaultLimits } from "../limits.ts";
import type { ImageSource } from "../types.ts";
import { openDockerArchive } from "./docker-archive.ts";
import type { ImageSelector } from "./selector.ts";

const { signal } = new AbortController();
const only: ImageSelector = { kind: "only" };
const tag = (name: string): ImageSelector => ({ kind: "tag", tag: name });

const one = buildImage({ layers: [{ tar: [file("a", "1")] }, { tar: [file("b", "2")] }] });
const two = buildImage({ layers: [{ tar: [file("a", "1")] }, { tar: [file("two", "2")] }] });

let folder: string;
let count = 0;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "plimsoll-docker-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function open(bytes: Buffer, selector: ImageSelector = only): Promise<ImageSource> {
	const path = join(folder, String(count++));
	await writeFile(path, bytes);
	return openDockerArchive(path, { name: path, selector, signal });
}

interface Root {
	readonly config: Descriptor;
	readonly layers: readonly Descriptor[];
}

/** The root, and the paths in each of its layers, in order. */
async function readAll(source: ImageSource): Promise<{ root: Root; digest: string; paths: string[][] }> {
	const { descriptor, bytes } = await source.root(signal);
	expect(sha256Of(bytes)).toBe(descriptor.digest);
	const root: Root = JSON.parse(Buffer.from(bytes).toString());
	expect(sha256Of((await source.document(root.config, signal)).bytes)).toBe(root.config.digest);
	const paths: string[][] = root.layers.map(() => []);
	const left = new Map(root.layers.map((layer, at) => [at, layer.digest]));
	await source.blobs(
		root.layers,
		async (layer, body) => {
			const at = [...left].find(([, digest]) => digest === layer.digest)?.[0] as number;
			left.delete(at);
			const visit = ({ path }: { path: string }) => (paths[at]?.push(path), null);
			const read = await readLayer(layer, body, visit, { limits: defaultLimits, signal });
			expect(read).toMatchObject({ complete: true, digestVerified: true });
		},
		{ concurrency: 2, signal },
	);
	expect(left.size).toBe(0);
	await source.close();
	return { root, digest: descriptor.digest, paths };
}

const packings: [string, (bytes: Buffer) => Buffer][] = [
	["tar", (bytes) => bytes],
	["tar.gz", (bytes) => gzipSync(bytes)],
];

describe.each(packings)("a docker-save archive as %s", (_, pack) => {
	test("gets a root of its own, with the diffIDs for digests", async () => {
		const { root, paths, digest } = await readAll(
			await open(pack(tarOf(dockerSaveFiles([{ image: one, tags: ["app:1"] }])))),
		);
		expect(root.config.digest).toBe(one.config.digest);
		expect(root.layers.map((layer) => layer.digest)).toEqual(one.layers.map(({ diffId }) => diffId));
		expect(paths).toEqual([["a"], ["b"]]);
		const again = await readAll(await open(pack(tarOf(dockerSaveFiles([{ image: one, tags: [] }])))));
		expect(again.digest).toBe(digest);
	});

	test("may link layers to one another and hold them compressed", async () => {
		const files = dockerSaveFiles([{ image: one, tags: ["app:1"] }]);
		const [first, second] = one.layers.map(({ diffId }) => digestHex(diffId));
		const inputs = [...files]
			.filter(([path]) => !path.includes("layer.tar"))
			.map(([path, body]) => file(path, body))
			.concat([
				symlink(`${first}/layer.tar`, "../shared/one.tar"),
				file("shared/one.tar", gzipSync(one.layers[0]?.tar as Buffer)),
				file(`${second}/layer.tar`, one.layers[1]?.tar as Buffer),
			]);
		expect((await readAll(await open(pack(buildTar(inputs))))).paths).toEqual([["a"], ["b"]]);
	});

	test("may name a layer twice", async () => {
		const twice = buildImage({
			layers: [{ tar: [file("a", "1")] }, { tar: [file("b", "2")] }, { tar: [file("a", "1")] }],
		});
		const { paths } = await readAll(await open(pack(tarOf(dockerSaveFiles([{ image: twice, tags: [] }])))));
		expect(paths).toEqual([["a"], ["b"], ["a"]]);
	});

	test("with several images wants a tag", async () => {
		const bytes = pack(
			tarOf(
				dockerSaveFiles([
					{ image: one, tags: ["registry:5000/app:1", "app:latest"] },
					{ image: two, tags: ["app:2"] },
				]),
			),
		);
		expect((await readAll(await open(bytes, tag("app:2")))).root.config.digest).toBe(two.config.digest);
		expect((await readAll(await open(bytes, tag("latest")))).root.config.digest).toBe(one.config.digest);
		for (const selector of [only, tag("app:3")]) {
			await expect(open(bytes, selector)).rejects.toMatchObject({
				code: "target_not_found",
				hint: expect.stringContaining("registry:5000/app:1, app:latest, app:2"),
			});
		}
	});

	test("that carries an OCI layout gives the image's own manifest", async () => {
		const files = layoutFiles([
			{ image: one, tag: "1" },
			{ image: two, tag: "2" },
		]);
		const listed = [one, two].map((image, at) => ({
			Config: `blobs/sha256/${digestHex(image.config.digest)}`,
			RepoTags: [`app:${at + 1}`],
			Layers: image.layers.map(({ descriptor }) => `blobs/sha256/${digestHex(descriptor.digest)}`),
		}));
		files.set("manifest.json", json(listed));
		const read = await readAll(await open(pack(tarOf(files)), tag("app:2")));
		expect(read.digest).toBe(two.manifest.digest);
		expect(read.paths).toEqual([["a"], ["two"]]);
	});

	test.each([
		["no manifest.json", new Map([["x", json({})]])],
		["a manifest.json that is no list", new Map([["manifest.json", json({})]])],
		["an empty list", new Map([["manifest.json", json([])]])],
		["a missing configuration", new Map([["manifest.json", json([{ Config: "c.json", RepoTags: null, Layers: [] }])]])],
		[
			"too few diffIDs",
			new Map([
				...dockerSaveFiles([{ image: one, tags: [] }]),
				[`${digestHex(one.config.digest)}.json`, json({ rootfs: {} })],
			]),
		],
		[
			"a missing layer",
			new Map(
				[...dockerSaveFiles([{ image: one, tags: [] }])].filter(
					([path]) => !path.startsWith(digestHex(one.layers[0]?.diffId ?? one.config.digest)),
				),
			),
		],
		[
			"a layer outside of it",
			new Map([
				...dockerSaveFiles([{ image: one, tags: [] }]),
				[
					"manifest.json",
					json([{ Config: `${digestHex(one.config.digest)}.json`, Layers: ["../../etc/passwd", "x"] }]),
				],
			]),
		],
	])("with %s is malformed", async (_case, files) => {
		await expect(open(pack(tarOf(files)))).rejects.toMatchObject({ code: "image_malformed" });
	});
});
