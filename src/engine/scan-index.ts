import { addSummaries, distinctFindings, type Report, summarise } from "#model";
import type { Matcher } from "./findings.ts";
import type { ScanDeps, ScanOptions } from "./ports.ts";
import type { IndexContents } from "./read-index.ts";
import { failedReport, frame, reportOn, statusOf } from "./report.ts";

/** The report on an index: the sum over its children, beside the union. One child that was asked for by platform stands for itself. */
export function reportOnIndex(
	name: string,
	index: IndexContents,
	matcher: Matcher,
	options: ScanOptions,
	deps: ScanDeps,
): Report {
	const reports = index.children.map((child) =>
		child.kind === "read"
			? reportOn(child.contents, matcher, options, deps)
			: failedReport(name, child.child, child.why, deps),
	);
	if (options.platform !== "all" && index.chosen === 1 && reports[0]) return reports[0];
	const { digest, mediaType, warnings } = index;
	return {
		...frame("index", deps),
		artifact: { name, digest, mediaType, platform: "", os: null, layers: [], base: null },
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
		unionSummary: summarise(distinctFindings(reports)),
	};
}
