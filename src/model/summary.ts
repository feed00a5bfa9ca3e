import type { Finding } from "./finding.ts";
import type { Report, Summary } from "./report.ts";
import { severities } from "./severity.ts";

const zero: Summary = {
	critical: 0,
	high: 0,
	medium: 0,
	low: 0,
	negligible: 0,
	unknown: 0,
	total: 0,
	fixable: 0,
	suppressed: 0,
};
const counted = [...severities, "total", "fixable", "suppressed"] as const;

/** Counts findings by severity; each finding once. Suppressed ones are counted apart, and in nothing else. */
export function summarise(findings: readonly Finding[]): Summary {
	const counts = { ...zero };
	for (const finding of findings) {
		if (finding.suppressed) {
			counts.suppressed += 1;
			continue;
		}
		counts[finding.severity] += 1;
		counts.total += 1;
		if (finding.fixedVersion !== null) counts.fixable += 1;
	}
	return counts;
}

/** The sum over an index's children. */
export function addSummaries(summaries: readonly Summary[]): Summary {
	const sum = { ...zero };
	for (const summary of summaries) for (const field of counted) sum[field] += summary[field];
	return sum;
}

/** Findings of all children, each vulnerability of a package version once, whatever the platform. */
export function distinctFindings(reports: readonly Report[]): readonly Finding[] {
	const distinct = new Map<string, Finding>();
	for (const report of reports) {
		for (const finding of report.findings) {
			const { type, name, version } = finding.package;
			const key = [type, name, version, finding.id].join("\0");
			if (!distinct.has(key)) distinct.set(key, finding);
		}
	}
	return [...distinct.values()];
}
