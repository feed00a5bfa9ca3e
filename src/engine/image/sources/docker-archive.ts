/**
 * What `docker save` writes: a tar with `manifest.json`, which names configurations, tags and layers. Layers may be links
 * to one another and, from newer Docker, blobs of an OCI layout that stands in the same tar.
 * https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
 */

import { type Descriptor, type Digest, isDigest } from "#model";
import { EngineError } from "../../errors.ts";
import { parseDescriptor } from "../../image-documents/descriptor.ts";
import { digestOf } from "../../image-documents/digest-of.ts";
import { asList, asObject, asText, isPresent, type JsonObject, parseObject } from "../../image-documents/json-shape.ts";
import { ociManifest } from "../../image-documents/media-types.ts";
import { defaultLimits } from "../limits.ts";
import type { Document, ImageSource } from "../types.ts";
import type { ImageFiles } from "./image-files.ts";
import { malformed, missingFile } from "./image-problems.ts";
import { blobPath, parseDescriptors, readDocument } from "./layout-documents.ts";
import { layoutSource, type OpenOptions, readIndex } from "./oci-layout.ts";
import type { ImageSelector } from "./selector.ts";
import { openTar } from "./tar-files.ts";

const ociConfig = "application/vnd.oci.image.config.v1+json";
const ociLayer = "application/vnd.oci.image.layer.v1.tar";

/** One image of manifest.json. */
interface SavedImage {
	readonly config: string;
	readonly tags: readonly string[];
	readonly layers: readonly string[];
}

/**
 * Opens a docker-save archive. When the archive also holds the image's own OCI manifest, that is the root. Otherwise the
 * root is an OCI manifest made here: compact JSON over the configuration's descriptor and one descriptor a layer,
 * whose digest is the diffID and whose size is that of the stored file; its own digest is that of this JSON.
 * Throws EngineError target_not_found (also when several images are there and none was chosen) or image_malformed.
 */
export async function openDockerArchive(file: string, options: OpenOptions): Promise<ImageSource> {
	const files = await openTar(file, options.limits ?? defaultLimits, options.signal);
	try {
		return await openSaved(files, options);
	} catch (error) {
		await files.close();
		throw error;
	}
}

async function openSaved(files: ImageFiles, options: OpenOptions): Promise<ImageSource> {
	const { signal } = options;
	const most = (options.limits ?? defaultLimits).documentBytes;
	const listed = parseSaved(files, await files.read("manifest.json", most, signal));
	const image = choose(files, listed, options.selector);
	const config = await files.read(image.config, most, signal);
	const own = await ownManifest(files, digestOf(config), most, signal);
	if (own !== null) {
		return layoutSource(files, { ...options, selector: { kind: "digest", digest: own.digest } });
	}
	const layers = await describeLayers(files, image, config, signal);
	const configDescriptor = { mediaType: ociConfig, digest: digestOf(config), size: config.length };
	const root = makeManifest(
		configDescriptor,
		layers.map(({ descriptor }) => descriptor),
	);
	const paths = new Map(layers.map(({ descriptor, path }) => [descriptor.digest, path]));
	const pathOf = ({ digest }: Descriptor): string => {
		const path = paths.get(digest);
		if (path === undefined) throw missingFile(files.name, blobPath(digest));
		return path;
	};
	return {
		name: options.name,
		root: async () => root,
		document: async (descriptor) => {
			if (descriptor.digest === root.descriptor.digest) return root;
			if (descriptor.digest !== configDescriptor.digest) throw missingFile(files.name, blobPath(descriptor.digest));
			return { descriptor, bytes: config };
		},
		blobs: async (descriptors, visit, blobOptions) =>
			files.stream(
				descriptors.map(pathOf),
				(index, body) => visit(descriptors[index] as Descriptor, body),
				blobOptions,
			),
		close: () => files.close(),
	};
}

function parseSaved(files: ImageFiles, bytes: Uint8Array): readonly SavedImage[] {
	const where = `${files.name}: manifest.json`;
	const images = asList(parseList(files, bytes), where).map((value, at): SavedImage => {
		const image = asObject(value, `${where}[${at}]`);
		const texts = (key: string) => asList(image[key], `${where}[${at}].${key}`).map((text) => asText(text, where));
		return {
			config: asText(image["Config"], `${where}[${at}].Config`),
			tags: texts("RepoTags"),
			layers: texts("Layers"),
		};
	});
	if (images.length === 0) throw malformed(files.name, "its manifest.json lists no image");
	return images;
}

