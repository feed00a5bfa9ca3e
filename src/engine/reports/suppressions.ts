import type { Finding, Report, Suppression } from "#model";
import { type Part, partsOf } from "./parts.ts";

/** A suppressed finding, and the images that have it. */
export interface SuppressedFinding {
	readonly finding: Finding;
	readonly suppression: Suppression;
	/** Labels of the images. */
	readonly parts: ReadonlySet<string>;
}

/** Suppressed findings of all images, each vulnerability of a package version once a statement. */
export function suppressedFindings(parts: readonly Part[]): readonly SuppressedFinding[] {
	const found = new Map<string, SuppressedFinding & { readonly parts: Set<string> }>();
	for (const { label, report } of parts) {
		for (const finding of report.findings) {
			const { suppressed: suppression, package: pkg, id } = finding;
			if (!suppression) continue;
			const key = JSON.stringify([id, pkg.type, pkg.name, pkg.version, suppression]);
			const known = found.get(key) ?? { finding, suppression, parts: new Set<string>() };
			found.set(key, known);
			known.parts.add(label);
		}
	}
	return [...found.values()];
}

/** Who suppressed the findings that are listed, most findings first. */
export function suppressors(report: Report): readonly string[] {
	const counts = new Map<string, number>();
	for (const part of partsOf(report)) {
		for (const { suppressed } of part.report.findings) {
			if (suppressed) counts.set(suppressed.by, (counts.get(suppressed.by) ?? 0) + 1);
		}
	}
	return [...counts].sort((a, b) => b[1] - a[1]).map(([by]) => by);
}
