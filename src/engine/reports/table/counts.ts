import { counted, type Report, type Severity, type Summary, severities } from "#model";
import type { PackageGroup } from "./groups.ts";
import { hanging, padStart } from "./layout.ts";
import { countsInWords, partsOf, worstStatus } from "./parts.ts";
import { type Style, severityColours } from "./style.ts";

/**
 * How many findings there are, and how bad they are. "None" is only said of a complete report with packages in it:
 * anything else says what was looked at.
 */
export function renderCounts(report: Report, groups: readonly PackageGroup[], style: Style): readonly string[] {
	if (report.status === "failed") return [];
	const { summary } = report;
	if (summary.total === 0) return [...hanging("", nothingFound(report), style.columns), ""];
	const rows = groups.reduce((sum, group) => sum + group.rows.length, 0);
	const isWhole = rows > 0 && listedIn(report) === summary.total;
	const where = isWhole ? ` in ${counted(groups.length, "package")}` : "";
	const images = partsOf(report).length;
	const sum = report.kind === "index" ? ` summed over ${counted(images, "platform")}` : "";
	const headline = `${counted(summary.total, "finding")}${sum}${where}; ${judgedText(report)} judged`;
	return [
		...hanging("", headline, style.columns),
		...bars(report, style),
		...hanging("  ", `${fixableText(summary)}${unknownText(summary)}${sharedText(report, rows)}`, style.columns),
		"",
	];
}

function nothingFound(report: Report): string {
	if (worstStatus(report) === "complete") {
		if (report.packageCount === 0)
			return "No packages were found, so there was nothing to compare with the advisories.";
		return report.judgedCount === 0
			? `${noneJudged(report)} See "Good to know".`
			: `No known vulnerabilities in ${judgedText(report)}.`;
	}
	if (report.packageCount === 0) return "No packages could be looked at. This is not a clean result.";
	const what =
		report.judgedCount === 0 ? noneJudged(report) : `Nothing was found in the ${judgedText(report)} that were judged.`;
	return `${what} This is not a clean result: see "Not looked at".`;
}

function noneJudged({ packageCount }: Report): string {
	return packageCount === 1
		? "The one package that was found was not judged."
		: `None of the ${packageCount} packages was judged.`;
}

/** `12 packages`, or `10 of 12 packages` when some could not be held against advisories. */
function judgedText({ judgedCount, packageCount }: Report): string {
	const found = counted(packageCount, "package");
	return judgedCount === packageCount ? found : `${judgedCount} of ${found}`;
}

function bars(report: Report, style: Style): readonly string[] {
	const { summary } = report;
	const isComplete = worstStatus(report) === "complete";
	const digits = String(Math.max(...severities.map((severity) => summary[severity]))).length;
	const longest = Math.max(...severities.map((severity) => summary[severity]));
	const room = Math.min(40, style.columns - digits - 16);
	return severities
		.filter((severity) => summary[severity] > 0 || (isComplete && alwaysShown.includes(severity)))
		.map((severity) => {
			const length = summary[severity] === 0 ? 0 : Math.max(1, Math.round((summary[severity] / longest) * room));
			const bar = style.paint(severityColours[severity], style.glyphs.bar.repeat(length));
			return `  ${severity.padEnd(10)}  ${padStart(String(summary[severity]), digits)}  ${bar}`.trimEnd();
		});
}

const alwaysShown: readonly Severity[] = ["critical", "high", "medium", "low"];

function fixableText(summary: Summary): string {
	if (summary.fixable === 0) return "None of them has a fixed version yet.";
	if (summary.fixable === summary.total) return "All of them have a fixed version.";
	return `${summary.fixable} of them ${summary.fixable === 1 ? "has" : "have"} a fixed version.`;
}

/** A column of zeros above a long bar of unknowns must not read as harmless. */
function unknownText(summary: Summary): string {
	if (summary.unknown === 0) return "";
	const many = `${summary.unknown} ${summary.unknown === 1 ? "is" : "are"} of unknown severity`;
	return ` ${many}: no source rates ${summary.unknown === 1 ? "it, it" : "them, they"} may be of any.`;
}

/** Why the lines that follow are fewer than the findings. */
function sharedText(report: Report, rows: number): string {
	if (rows === 0 || rows >= listedIn(report)) return "";
	const by = report.kind === "index" ? "platforms, or packages of one source," : "packages of one source";
	return ` What ${by} share is listed once.`;
}

/** Says what is not listed and why, before the list. */
export function renderFilter(report: Report, style: Style): readonly string[] {
	const { filter } = report;
	if (filter === undefined || (filter.severities === null && !filter.fixableOnly) || report.summary.total === 0)
		return [];
	const asked = [
		...(filter.severities === null ? [] : [`of severity ${filter.severities.join(", ")}`]),
		...(filter.fixableOnly ? ["with a fixed version"] : []),
	].join(" and ");
	const { total } = report.summary;
	const text = `Listed below: ${total - filter.hidden} of ${counted(total, "finding")}, only those ${asked}; ${filter.hidden} filtered out.`;
	return [...hanging("", text, style.columns).map((line) => style.paint("bold", line)), ""];
}

/** The last line: whoever scrolled to the end knows how it went. */
export function renderResult(report: Report, style: Style): readonly string[] {
	if (report.status === "failed" || report.summary.total === 0) return [];
	const status = worstStatus(report);
	const unsure = status === "complete" ? "" : ` PARTIAL: not everything was looked at, see "Not looked at" above.`;
	const { summary, filter } = report;
	const hidden = filter !== undefined && filter.hidden > 0 ? ` (${filter.hidden} not listed)` : "";
	const sum = report.kind === "index" ? " over all platforms" : "";
	const text = `${counted(summary.total, "finding")}${sum}${hidden}: ${countsInWords(summary)}; ${summary.fixable} with a fixed version.${unsure}`;
	return hanging("", text, style.columns).map((line) => style.paint("bold", line));
}

function listedIn(report: Report): number {
	return partsOf(report).reduce((sum, part) => sum + part.report.findings.length, 0);
}
