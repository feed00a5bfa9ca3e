import type { Report } from "#model";
import { catalogers } from "./ecosystems.ts";
import { EngineError } from "./errors.ts";
import { matcherOver } from "./findings.ts";
import type { ImageSource } from "./image/types.ts";
import { contentsOf, type ImageContents } from "./image-contents.ts";
import { parseManifest } from "./image-documents/manifest.ts";
import { readRootfsInventory } from "./inventory/read-rootfs.ts";
import { openImage } from "./open-image.ts";
import { noSuchPlatform, suits } from "./platforms.ts";
import type { ReadDeps, ScanDeps, ScanOptions } from "./ports.ts";
import { readImages } from "./read-images.ts";
import { type IndexContents, readIndex } from "./read-index.ts";
import { reportOn } from "./report.ts";
import { reportOnIndex } from "./scan-index.ts";
import { scanSbom } from "./scan-sbom.ts";
import type { ScanTarget } from "./targets.ts";

/**
 * Scans one image, or every child of an index: reference → manifest → layers → inventory → advisories → report.
 * Broken content of an image ends in the report's warnings.
 * @throws EngineError when there is no result: the target cannot be reached, is not an image, or is not what its digest says.
 */
export async function scan(target: ScanTarget, options: ScanOptions, deps: ScanDeps): Promise<Report> {
	const matcher = matcherOver(deps.advisories);
	if (target.kind === "rootfs") {
		const inventory = await readRootfsInventory(target.path, catalogers, deps.signal);
		return reportOn(contentsOf(target.name, null, [inventory]), matcher, options, deps);
	}
	if (target.kind === "sbom") return scanSbom(target, matcher, options, deps);
	const read = await readSource(target.source, options.platform, deps);
	return read.kind === "index"
		? reportOnIndex(target.source.name, read.index, matcher, options, deps)
		: reportOn(read.contents, matcher, options, deps);
}

/** What was read of an image source, before any advisory is asked. */
export type SourceContents =
	| { readonly kind: "image"; readonly contents: ImageContents }
	| { readonly kind: "index"; readonly index: IndexContents };

/** The first half of a scan: everything that needs the image. The second (`reportOn`) needs only this and advisories. */
export async function readSource(
	source: ImageSource,
	platform: ScanOptions["platform"],
	deps: ReadDeps,
): Promise<SourceContents> {
	const root = await source.root(deps.signal);
	const manifest = parseManifest(root.bytes, root.descriptor.mediaType, root.descriptor.digest);
	if (manifest.kind === "index") return { kind: "index", index: await readIndex(source, manifest, platform, deps) };
	const image = await openImage(source, manifest, deps.signal);
	if (image.platform !== null && !suits(image, platform)) {
		throw noSuchPlatform(source.name, platform, [{ ...manifest.config, platform: image.platform }]);
	}
	const [contents] = await readImages(source, [image], deps);
	if (!contents) throw new EngineError("image_malformed", `${source.name} holds no image.`, "Check the reference.");
	return { kind: "image", contents };
}
