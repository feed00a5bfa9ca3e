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
import { findingsOf, judgeable, type Matcher } from "./findings.ts";
import type { ImageContents } from "./image-contents.ts";
import type { Inventory } from "./inventory/merge.ts";
import type { ScanDeps, ScanOptions } from "./ports.ts";
import { pastEndOfLife, unrecognised } from "./unrecognised.ts";

/** Judges what was read of an image and writes the report on it. */
export function reportOn(contents: ImageContents, matcher: Matcher, options: ScanOptions, deps: ScanDeps): Report {
	const report = reportFrom(contents, matcher, options, deps);
	return contents.unreadable ? { ...report, status: "failed" } : report;
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
		...warningsOn(merged, options.osOwned),
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

/** What is to be said of an image whatever the advisories say. */
export function warningsOn(
	{ inventory, warnings }: Pick<Merged, "inventory" | "warnings">,
	osOwned: ScanOptions["osOwned"],
): readonly Warning[] {
	return [...warnings, ...inventory.warnings, ...unrecognised(inventory, osOwned)];
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

function listed(pkg: Inventory["packages"][number], { os }: Inventory): ReportPackage {
	return { ...pkg, purl: purlOf(pkg, os) };
}
