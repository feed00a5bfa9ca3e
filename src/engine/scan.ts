import {
	addSummaries,
	type Descriptor,
	type Digest,
	distinctFindings,
	type ImageIndex,
	matchesPlatform,
	type Report,
	summarise,
	type Warning,
} from "#model";
import { catalogers } from "./ecosystems.ts";
import { EngineError } from "./errors.ts";
import { type Matcher, matcherOver } from "./findings.ts";
import type { ImageSource } from "./image/types.ts";
import { parseManifest } from "./image-documents/manifest.ts";
import { unreadLayer } from "./inventory/layer-inventory.ts";
import { readLayers } from "./inventory/read-layers.ts";
import { readRootfsInventory } from "./inventory/read-rootfs.ts";
import { type OpenedImage, openImage } from "./open-image.ts";
import type { ScanDeps, ScanOptions } from "./ports.ts";
import { failedReport, reportOn, statusOf } from "./report.ts";
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
	const { source } = target;
	const root = await source.root(deps.signal);
	const manifest = parseManifest(root.bytes, root.descriptor.mediaType, root.descriptor.digest);
	if (manifest.kind === "index") return scanIndex(source, manifest, matcher, options, deps);
	const image = await openImage(source, manifest, deps.signal);
	requirePlatform(image, options.platform, source.name);
	const [report] = await scanImages(source, [image], matcher, options, deps);
	if (!report) throw new EngineError("image_malformed", `${source.name} holds no image.`, "Check the reference.");
	return report;
}

async function scanIndex(
	source: ImageSource,
	index: ImageIndex,
	matcher: Matcher,
	options: ScanOptions,
	deps: ScanDeps,
): Promise<Report> {
	const { images, chosen, warnings, failed } = await openChildren(source, index, options, deps);
	if (chosen === 0) throw noSuchPlatform(source.name, options.platform, index.manifests);
	const reports = [...(await scanImages(source, images, matcher, options, deps)), ...failed];
	if (options.platform !== "all" && chosen === 1 && reports[0]) return reports[0];
	const distinct = distinctFindings(reports);
	return {
		schemaVersion: "1",
		kind: "index",
		createdAt: deps.clock().toISOString(),
		artifact: {
			name: source.name,
			digest: index.digest,
			mediaType: index.mediaType,
			platform: "",
			os: null,
			layers: [],
			base: null,
		},
		scanner: { name: "plimsoll", version: deps.version },
		advisories: deps.advisories.snapshot,
		status: reports.every((report) => report.status === "failed")
			? "failed"
			: reports.some((report) => report.status !== "complete")
				? "partial"
				: statusOf(warnings),
		warnings,
		summary: addSummaries(reports.map((report) => report.summary)),
		findings: [],
		packageCount: reports.reduce((sum, report) => sum + report.packageCount, 0),
		manifests: reports,
		unionSummary: summarise(distinct),
	};
}

interface Children {
	readonly images: OpenedImage[];
	/** How many children the platform asked for matches, readable or not. */
	readonly chosen: number;
	readonly failed: Report[];
	readonly warnings: Warning[];
}

/** Opens the children of an index; attestations are not images, and a child that is missing does not stop the others. */
async function openChildren(
	source: ImageSource,
	index: ImageIndex,
	options: ScanOptions,
	deps: ScanDeps,
): Promise<Children> {
	const children: Children & { chosen: number } = { images: [], chosen: 0, failed: [], warnings: [] };
	for (const descriptor of index.manifests) {
		if (isAttestation(descriptor)) continue;
		if (!wanted(descriptor, options.platform)) continue;
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
			if (descriptor.platform === undefined && !suits(image, options.platform)) children.chosen -= 1;
			else children.images.push(image);
		} catch (cause) {
			if (!(cause instanceof EngineError) || deps.signal.aborted) throw cause;
			const message = `${nameOf(descriptor)} could not be scanned: ${cause.message}`;
			children.warnings.push({ code: "child_failed", message });
			children.failed.push(failedReport(source.name, descriptor, { code: "child_failed", message }, deps));
		}
	}
	return children;
}

async function scanImages(
	source: ImageSource,
	images: readonly OpenedImage[],
	matcher: Matcher,
	options: ScanOptions,
	deps: ScanDeps,
): Promise<Report[]> {
	const layers = images.flatMap((image) =>
		image.layers.filter((layer) => layer.problem === null).map((layer) => layer.descriptor),
	);
	const distinct = new Map<Digest, Descriptor>(layers.map((layer) => [layer.digest, layer]));
	const total = [...distinct.values()].reduce((sum, layer) => sum + layer.size, 0);
	const { onEvent } = deps;
	onEvent({ type: "resolved", name: source.name, images: images.length, layers: distinct.size, bytes: total });
	let done = 0;
	const inventories = await readLayers(source, layers, {
		catalogers,
		cache: deps.cache,
		signal: deps.signal,
		onLayer: (digest, state) => onEvent({ type: "layer", digest, state }),
		onBytes: (count) => {
			done += count;
			onEvent({ type: "bytes", done, total });
		},
	});
	return images.map((image) =>
		reportOn(
			{
				name: source.name,
				image,
				inventories: image.layers.flatMap(
					({ descriptor, problem }) => (problem ? unreadLayer(problem) : inventories.get(descriptor.digest)) ?? [],
				),
			},
			matcher,
			options,
			deps,
		),
	);
}

/** BuildKit hangs attestations into an index as children of platform unknown/unknown. */
function isAttestation({ platform, annotations }: Descriptor): boolean {
	return (
		annotations?.["vnd.docker.reference.type"] === "attestation-manifest" ||
		(platform?.os === "unknown" && platform.architecture === "unknown")
	);
}

function wanted({ platform }: Descriptor, asked: ScanOptions["platform"]): boolean {
	return asked === "all" || platform === undefined || matchesPlatform(asked, platform);
}

/** An image that does not tell its platform suits any. */
function suits({ platform }: OpenedImage, asked: ScanOptions["platform"]): boolean {
	return asked === "all" || platform === null || matchesPlatform(asked, platform);
}

function requirePlatform(image: OpenedImage, asked: ScanOptions["platform"], name: string): void {
	if (image.platform === null || suits(image, asked)) return;
	throw noSuchPlatform(name, asked, [{ ...image.manifest.config, platform: image.platform }]);
}

function noSuchPlatform(name: string, asked: ScanOptions["platform"], children: readonly Descriptor[]): EngineError {
	const platforms = children.filter((child) => !isAttestation(child)).map(nameOf);
	const what =
		asked === "all"
			? "an image"
			: `an image for ${[asked.os, asked.architecture, asked.variant].filter(Boolean).join("/")}`;
	return new EngineError(
		"platform_not_found",
		`${name} does not hold ${what}; it holds: ${platforms.join(", ") || "nothing"}.`,
		platforms.length > 0
			? "Ask for one of these with --platform, or for all of them with --platform all."
			: "Check the reference, or build and push the image again.",
	);
}

function nameOf({ platform, digest }: Descriptor): string {
	return platform ? [platform.os, platform.architecture, platform.variant].filter(Boolean).join("/") : digest;
}
