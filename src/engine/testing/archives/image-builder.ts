/**
 * Builds whole images for tests: as blobs for a registry, as OCI layout (folder or tar) and as docker-save archive.
 */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { type Descriptor, type Digest, digestHex, type Platform } from "#model";
import { buildTar, folder, type TarInput } from "./tar-builder.ts";

export interface LayerInput {
	/** The entries, or the tar's own bytes. */
	readonly tar: readonly TarInput[] | Buffer;
	/** gzip by default. */
	readonly compression?: "gzip" | "zstd" | "none";
	/** The history's `created_by`. */
	readonly createdBy?: string;
}

export interface ImageInput {
	readonly layers: readonly LayerInput[];
	/** linux/amd64 by default. */
	readonly platform?: Platform;
	/** More fields of the configuration. */
	readonly config?: Readonly<Record<string, unknown>>;
	readonly annotations?: Readonly<Record<string, string>>;
}

export interface BuiltLayer {
	readonly descriptor: Descriptor;
	readonly bytes: Buffer;
	readonly diffId: Digest;
	readonly tar: Buffer;
}

export interface BuiltImage {
	readonly manifest: Descriptor;
	readonly config: Descriptor;
	readonly layers: readonly BuiltLayer[];
	readonly platform: Platform;
	/** Every blob by digest: manifest, configuration and layers. */
	readonly blobs: ReadonlyMap<Digest, Buffer>;
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const indexType = "application/vnd.oci.image.index.v1+json";
const configType = "application/vnd.oci.image.config.v1+json";
const layerType = "application/vnd.oci.image.layer.v1.tar";

export function sha256Of(bytes: Uint8Array): Digest {
	return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function describeBlob(mediaType: string, bytes: Uint8Array): Descriptor {
	return { mediaType, digest: sha256Of(bytes), size: bytes.length };
}

function buildLayer({ tar, compression = "gzip" }: LayerInput): BuiltLayer {
	const plain = Buffer.isBuffer(tar) ? tar : buildTar(tar);
	const bytes = compression === "gzip" ? gzipSync(plain) : compression === "zstd" ? zstdCompressSync(plain) : plain;
	const mediaType = compression === "none" ? layerType : `${layerType}+${compression}`;
	return { descriptor: describeBlob(mediaType, bytes), bytes, diffId: sha256Of(plain), tar: plain };
}

export function buildImage(input: ImageInput): BuiltImage {
	const platform = input.platform ?? { os: "linux", architecture: "amd64" };
	const layers = input.layers.map(buildLayer);
	const { osVersion, ...platformFields } = platform;
	const configBytes = json({
		...platformFields,
		...(osVersion === undefined ? {} : { "os.version": osVersion }),
		rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
		history: input.layers.map(({ createdBy }) => ({ created_by: createdBy ?? "" })),
		...input.config,
	});
	const config = describeBlob(configType, configBytes);
	const manifestBytes = json({
		schemaVersion: 2,
		mediaType: manifestType,
		config,
		layers: layers.map(({ descriptor }) => descriptor),
		...(input.annotations === undefined ? {} : { annotations: input.annotations }),
	});
	const manifest = describeBlob(manifestType, manifestBytes);
	const blobs = new Map<Digest, Buffer>([
		[manifest.digest, manifestBytes],
		[config.digest, configBytes],
		...layers.map(({ descriptor, bytes }): [Digest, Buffer] => [descriptor.digest, bytes]),
	]);
	return { manifest, config, layers, platform, blobs };
}

/** An image index over images, as a blob of its own. */
export function buildIndex(images: readonly BuiltImage[]): { readonly descriptor: Descriptor; readonly bytes: Buffer } {
	const manifests = images.map(({ manifest, platform }) => ({ ...manifest, platform }));
	const bytes = json({ schemaVersion: 2, mediaType: indexType, manifests });
	return { descriptor: describeBlob(indexType, bytes), bytes };
}

/** One entry of a layout's index.json. */
export interface LayoutEntry {
	readonly image: BuiltImage;
	readonly tag?: string;
	/** Write the platform into the index. */
	readonly withPlatform?: boolean;
}

/** The files of an OCI layout by path. */
export function layoutFiles(entries: readonly LayoutEntry[]): Map<string, Buffer> {
	const files = new Map<string, Buffer>([["oci-layout", json({ imageLayoutVersion: "1.0.0" })]]);
	for (const { image } of entries) {
		for (const [digest, bytes] of image.blobs) files.set(`blobs/sha256/${digestHex(digest)}`, bytes);
	}
	const manifests = entries.map(({ image, tag, withPlatform }) => ({
		...image.manifest,
		...(withPlatform ? { platform: image.platform } : {}),
		...(tag === undefined ? {} : { annotations: { "org.opencontainers.image.ref.name": tag } }),
	}));
	files.set("index.json", json({ schemaVersion: 2, mediaType: indexType, manifests }));
	return files;
}

/** One image of a docker-save archive. */
export interface SavedEntry {
	readonly image: BuiltImage;
	readonly tags: readonly string[];
}

/** The files of a docker-save archive as Docker before version 25 wrote it: layers uncompressed, each once. */
export function dockerSaveFiles(entries: readonly SavedEntry[]): Map<string, Buffer> {
	const files = new Map<string, Buffer>();
	const listed = entries.map(({ image, tags }) => {
		const config = `${digestHex(image.config.digest)}.json`;
		files.set(config, image.blobs.get(image.config.digest) as Buffer);
		const layers = image.layers.map(({ diffId, tar }) => {
			const path = `${digestHex(diffId)}/layer.tar`;
			files.set(path, tar);
			return path;
		});
		return { Config: config, RepoTags: tags, Layers: layers };
	});
	files.set("manifest.json", json(listed));
	return files;
}

/** Files as a tar, with their folders, in the order of the map. */
export function tarOf(files: ReadonlyMap<string, Buffer>): Buffer {
	const folders = new Set<string>();
	const inputs = [...files].flatMap(([path, body]): TarInput[] => {
		const parent = dirname(path);
		if (parent === "." || folders.has(parent)) return [{ path, body }];
		folders.add(parent);
		return [folder(parent), { path, body }];
	});
	return buildTar(inputs);
}

export async function writeFiles(root: string, files: ReadonlyMap<string, Buffer>): Promise<void> {
	for (const [path, bytes] of files) {
		await mkdir(join(root, dirname(path)), { recursive: true });
		await writeFile(join(root, path), bytes);
	}
}

/** Compact JSON. */
export function json(value: unknown): Buffer {
	return Buffer.from(JSON.stringify(value));
}
