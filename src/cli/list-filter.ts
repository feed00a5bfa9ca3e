import type { Finding, Report, Severity } from "#model";
import type { ListFilter } from "./context.ts";

export interface FilterRequest {
	/** Null: all. */
	readonly severities: readonly Severity[] | null;
	readonly fixableOnly: boolean;
}

/**
 * Takes findings out of a report's lists, its children's included. The summaries still count everything: a filter
 * must not make an image look better. The filter is null when nothing was asked for.
 */
export function filterReport(
	report: Report,
	request: FilterRequest,
): { readonly report: Report; readonly filter: ListFilter | null } {
	if (request.severities === null && !request.fixableOnly) return { report, filter: null };
	const filtered = filterLists(report, request);
	const hidden = allFindings(report).length - allFindings(filtered).length;
	return { report: filtered, filter: { ...request, hidden } };
}

function filterLists(report: Report, request: FilterRequest): Report {
	const findings = report.findings.filter((finding) => isAskedFor(finding, request));
	if (report.manifests === undefined) return { ...report, findings };
	return { ...report, findings, manifests: report.manifests.map((child) => filterLists(child, request)) };
}

export function isAskedFor(finding: Finding, { severities, fixableOnly }: FilterRequest): boolean {
	if (fixableOnly && finding.fixedVersion === null) return false;
	return severities === null || severities.includes(finding.severity);
}

/** The findings of an image, or of all children of an index. */
export function allFindings(report: Report): readonly Finding[] {
	return [...report.findings, ...(report.manifests ?? []).flatMap(allFindings)];
}