function parseList(files: ImageFiles, bytes: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder().decode(bytes));
	} catch (error) {
		throw malformed(files.name, "its manifest.json is no JSON", error);
	}
}

function choose(files: ImageFiles, images: readonly SavedImage[], selector: ImageSelector): SavedImage {
	const fitting = images.filter((image) => fits(image, selector));
	const [first] = fitting;
	if (first !== undefined && fitting.every(({ config }) => config === first.config)) return first;
	const names = images.flatMap(({ tags, config }) => (tags.length > 0 ? tags : [config])).join(", ");
	const what =
		first === undefined ? "holds no such image" : `holds ${fitting.length} images; which one is meant is not clear`;
	throw new EngineError("target_not_found", `${files.name} ${what}.`, `Name one as PATH:TAG. It holds: ${names}.`);
}

/** A tag may be given whole (`alpine:3.19`) or without the repository (`3.19`). */
function fits(image: SavedImage, selector: ImageSelector): boolean {
	if (selector.kind === "only") return true;
	if (selector.kind === "digest") return image.config.includes(selector.digest.slice(selector.digest.indexOf(":") + 1));
	return image.tags.some((tag) => tag === selector.tag || tag.endsWith(`:${selector.tag}`));
}

/** The manifest in the archive's OCI layout, if it has one, that has this configuration. */
async function ownManifest(
	files: ImageFiles,
	config: Digest,
	most: number,
	signal: AbortSignal,
): Promise<Descriptor | null> {
	if ((await files.size("index.json", signal)) === null) return null;
	const queue = [...(await readIndex(files, most, signal)).manifests];
	// Docker writes one index for each image; more depth than this is not followed.
	const mostDocuments = 1000;
	for (let read = 0; queue.length > 0 && read < mostDocuments; read++) {
		const descriptor = queue.shift() as Descriptor;
		if ((await files.size(blobPath(descriptor.digest), signal)) === null) continue;
		const document = await readDocument(files, descriptor, most, signal);
		queue.push(...parseDescriptors(document.bytes, descriptor.digest));
		const manifest = parseObject(document.bytes, descriptor.digest);
		if (!isPresent(manifest["config"])) continue;
		if (parseDescriptor(manifest["config"], descriptor.digest).digest !== config) continue;
		if (await hasLayers(files, manifest, signal)) return descriptor;
	}
	return null;
}

async function hasLayers(files: ImageFiles, manifest: JsonObject, signal: AbortSignal): Promise<boolean> {
	for (const layer of asList(manifest["layers"], "layers")) {
		const { digest } = parseDescriptor(layer, "layers");
		if ((await files.size(blobPath(digest), signal)) === null) return false;
	}
	return true;
}

async function describeLayers(
	files: ImageFiles,
	image: SavedImage,
	config: Uint8Array,
	signal: AbortSignal,
): Promise<readonly { readonly path: string; readonly descriptor: Descriptor }[]> {
	const rootfs = asObject(parseObject(config, image.config)["rootfs"], `${image.config}: rootfs`);
	const diffIds = asList(rootfs["diff_ids"], `${image.config}: diff_ids`).map((text) => asText(text, "diff_ids"));
	if (diffIds.length !== image.layers.length) {
		throw malformed(files.name, "its manifest.json and its configuration tell of different numbers of layers");
	}
	const described: { path: string; descriptor: Descriptor }[] = [];
	for (const [index, stored] of image.layers.entries()) {
		const digest = diffIds[index] ?? "";
		const same = described.find(({ descriptor }) => descriptor.digest === digest);
		const path = same?.path ?? stored;
		if (!isDigest(digest)) throw malformed(files.name, `${JSON.stringify(digest)} is no digest of a layer`);
		const size = await files.size(path, signal);
		if (size === null) throw malformed(files.name, `the layer ${digest} (${path}) is missing`);
		described.push({ path, descriptor: { mediaType: ociLayer, digest, size } });
	}
	return described;
}

function makeManifest(config: Descriptor, layers: readonly Descriptor[]): Document {
	const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: ociManifest, config, layers }));
	return { descriptor: { mediaType: ociManifest, digest: digestOf(bytes), size: bytes.length }, bytes };
}
