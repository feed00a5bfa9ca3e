import { counted, type Report, type Severity, type Summary, severities } from "#model";
import type { PackageGroup } from "../groups.ts";
import { countedFindings, countsInWords, partsOf, worstStatus } from "../parts.ts";
import { printable } from "../printable.ts";
import { suppressors } from "../suppressions.ts";
import { judgedText, nothingFound } from "../verdict.ts";
import { hanging, padStart } from "./layout.ts";
import { type Style, severityColours } from "./style.ts";

/** How many findings there are, and how bad they are. */
export function renderCounts(report: Report, groups: readonly PackageGroup[], style: Style): readonly string[] {
	if (report.status === "failed") return [];
	const { summary } = report;
	if (summary.total === 0) return [...hanging("", nothingFound(report), style.columns), ""];
	const exploited = exploitedText(report);
	const rows = groups.reduce((sum, group) => sum + group.rows.length, 0);
	const isWhole = rows > 0 && listedIn(report) === summary.total;
	const where = isWhole ? ` in ${counted(groups.length, "package")}` : "";
	const images = partsOf(report).length;
	const sum = report.kind === "index" ? ` summed over ${counted(images, "platform")}` : "";
	const headline = `${counted(summary.total, "finding")}${sum}${where}; ${judgedText(report)} judged`;
	return [
		...hanging("", headline, style.columns),
		...bars(report, style),
		...(exploited === "" ? [] : hanging("  ", exploited, style.columns).map((line) => style.paint("bold", line))),
		...hanging("  ", `${fixableText(summary)}${unknownText(summary)}${sharedText(report, rows)}`, style.columns),
		"",
	];
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

/** Of what is listed: what a filter hides is not known here. */
function exploitedText(report: Report): string {
	const exploited = countedFindings(partsOf(report)).filter((finding) => finding.kev);
	if (exploited.length === 0) return "";
	const ransomware = exploited.some((finding) => finding.kev?.ransomware);
	const them = (report.filter?.hidden ?? 0) > 0 ? "those listed" : "them";
	const isOne = exploited.length === 1;
	return `${exploited.length} of ${them} ${isOne ? "is" : "are"} known to be exploited (KEV)${ransomware ? ", in ransomware too" : ""}.`;
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

/** Findings that somebody said do not count; they are in no list and no number above. */
export function renderSuppressed(report: Report, style: Style): readonly string[] {
	const { suppressed } = report.summary;
	if (suppressed === 0) return [];
	const by = suppressors(report).map(printable);
	const who = by.length === 0 ? "" : ` (by ${by.join(", ")})`;
	return hanging(
		"",
		`${counted(suppressed, "finding")} ${suppressed === 1 ? "is" : "are"} suppressed${who}.`,
		style.columns,
	);
}

/** The last line: whoever scrolled to the end knows how it went. */
export function renderResult(report: Report, style: Style): readonly string[] {
	if (report.status === "failed" || report.summary.total === 0) return [];
	const status = worstStatus(report);
	const unsure = status === "complete" ? "" : ` PARTIAL: not everything was looked at, see "Not looked at" above.`;
	const { summary, filter } = report;
	const hidden = filter !== undefined && filter.hidden > 0 ? ` (${filter.hidden} not listed)` : "";
	const sum = report.kind === "index" ? " over all platforms" : "";
	const exploited = countedFindings(partsOf(report)).filter((finding) => finding.kev).length;
	const kev = exploited === 0 ? "" : `; ${exploited} known to be exploited`;
	const text = `${counted(summary.total, "finding")}${sum}${hidden}: ${countsInWords(summary)}; ${summary.fixable} with a fixed version${kev}.${unsure}`;
	return hanging("", text, style.columns).map((line) => style.paint("bold", line));
}

function listedIn(report: Report): number {
	return countedFindings(partsOf(report)).length;
}
