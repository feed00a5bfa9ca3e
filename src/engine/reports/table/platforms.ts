import { counted, type Report, type ReportStatus, type Severity, type Summary, severities } from "#model";
import { osText } from "../facts.ts";
import { countsInWords, partsOf, worstStatus } from "../parts.ts";
import { type Cell, hanging, row, widthOf } from "./layout.ts";
import { type Style, severityColours, statusColours } from "./style.ts";

/** The children of an index, one line each, then their sum and their union, both with their names. */
export function renderPlatforms(report: Report, style: Style): readonly string[] {
	const parts = partsOf(report);
	if (report.kind !== "index" || parts[0]?.report === report) return [];
	const status = worstStatus(report);
	const lines: readonly Line[] = [
		...parts.map((part) => ({ label: part.label, status: part.report.status, summary: part.report.summary })),
		{ label: "sum", status, summary: report.summary },
		...(report.unionSummary ? [{ label: "union", status, summary: report.unionSummary }] : []),
	];
	if (style.columns < tableWidth)
		return [...lines.flatMap((line) => sentence(line, style)), ...systems(report, style), ""];
	const labelWidth = Math.min(
		Math.max(8, ...lines.map((line) => widthOf(line.label))),
		Math.max(12, style.columns - 68),
	);
	const head: Cell[] = [
		{ text: "platform", width: labelWidth },
		{ text: "status", width: 8 },
		...columns.map(({ head: text }) => ({ text, width: text.length, align: "right" as const })),
	];
	const body = lines.flatMap((line) => {
		const isTotal = line.label === "sum" || line.label === "union";
		const name = { text: line.label, width: labelWidth };
		return row([isTotal ? { ...name, paint: bold(style) } : name, ...cells(line, style)], 2);
	});
	return [
		...row(head, 2).map((text) => style.paint("dim", text)),
		...body,
		...legend(report, lines, style),
		...systems(report, style),
		"",
	];
}

interface Line {
	readonly label: string;
	readonly status: ReportStatus;
	readonly summary: Summary;
}

const columns = [
	{ head: "crit", key: "critical" },
	{ head: "high", key: "high" },
	{ head: "medium", key: "medium" },
	{ head: "low", key: "low" },
	{ head: "negl", key: "negligible" },
	{ head: "unkn", key: "unknown" },
	{ head: "total", key: "total" },
	{ head: "fixable", key: "fixable" },
] as const;

function cells(line: Line, style: Style): readonly Cell[] {
	const numbers = columns.map(({ head, key }): Cell => {
		const count = line.summary[key];
		const cell: Cell = { text: numberText(line, count), width: head.length, align: "right" };
		return isSeverity(key) && count > 0 ? { ...cell, paint: (text) => style.paint(severityColours[key], text) } : cell;
	});
	return [{ text: line.status, width: 8, paint: (text) => style.paint(statusColours[line.status], text) }, ...numbers];
}

/** The least width in which the numbers fit side by side. */
const tableWidth = 80;

function sentence(line: Line, style: Style): readonly string[] {
	const found =
		line.summary.total > 0 ? `${counted(line.summary.total, "finding")} (${countsInWords(line.summary)})` : "";
	const nothing = line.status === "complete" ? "no findings" : "";
	return hanging("  ", [`${line.label}: ${line.status}`, found || nothing].filter(Boolean).join(", "), style.columns);
}

/** Of an image that was not wholly looked at, a zero is not known: it is never printed. */
function numberText(line: Line, count: number): string {
	return count > 0 || line.status === "complete" ? String(count) : "-";
}

function legend(report: Report, lines: readonly Line[], style: Style): readonly string[] {
	const texts = ["sum: every platform's findings added up; union: each finding once, however many platforms have it."];
	if (report.unionSummary === undefined) texts[0] = "sum: every platform's findings added up.";
	if (lines.some((line) => line.status !== "complete")) {
		texts.push("-: nothing found, but not everything was looked at.");
	}
	return texts.flatMap((text) => hanging("  ", text, style.columns).map((line) => style.paint("dim", line)));
}

/** One line when all children have the same system, else one line each. */
function systems(report: Report, style: Style): readonly string[] {
	const byText = new Map<string, string[]>();
	for (const part of partsOf(report)) {
		const text = osText(part.report);
		if (text === "") continue;
		byText.set(text, [...(byText.get(text) ?? []), part.label]);
	}
	return [...byText].flatMap(([text, labels]) => {
		const where = byText.size === 1 ? "" : `${labels.join(", ")}: `;
		return hanging("  ", `${byText.size === 1 ? "system: " : ""}${where}${text}`, style.columns);
	});
}

function isSeverity(key: string): key is Severity {
	return (severities as readonly string[]).includes(key);
}

function bold(style: Style): (text: string) => string {
	return (text) => style.paint("bold", text);
}
