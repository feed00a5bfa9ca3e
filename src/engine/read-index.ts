import type { Descriptor, ImageIndex, Warning } from "#model";
import { EngineError } from "./errors.ts";
import type { ImageSource } from "./image/types.ts";
import type { ImageContents } from "./image-contents.ts";
import { parseManifest } from "./image-documents/manifest.ts";
import { type OpenedImage, openImage } from "./open-image.ts";
import { isAttestation, nameOf, noSuchPlatform, suits, wanted } from "./platforms.ts";
import type { ReadDeps, ScanOptions } from "./ports.ts";
import { readImages } from "./read-images.ts";

/** What was read of an index: its children that are images, attestations left aside. */
export interface IndexContents {
	readonly digest: string;
	readonly mediaType: string;
	/** How many children suit the platform, unreadable ones and nested indexes included. */
	readonly chosen: number;
	readonly children: readonly ChildContents[];
	readonly warnings: readonly Warning[];
}

/** One child: what it holds, or why it could not be read. */
export type ChildContents =
	| { readonly kind: "read"; readonly contents: ImageContents }
	| { readonly kind: "failed"; readonly child: Descriptor; readonly why: Warning };

/** Reads the children of an index. @throws EngineError when none suits the platform, or when it is stopped */
export async function readIndex(
	source: ImageSource,
	index: ImageIndex,
	platform: ScanOptions["platform"],
	deps: ReadDeps,
): Promise<IndexContents> {
	const { images, chosen, failed, ...opened } = await openChildren(source, index, platform, deps);
	if (chosen === 0) throw noSuchPlatform(source.name, platform, index.manifests);
	const read = await readTogether(source, images, deps);
	return {
		digest: index.digest,
		mediaType: index.mediaType,
		chosen,
		children: [...read.children, ...failed],
		warnings: [...opened.warnings, ...read.warnings],
	};
}

interface Children {
	readonly images: OpenedImage[];
	/** How many children the platform asked for matches, readable or not. */
	readonly chosen: number;
	readonly failed: ChildContents[];
	readonly warnings: Warning[];
}

/** Opens the children of an index; attestations are not images, and a child that is missing does not stop the others. */
async function openChildren(
	source: ImageSource,
	index: ImageIndex,
	platform: ScanOptions["platform"],
	deps: ReadDeps,
): Promise<Children> {
	const children: Children & { chosen: number } = { images: [], chosen: 0, failed: [], warnings: [] };
	for (const descriptor of index.manifests) {
		if (isAttestation(descriptor)) continue;
		if (!wanted(descriptor, platform)) continue;
		children.chosen += 1;
		try {
			const { bytes } = await source.document(descriptor, deps.signal);
			const manifest = parseManifest(bytes, descriptor.mediaType, descriptor.digest);
			if (manifest.kind === "index") {
				const message = `The index holds another index (${descriptor.digest}), which was not scanned.`;
				children.warnings.push({ code: "child_failed", message });
				continue;
			}
			const image = await openImage(source, manifest, deps.signal, descriptor.platform);
			if (descriptor.platform === undefined && !suits(image, platform)) children.chosen -= 1;
			else children.images.push(image);
		} catch (cause) {
			const why = failureOf(descriptor, cause, deps);
			children.warnings.push(why);
			children.failed.push({ kind: "failed", child: descriptor, why });
		}
	}
	return children;
}

/**
 * Reads the children together. When a layer of one is missing or damaged, each is read by itself, so that the others
 * get their results: layers that were read before are read again, unless they are kept.
 */
async function readTogether(
	source: ImageSource,
	images: readonly OpenedImage[],
	deps: ReadDeps,
): Promise<Pick<IndexContents, "children" | "warnings">> {
	try {
		const all = await readImages(source, images, deps);
		return { children: all.map((contents) => ({ kind: "read", contents })), warnings: [] };
	} catch (cause) {
		if (!(cause instanceof EngineError) || deps.signal.aborted || images.length < 2) throw cause;
	}
	const children: ChildContents[] = [];
	const warnings: Warning[] = [];
	for (const image of images) {
		try {
			const read = await readImages(source, [image], deps);
			children.push(...read.map((contents) => ({ kind: "read", contents }) as const));
		} catch (cause) {
			const { digest, mediaType } = image.manifest;
			const child = { digest, mediaType, size: 0, ...(image.platform ? { platform: image.platform } : {}) };
			const why = failureOf(child, cause, deps);
			warnings.push(why);
			children.push({ kind: "failed", child, why });
		}
	}
	return { children, warnings };
}

/** Why a child could not be read; an error that is not the child's own, or a stop, is thrown on. */
function failureOf(child: Descriptor, cause: unknown, deps: ReadDeps): Warning {
	if (!(cause instanceof EngineError) || deps.signal.aborted) throw cause;
	return { code: "child_failed", message: `${nameOf(child)} could not be scanned: ${cause.message}` };
}
