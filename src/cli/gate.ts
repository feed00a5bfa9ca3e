import { makesPartial, type Report, type Severity, severityRank } from "#model";
import { allFindings, type FilterRequest, isAskedFor } from "./list-filter.ts";

/**
 * `--fail-on`: whether a report passes. A gate that could not look must not pass, so a report that is not complete
 * never does. `--ignore-unfixed` takes findings out of what is judged; `--severity` only chooses what is listed.
 * A finding of unknown severity may be of any: it violates `low`, `negligible` and `unknown`, where nearly
 * everything does, and is told of where it does not count.
 */
export interface GateResult {
	readonly passed: boolean;
	/** One line each, for stderr. */
	readonly remarks: readonly string[];
}

export function judge(report: Report, failOn: Severity, filter: FilterRequest): GateResult {
	const judged = allFindings(report).filter((finding) => isAskedFor(finding, { ...filter, severities: null }));
	const violations = judged.filter((finding) => violates(finding.severity, failOn));
	const remarks: string[] = [];
	if (violations.length > 0) {
		const unlisted = violations.filter((finding) => !isAskedFor(finding, filter)).length;
		const hidden = unlisted > 0 ? ` (${unlisted} not listed, because of --severity)` : "";
		remarks.push(`--fail-on ${failOn}: violated by ${count(violations.length, "finding")}${hidden}.`);
	}
	const incomplete =
		report.status !== "complete" || (report.manifests ?? []).some((child) => child.status !== "complete");
	if (incomplete) {
		remarks.push(
			`--fail-on ${failOn}: the scan is ${report.status === "failed" ? "failed" : "partial"}, and a gate that could not look at everything does not pass: ${firstReason(report)}`,
		);
	}
	const unknown = judged.filter((finding) => finding.severity === "unknown").length;
	if (unknown > 0 && !violates("unknown", failOn)) {
		remarks.push(
			`--fail-on ${failOn}: ${count(unknown, "finding")} of unknown severity did not count; --fail-on low counts them.`,
		);
	}
	return { passed: violations.length === 0 && !incomplete, remarks };
}

function violates(severity: Severity, failOn: Severity): boolean {
	if (severity === "unknown") return severityRank(failOn) >= severityRank("low");
	return failOn === "unknown" || severityRank(severity) <= severityRank(failOn);
}

/** Why a report is not complete: its first reason, and how many more there are. */
export function firstReason(report: Report): string {
	const warnings = [report, ...(report.manifests ?? [])].flatMap((each) => each.warnings).filter(makesPartial);
	const [first, ...more] = new Set(warnings.map((warning) => warning.message));
	if (first === undefined) return "see the report.";
	return more.length === 0 ? first : `${first} (and ${more.length} more)`;
}

function count(number: number, one: string): string {
	return `${number} ${one}${number === 1 ? "" : "s"}`;
}
