/** Layers and image archives. */
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync, zstdCompressSync } from "node:zlib";
import {
	buildImage,
	buildTar,
	dockerSaveFiles,
	file,
	folder,
	hardLink,
	layoutFiles,
	pax,
	symlink,
	tarOf,
} from "#engine/testing";
import { type Descriptor, type Digest, isDigest } from "#model";
import { EngineError } from "../../../src/engine/errors.ts";
import { type LayerRead, readLayer } from "../../../src/engine/image/layer.ts";
import { defaultLimits, type Limits } from "../../../src/engine/image/limits.ts";
import { openDockerArchive } from "../../../src/engine/image/sources/docker-archive.ts";
import { openOciArchive } from "../../../src/engine/image/sources/oci-archive.ts";
import { parseConfig } from "../../../src/engine/image-documents/config.ts";
import { parseManifest } from "../../../src/engine/image-documents/manifest.ts";
import type { Random } from "../random.ts";
import { holdSame, holdWarning } from "../rules.ts";
import { type FuzzTarget, hold } from "../target.ts";
import { withTarSums } from "./tar-sums.ts";
import { tempFile } from "./temp-file.ts";

/** A bomb must end soon, so that what is slow for another reason shows. */
const limits: Limits = { ...defaultLimits, ratioFreeBytes: 8 * 1024 * 1024 };
const { signal } = new AbortController();

const tars = [
	buildTar([
		folder("etc"),
		file("etc/os-release", "ID=debian\n"),
		symlink("lib", "usr/lib"),
		hardLink("etc/b", "etc/os-release"),
	]),
	buildTar([
		pax({ path: "a/long/name", size: "3", "GNU.sparse.major": "1" }),
		file("short", "abc"),
		file("usr/.wh.gone", ""),
		file("var/.wh..wh..opq", ""),
	]),
	buildTar([
		{ path: "././@LongLink", type: "L", body: `${"n/".repeat(80)}x\0`, format: "gnu" },
		file("y", "z".repeat(600)),
		{ path: "dev/null", type: "3" },
		{
			path: "sparse",
			type: "S",
			body: "a",
			format: "gnu",
			header: (block) => void block.write("00000000010", 483, "latin1"),
		},
	]),
];
const words = [
	"ustar\x0000",
	"ustar  \0",
	".wh.",
	".wh..wh..opq",
	"../",
	"/",
	"0000644\0",
	"11 path=a\n",
	"GNU.sparse.name=",
	"size=",
	"linkpath=",
	"././@LongLink",
];

/** Any of the three packings. */
function packed(tar: Uint8Array, random: Random): Uint8Array {
	return random.pick([() => tar, () => gzipSync(tar, { level: 1 }), () => zstdCompressSync(tar)])();
}

function digestOf(bytes: Uint8Array): Digest {
	return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += size) yield Uint8Array.from(bytes.subarray(at, at + size));
}

interface SeenFile {
	readonly path: string;
	readonly size: number;
	read: number;
	ended: boolean;
}

async function layerOf(bytes: Uint8Array, size: number): Promise<{ read: LayerRead; files: readonly SeenFile[] }> {
	const files: SeenFile[] = [];
	const descriptor: Descriptor = { mediaType: "", digest: digestOf(bytes), size: bytes.length };
	const visit = ({ path, size }: { path: string; size: number }) => {
		const seen: SeenFile = { path, size, read: 0, ended: false };
		files.push(seen);
		return {
			write: (chunk: Uint8Array) => {
				seen.read += chunk.length;
			},
			end: () => {
				seen.ended = true;
			},
		};
	};
	const read = await readLayer(descriptor, pieces(bytes, size), visit, { limits, signal, wantsLink: () => true });
	return { read, files };
}

async function holdLayer(bytes: Uint8Array, random: Random): Promise<void> {
	const { read, files } = await layerOf(bytes, Math.max(1 + random.below(2000), Math.ceil(bytes.length / 100)));
	for (const { path, size, read: length, ended } of files) {
		holdClean(path);
		hold(!ended || length === size, () => `${path} has ${size} bytes and gave ${length}`);
	}
	for (const path of [...read.whiteouts, ...read.symlinks.map((link) => link.path)]) holdClean(path);
	for (const { path, target } of read.links) {
		holdClean(path);
		// A link to the root is one to nothing.
		if (target !== "") holdClean(target);
	}
	for (const warning of read.warnings) holdWarning({ code: warning.code, message: warning.message }, "");
	hold(read.warnings.length <= limits.warnings + 1, () => `${read.warnings.length} warnings`);
	if (!random.once(4)) return;
	const whole = (await layerOf(bytes, Math.max(1, bytes.length))).read;
	// Where reading stops at a limit, it stops with the piece.
	holdSame(whole.digestVerified ? whole : { ...whole, bytes: read.bytes }, read, "the same in one piece");
}

