import type { Report, ReportLayer } from "#model";
import { endOfLife } from "./catalogers/os-release/eol.ts";
import type { Matcher } from "./findings.ts";
import { withParentsByNeeds } from "./inventory/parents.ts";
import type { ScanDeps, ScanOptions } from "./ports.ts";
import { reportFrom } from "./report.ts";
import type { SbomTarget } from "./targets.ts";

/** Judges the packages that an SBOM lists, as those of the image that it describes. */
export function scanSbom({ name, sbom }: SbomTarget, matcher: Matcher, options: ScanOptions, deps: ScanDeps): Report {
	const { subject, packages, needs, warnings } = sbom;
	const eol = sbom.os && endOfLife(sbom.os);
	const inventory = {
		os: sbom.os && { ...sbom.os, ...(eol ? { eol } : {}) },
		packages: withParentsByNeeds(packages, needs),
		contentSets: [],
		unread: [],
		warnings,
	};
	const layers = sbom.layers.map(({ digest, diffId }, index): ReportLayer => {
		return { index, digest, diffId, createdBy: "", size: 0 };
	});
	const artifact = { name, digest: subject?.digest ?? "", mediaType: "", platform: "", layers, base: null };
	return reportFrom({ artifact, inventory, warnings: [] }, matcher, options, deps);
}
