import {
	type Descriptor,
	formatPlatform,
	makesPartial,
	purlOf,
	type Report,
	type ReportArtifact,
	type ReportPackage,
	type ReportStatus,
	summarise,
	type Warning,
} from "#model";
import { adviceOnAdvisories } from "./advisory-age.ts";
import { catalogers } from "./ecosystems.ts";
import { findingsOf, judgeable, type Matcher } from "./findings.ts";
import type { LayerInventory } from "./inventory/layer-inventory.ts";
import { type Inventory, mergeLayers } from "./inventory/merge.ts";
import type { OpenedImage } from "./open-image.ts";
import type { ScanDeps, ScanOptions } from "./ports.ts";
import { pastEndOfLife, unrecognised } from "./unrecognised.ts";

/** What a report is made from: an image, or a root filesystem (`image` null) as if it were one layer. */
export interface Scanned {
	readonly name: string;
	readonly image: OpenedImage | null;
	/** One a layer, bottom first. */
	readonly inventories: readonly LayerInventory[];
}

/** Judges an image's layers and writes the report on it. */
export function reportOn(scanned: Scanned, matcher: Matcher, options: ScanOptions, deps: ScanDeps): Report {
	const { image, inventories } = scanned;
	const inventory = mergeLayers(inventories, catalogers);
	const artifact = {
		name: scanned.name,
		digest: image?.manifest.digest ?? "",
		mediaType: image?.manifest.mediaType ?? "",
		platform: image?.platform ? formatPlatform(image.platform) : "",
		layers: image?.reportLayers ?? [],
		base: baseOf(image),
	};
	const report = reportFrom(
		{ artifact, inventory, warnings: wrongDiffIds(image, inventories) },
		matcher,
		options,
		deps,
	);
	return unreadable(inventories) ? { ...report, status: "failed" } : report;
}

/** A merged inventory, wherever it comes from. */
export interface Merged {
	readonly artifact: Omit<ReportArtifact, "os">;
	readonly inventory: Inventory;
	/** What is to be said of the artifact besides. */
	readonly warnings: readonly Warning[];
}

/** Judges an inventory and writes the report on it. */
export function reportFrom(merged: Merged, matcher: Matcher, options: ScanOptions, deps: ScanDeps): Report {
	const { artifact, inventory } = merged;
	deps.onEvent({ type: "matching", packages: inventory.packages.length });
	const sorted = judgeable(inventory, deps.advisories, options.osOwned);
	const { findings, warnings } = findingsOf(sorted.judged, inventory.os, artifact.layers, matcher);
	const ecosystems = new Set(sorted.judged.flatMap((entry) => entry.ecosystems));
	const all = [
		...merged.warnings,
		...inventory.warnings,
		...unrecognised(inventory, options.osOwned),
		...pastEndOfLife(inventory.os, deps.clock()),
		...sorted.warnings,
		...warnings,
		...adviceOnAdvisories(deps.advisories, ecosystems, deps.clock()),
	];
	const { name, digest, mediaType, platform, layers, base } = artifact;
	return {
		...frame("image", deps),
		artifact: { name, digest, mediaType, platform, os: inventory.os, layers, base },
		status: statusOf(all),
		warnings: all,
		summary: summarise(findings),
		findings,
		...(options.listPackages ? { packages: inventory.packages.map((pkg) => listed(pkg, inventory)) } : {}),
		packageCount: inventory.packages.length,
		judgedCount: sorted.judged.length,
	};
}

/** The report on a child that could not be opened. */
export function failedReport(name: string, child: Descriptor, why: Warning, deps: ScanDeps): Report {
	const { digest, mediaType, platform } = child;
	return {
		...frame("image", deps),
		artifact: {
			name,
			digest,
			mediaType,
			platform: platform ? formatPlatform(platform) : "",
			os: null,
			layers: [],
			base: null,
		},
		status: "failed",
		warnings: [why],
		summary: summarise([]),
		findings: [],
		packageCount: 0,
		judgedCount: 0,
	};
}

/** `partial` as soon as a warning says that something was not looked at. */
export function statusOf(warnings: readonly Warning[]): ReportStatus {
	return warnings.some(makesPartial) ? "partial" : "complete";
}

/** What every report has, whatever was scanned. */
export function frame(
	kind: Report["kind"],
	deps: ScanDeps,
): Pick<Report, "schemaVersion" | "kind" | "createdAt" | "scanner" | "advisories"> {
	return {
		schemaVersion: "1",
		kind,
		createdAt: deps.clock().toISOString(),
		scanner: { name: "plimsoll", version: deps.version },
		advisories: deps.advisories.snapshot,
	};
}

/** Not one entry of any layer could be read: there is nothing to report on. */
function unreadable(inventories: readonly LayerInventory[]): boolean {
	return inventories.length > 0 && inventories.every((layer) => !layer.complete && layer.entries === 0);
}

function wrongDiffIds(image: OpenedImage | null, inventories: readonly LayerInventory[]): Warning[] {
	return (image?.layers ?? []).flatMap(({ diffId }, layer): Warning[] => {
		const actual = inventories[layer];
		if (!actual?.diffId || actual.diffId === diffId) return [];
		const message = `Layer ${layer} unpacks to ${actual.diffId}, but the image's configuration says ${diffId}; container runtimes refuse such an image.`;
		return [{ code: "diff_id_mismatch", message, layer }];
	});
}

function baseOf(image: OpenedImage | null): Report["artifact"]["base"] {
	const name = image?.manifest.annotations["org.opencontainers.image.base.name"];
	const digest = image?.manifest.annotations["org.opencontainers.image.base.digest"];
	return name || digest ? { name: name ?? "", digest: digest ?? "" } : null;
}

function listed(pkg: Inventory["packages"][number], { os }: Inventory): ReportPackage {
	return { ...pkg, purl: purlOf(pkg, os) };
}
