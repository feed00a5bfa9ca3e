import { counted, makesPartial, type Report, type Severity, severityRank } from "#model";
import { allFindings, type FilterRequest, isAskedFor } from "./list-filter.ts";

/**
 * `--fail-on`: whether a report passes. A gate that could not look must not pass, so a report that is not complete
 * never does. `--ignore-unfixed` takes findings out of what is judged; `--severity` only chooses what is listed.
 * A finding of unknown severity may be of any, so it does not pass either, unless that is asked for. Suppressed findings
 * pass; how many of them would not have is told.
 */
export interface GateResult {
	readonly passed: boolean;
	/** One line each, for stderr. */
	readonly remarks: readonly string[];
}

export interface GateRequest {
	/** The mildest severity that violates. */
	readonly failOn: Severity;
	/** Findings of unknown severity do not count. */
	readonly passUnknown: boolean;
}

export function judge(report: Report, { failOn, passUnknown }: GateRequest, filter: FilterRequest): GateResult {
	const asked = allFindings(report).filter((finding) => isAskedFor(finding, { ...filter, severities: null }));
	const judged = asked.filter(({ suppressed }) => !suppressed);
	const unknown = judged.filter((finding) => finding.severity === "unknown").length;
	const violations = judged.filter(({ severity }) => severity !== "unknown" && violates(severity, failOn));
	const spared = asked.filter(
		({ suppressed, severity }) => suppressed && (severity === "unknown" ? !passUnknown : violates(severity, failOn)),
	);
	const remarks: string[] = [];
	if (violations.length > 0) {
		const unlisted = violations.filter((finding) => !isAskedFor(finding, filter)).length;
		const hidden = unlisted > 0 ? ` (${unlisted} not listed, because of --severity)` : "";
		remarks.push(`--fail-on ${failOn}: violated by ${counted(violations.length, "finding")}${hidden}.`);
	}
	const incomplete =
		report.status !== "complete" || (report.manifests ?? []).some((child) => child.status !== "complete");
	if (incomplete) {
		remarks.push(
			`--fail-on ${failOn}: the scan is ${report.status === "failed" ? "failed" : "partial"}, and a gate that could not look at everything does not pass: ${firstReason(report)}`,
		);
	}
	if (unknown > 0) remarks.push(`--fail-on ${failOn}: ${ofUnknown(unknown, failOn, passUnknown)}`);
	if (spared.length > 0) {
		const what = counted(
			spared.length,
			"finding that would not pass is suppressed and",
			"findings that would not pass are suppressed and",
		);
		remarks.push(`--fail-on ${failOn}: ${what} did not count.`);
	}
	return { passed: violations.length === 0 && !incomplete && (unknown === 0 || passUnknown), remarks };
}

function violates(severity: Severity, failOn: Severity): boolean {
	return failOn === "unknown" || severityRank(severity) <= severityRank(failOn);
}

function ofUnknown(number: number, failOn: Severity, passUnknown: boolean): string {
	const what = `${counted(number, "finding")} of unknown severity`;
	if (passUnknown) return `${what} did not count, as --pass-unknown asks.`;
	return failOn === "unknown" ? `${what}.` : `${what} may be as bad, so they do not pass; --pass-unknown lets them.`;
}

/** Why a report is not complete: its first reason, and how many more there are. */
export function firstReason(report: Report): string {
	const warnings = [report, ...(report.manifests ?? [])].flatMap((each) => each.warnings).filter(makesPartial);
	const [first, ...more] = new Set(warnings.map((warning) => warning.message));
	if (first === undefined) return "see the report.";
	return more.length === 0 ? first : `${first} (and ${more.length} more)`;
}
