/**
 * An OCI image layout: `oci-layout`, `index.json` and `blobs/ALGORITHM/HEX`, in a folder or in a tar.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */

import type { Descriptor } from "#model";
import { EngineError } from "../../errors.ts";
import { digestOf } from "../../image-documents/digest-of.ts";
import { asText, isPresent, parseObject } from "../../image-documents/json-shape.ts";
import { ociIndex, ociManifest } from "../../image-documents/media-types.ts";
import { defaultLimits, type Limits } from "../limits.ts";
import type { Document, ImageSource } from "../types.ts";
import { openFolder } from "./folder-files.ts";
import type { ImageFiles } from "./image-files.ts";
import { malformed } from "./image-problems.ts";
import { blobPath, parseDescriptors, readDocument } from "./layout-documents.ts";
import type { ImageSelector } from "./selector.ts";

export interface OpenOptions {
	/** The reference as it was asked for. */
	readonly name: string;
	readonly selector: ImageSelector;
	readonly signal: AbortSignal;
	readonly limits?: Limits;
}

/** Opens a layout folder. Throws EngineError target_not_found or image_malformed; `root` throws when no image is chosen. */
export async function openOciLayout(folder: string, options: OpenOptions): Promise<ImageSource> {
	return layoutSource(await openFolder(folder), options);
}

/** The image that `selector` chooses from a layout, wherever its files are. Takes over `files`. */
export function layoutSource(files: ImageFiles, options: OpenOptions): ImageSource {
	const most = (options.limits ?? defaultLimits).documentBytes;
	return {
		name: options.name,
		root: (signal) => chooseRoot(files, options.selector, most, signal),
		document: (descriptor, signal) => readDocument(files, descriptor, most, signal),
		blobs: (descriptors, visit, blobOptions) =>
			files.stream(
				descriptors.map((descriptor) => blobPath(descriptor.digest)),
				(index, body) => visit(descriptors[index] as Descriptor, body),
				blobOptions,
			),
		close: () => files.close(),
	};
}

async function chooseRoot(
	files: ImageFiles,
	selector: ImageSelector,
	most: number,
	signal: AbortSignal,
): Promise<Document> {
	const { bytes, manifests } = await readIndex(files, most, signal);
	if (selector.kind === "digest") {
		const listed = manifests.find(({ digest }) => digest === selector.digest);
		const chosen = listed ?? (await unlisted(files, selector.digest, most, signal));
		if (chosen === null) throw notFound(files, selector.digest, manifests);
		return readDocument(files, chosen, most, signal);
	}
	const candidates = selector.kind === "tag" ? manifests.filter((one) => hasTag(one, selector.tag)) : manifests;
	const [first] = candidates;
	if (first === undefined) {
		if (selector.kind === "tag") throw notFound(files, selector.tag, manifests);
		throw malformed(files.name, "its index.json lists no image");
	}
	if (candidates.every(({ digest }) => digest === first.digest)) return readDocument(files, first, most, signal);
	if (selector.kind === "only" && arePlatformsOfOne(candidates)) {
		return { descriptor: { mediaType: ociIndex, digest: digestOf(bytes), size: bytes.length }, bytes };
	}
	throw ambiguous(files, candidates);
}

/** The layout's index.json. */
export async function readIndex(
	files: ImageFiles,
	most: number,
	signal: AbortSignal,
): Promise<{ readonly bytes: Buffer; readonly manifests: readonly Descriptor[] }> {
	const bytes = await files.read("index.json", most, signal);
	return { bytes, manifests: parseDescriptors(bytes, `${files.name}: index.json`) };
}

/** A manifest that the index does not list itself: a child of one it lists, say. */
async function unlisted(
	files: ImageFiles,
	digest: Descriptor["digest"],
	most: number,
	signal: AbortSignal,
): Promise<Descriptor | null> {
	const path = blobPath(digest);
	const size = await files.size(path, signal);
	if (size === null) return null;
	const manifest = parseObject(await files.read(path, most, signal), digest);
	const guessed = isPresent(manifest["manifests"]) ? ociIndex : ociManifest;
	return { mediaType: asText(manifest["mediaType"], `${digest}: mediaType`) || guessed, digest, size };
}

const refName = "org.opencontainers.image.ref.name";
// containerd and BuildKit keep the whole reference here and only the tag in ref.name.
const containerdName = "io.containerd.image.name";

function hasTag({ annotations }: Descriptor, tag: string): boolean {
	const names = [annotations?.[refName], annotations?.[containerdName]];
	return names.some((name) => name === tag || name?.endsWith(`:${tag}`));
}

function tagOf({ annotations, digest }: Descriptor): string {
	return annotations?.[refName] ?? annotations?.[containerdName] ?? `@${digest}`;
}

/** One image for several platforms: every manifest tells its own platform, and they do not carry different names. */
function arePlatformsOfOne(manifests: readonly Descriptor[]): boolean {
	const names = new Set(manifests.map(({ annotations }) => annotations?.[refName]));
	return names.size === 1 && manifests.every(({ platform }) => platform !== undefined);
}

function notFound(files: ImageFiles, wanted: string, manifests: readonly Descriptor[]): EngineError {
	return new EngineError(
		"target_not_found",
		`${files.name} holds no image ${wanted}.`,
		manifests.length === 0 ? "It holds no image at all." : `It holds: ${listTags(manifests)}.`,
	);
}

function ambiguous(files: ImageFiles, manifests: readonly Descriptor[]): EngineError {
	return new EngineError(
		"target_not_found",
		`${files.name} holds ${manifests.length} images; which one is meant is not clear.`,
		`Name one as PATH:TAG or PATH@DIGEST. It holds: ${listTags(manifests)}.`,
	);
}

// Enough to choose from without filling the terminal.
const mostListed = 20;

function listTags(manifests: readonly Descriptor[]): string {
	const tags = [...new Set(manifests.map(tagOf))];
	const more = tags.length > mostListed ? ` and ${tags.length - mostListed} more` : "";
	return tags.slice(0, mostListed).join(", ") + more;
}
