import type { Finding, Report, ReportFilter } from "#model";

export type FilterRequest = Omit<ReportFilter, "hidden">;

/**
 * Takes findings out of a report's lists, its children's included, and says so in the report. The summaries still
 * count everything: a filter must not make an image look better. Suppressed findings stay in the lists: they tell who
 * suppressed what. Nothing was asked for: the report as it is.
 */
export function filterReport(report: Report, request: FilterRequest): Report {
	if (request.severities === null && !request.fixableOnly) return report;
	const filtered = filterLists(report, request);
	const hidden = allFindings(report).length - allFindings(filtered).length;
	return { ...filtered, filter: { ...request, hidden } };
}

function filterLists(report: Report, request: FilterRequest): Report {
	const findings = report.findings.filter((finding) => finding.suppressed || isAskedFor(finding, request));
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
