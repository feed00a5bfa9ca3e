import {
	addSummaries,
	type Descriptor,
	distinctFindings,
	type ImageIndex,
	type Report,
	summarise,
	type Warning,
} from "#model";
import { EngineError } from "./errors.ts";
import type { Matcher } from "./findings.ts";
import type { ImageSource } from "./image/types.ts";
import { parseManifest } from "./image-documents/manifest.ts";
import { type OpenedImage, openImage } from "./open-image.ts";
import { isAttestation, nameOf, noSuchPlatform, suits, wanted } from "./platforms.ts";
import type { ScanDeps, ScanOptions } from "./ports.ts";
import { failedReport, frame, statusOf } from "./report.ts";
import { scanImages } from "./scan-images.ts";

/** Scans the children of an index: the result is the sum over them, beside the union. */
export async function scanIndex(
	source: ImageSource,
	index: ImageIndex,
	matcher: Matcher,
	options: ScanOptions,
	deps: ScanDeps,
): Promise<Report> {
	const { images, chosen, failed, ...opened } = await openChildren(source, index, options, deps);
	if (chosen === 0) throw noSuchPlatform(source.name, options.platform, index.manifests);
	const scanned = await scanChildren(source, images, matcher, options, deps);
	const reports = [...scanned.reports, ...failed];
	if (options.platform !== "all" && chosen === 1 && reports[0]) return reports[0];
	const warnings = [...opened.warnings, ...scanned.warnings];
	const distinct = distinctFindings(reports);
	return {
		...frame("index", deps),
		artifact: {
			name: source.name,
			digest: index.digest,
			mediaType: index.mediaType,
			platform: "",
			os: null,
			layers: [],
			base: null,
		},
		status: reports.every((report) => report.status === "failed")
			? "failed"
			: reports.some((report) => report.status !== "complete")
				? "partial"
				: statusOf(warnings),
		warnings,
		summary: addSummaries(reports.map((report) => report.summary)),
		findings: [],
		packageCount: reports.reduce((sum, report) => sum + report.packageCount, 0),
		judgedCount: reports.reduce((sum, report) => sum + report.judgedCount, 0),
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
			const failed = failedChild(source.name, descriptor, cause, deps);
			children.warnings.push(...failed.warnings);
			children.failed.push(failed);
		}
	}
	return children;
}

/**
 * Scans the children together. When a layer of one is missing or damaged, each is scanned by itself, so that the others
 * get their results: layers that were read before are read again, unless they are kept.
 */
async function scanChildren(
	source: ImageSource,
	images: readonly OpenedImage[],
	matcher: Matcher,
	options: ScanOptions,
	deps: ScanDeps,
): Promise<{ readonly reports: readonly Report[]; readonly warnings: readonly Warning[] }> {
	try {
		return { reports: await scanImages(source, images, matcher, options, deps), warnings: [] };
	} catch (cause) {
		if (!(cause instanceof EngineError) || deps.signal.aborted || images.length < 2) throw cause;
	}
	const reports: Report[] = [];
	const warnings: Warning[] = [];
	for (const image of images) {
		try {
			reports.push(...(await scanImages(source, [image], matcher, options, deps)));
		} catch (cause) {
			const { digest, mediaType } = image.manifest;
			const child = { digest, mediaType, size: 0, ...(image.platform ? { platform: image.platform } : {}) };
			const failed = failedChild(source.name, child, cause, deps);
			warnings.push(...failed.warnings);
			reports.push(failed);
		}
	}
	return { reports, warnings };
}

/** The report on a child that failed; an error that is not the child's own, or a stop, is thrown on. */
function failedChild(name: string, child: Descriptor, cause: unknown, deps: ScanDeps): Report {
	if (!(cause instanceof EngineError) || deps.signal.aborted) throw cause;
	const message = `${nameOf(child)} could not be scanned: ${cause.message}`;
	return failedReport(name, child, { code: "child_failed", message }, deps);
}