/** Relative, and within the root. */
function holdClean(path: string): void {
	const sound =
		path.length <= limits.pathLength && !path.split("/").some((part) => part === "" || part === "." || part === "..");
	hold(sound && !path.includes("\0"), () => `no clean path: ${JSON.stringify(path.slice(0, 200))}`);
}

/** Opens, chooses, and reads all layers, as a scan does. */
async function readArchive(path: string, open: typeof openDockerArchive): Promise<void> {
	try {
		const source = await open(path, { name: "a", selector: { kind: "only" }, signal, limits });
		try {
			const root = await source.root(signal);
			const manifest = parseManifest(root.bytes, root.descriptor.mediaType, root.descriptor.digest);
			if (manifest.kind === "index") return;
			parseConfig((await source.document(manifest.config, signal)).bytes);
			await source.blobs(
				manifest.layers.slice(0, 20),
				async (descriptor, body) => {
					hold(isDigest(descriptor.digest), () => `${descriptor.digest} is no digest`);
					await readLayer(descriptor, body, () => null, { limits, signal });
				},
				{ concurrency: 2, signal },
			);
		} finally {
			await source.close();
		}
	} catch (error) {
		if (!(error instanceof EngineError)) throw error;
	}
}

const image = buildImage({ layers: [{ tar: tars[0] ?? [] }, { tar: [file("a", "b")], compression: "none" }] });
const saved = dockerSaveFiles([{ image, tags: ["a:1"] }]);
const layout = layoutFiles([{ image, tag: "1" }]);

/** The input in place of the archive's own list of images. */
function archiveAround(input: Uint8Array, random: Random): Uint8Array {
	const [files, name] = random.once(2) ? [saved, "manifest.json"] : [layout, "index.json"];
	return tarOf(new Map([...files, [name, Buffer.from(input)]]));
}

export const imageTargets: readonly FuzzTarget[] = [
	{
		name: "image/tar",
		seeds: () => tars,
		words,
		mend: withTarSums,
		run: (input, random) => holdLayer(packed(input, random), random),
	},
	{
		name: "image/gzip",
		seeds: () => [
			...tars.map((tar) => gzipSync(tar)),
			Buffer.concat([gzipSync(tars[0] ?? ""), gzipSync(tars[1] ?? "")]),
			gzipSync(Buffer.alloc(3_000_000)),
		],
		words: ["\u001f\u008b\u0008\0", "\u001f\u008b\u0008\u001f", "\0\0\u00ff\u00ff"],
		run: (input, random) => holdLayer(input, random),
	},
	{
		name: "image/zstd",
		seeds: () => [
			...tars.map((tar) => zstdCompressSync(tar)),
			Buffer.concat([
				zstdCompressSync(tars[0] ?? ""),
				Buffer.from("502a4d1804000000aaaaaaaa", "hex"),
				zstdCompressSync(tars[1] ?? ""),
			]),
			zstdCompressSync(Buffer.alloc(3_000_000)),
		],
		words: ["\u0028\u00b5\u002f\u00fd", "\u0050\u002a\u004d\u0018"],
		run: (input, random) => holdLayer(input, random),
	},
	{
		name: "image/archive",
		seeds: () => [
			tarOf(saved),
			tarOf(layout),
			gzipSync(tarOf(saved)),
			gunzipSync(gzipSync(tarOf(new Map([...layout, ...saved])))),
		],
		words: [
			...words,
			"manifest.json",
			"index.json",
			"oci-layout",
			'"Layers":[',
			'"Config":"',
			'"manifests":[',
			"sha256:",
		],
		mend: (input, random) => (random.once(2) ? withTarSums(input) : archiveAround(input, random)),
		async run(input) {
			const path = tempFile("image.tar", input);
			await readArchive(path, openDockerArchive);
			await readArchive(path, openOciArchive);
		},
	},
	{
		name: "image/archive:documents",
		seeds: () => [Uint8Array.from(saved.get("manifest.json") ?? []), Uint8Array.from(layout.get("index.json") ?? [])],
		words: [
			"Config",
			"RepoTags",
			"Layers",
			"manifests",
			"digest",
			"size",
			"mediaType",
			"annotations",
			"org.opencontainers.image.ref.name",
			"../../etc/passwd",
			"manifest.json",
		],
		format: "json",
		async run(input, random) {
			const path = tempFile("image.tar", archiveAround(input, random));
			await readArchive(path, openDockerArchive);
			await readArchive(path, openOciArchive);
		},
	},
];
