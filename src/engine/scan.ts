import type { Report } from "#model";
import { catalogers } from "./ecosystems.ts";
import { EngineError } from "./errors.ts";
import { matcherOver } from "./findings.ts";
import { parseManifest } from "./image-documents/manifest.ts";
import { readRootfsInventory } from "./inventory/read-rootfs.ts";
import { openImage } from "./open-image.ts";
import { noSuchPlatform, suits } from "./platforms.ts";
import type { ScanDeps, ScanOptions } from "./ports.ts";
import { reportOn } from "./report.ts";
import { scanImages } from "./scan-images.ts";
import { scanIndex } from "./scan-index.ts";
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
		return reportOn({ name: target.name, image: null, inventories: [inventory] }, matcher, options, deps);
	}
	if (target.kind === "sbom") return scanSbom(target, matcher, options, deps);
	const { source } = target;
	const root = await source.root(deps.signal);
	const manifest = parseManifest(root.bytes, root.descriptor.mediaType, root.descriptor.digest);
	if (manifest.kind === "index") return scanIndex(source, manifest, matcher, options, deps);
	const image = await openImage(source, manifest, deps.signal);
	if (image.platform !== null && !suits(image, options.platform)) {
		throw noSuchPlatform(source.name, options.platform, [{ ...manifest.config, platform: image.platform }]);
	}
	const [report] = await scanImages(source, [image], matcher, options, deps);
	if (!report) throw new EngineError("image_malformed", `${source.name} holds no image.`, "Check the reference.");
	return report;
}
