import { counted, type Report, type ReportAdvisories } from "#model";
import { ageText, momentText, osText, sizeText } from "../facts.ts";
import { partsOf, shortened } from "../parts.ts";
import { printable } from "../printable.ts";
import { statusSentence } from "../verdict.ts";
import { hanging, named, widthOf } from "./layout.ts";
import { type Style, statusColours } from "./style.ts";

/** What was scanned, with what, and whether all of it was looked at. */
export function renderHeader(report: Report, style: Style): readonly string[] {
	const title = named(printable(report.artifact.name), style.columns).map((line) => style.paint("bold", line));
	const facts = [
		["digest", digestText(report.artifact.digest, style)],
		["platform", platformText(report)],
		["system", systemText(report)],
		["base image", baseText(report)],
		["layers", layersText(report)],
		[
			"scanned",
			`${momentText(report.createdAt)} by ${printable(report.scanner.name)} ${printable(report.scanner.version)}`,
		],
		["advisories", advisoriesText(report.advisories, report.createdAt)],
	] as const;
	const lines = facts.flatMap(([label, text]) => (text ? hanging(`  ${label.padEnd(12)}`, text, style.columns) : []));
	return [...title, ...lines, "", ...renderStatus(report, style)];
}

function renderStatus(report: Report, style: Style): readonly string[] {
	const { status, text } = statusSentence(report);
	const word = status.toUpperCase();
	const [first = "", ...rest] = hanging(`${word}: `, text, style.columns);
	return [style.paint(statusColours[status], word) + first.slice(word.length), ...rest];
}

function digestText(digest: string, style: Style): string {
	const whole = printable(digest);
	return widthOf(whole) + 14 <= style.columns ? whole : shortened(digest);
}

function platformText(report: Report): string {
	if (report.kind === "image") return printable(report.artifact.platform);
	const parts = partsOf(report);
	return parts[0]?.report === report ? "" : parts.map((part) => part.label).join(", ");
}

function systemText(report: Report): string {
	if (report.kind === "index") return "";
	return osText(report);
}

function baseText(report: Report): string {
	const { base } = report.artifact;
	if (base === null) return "";
	return `${printable(base.name)} ${shortened(base.digest)}`.trim();
}

function layersText(report: Report): string {
	const { layers } = report.artifact;
	if (layers.length === 0) return "";
	const bytes = layers.reduce((sum, layer) => sum + layer.size, 0);
	return `${layers.length}, ${sizeText(bytes)} compressed`;
}

function advisoriesText(advisories: ReportAdvisories | null, scannedAt: string): string {
	if (advisories === null) return "none were used";
	const sources = advisories.sources.map((source) => printable(source.ecosystem));
	const built = `built ${momentText(advisories.builtAt)}${ageText(advisories.builtAt, scannedAt)}`;
	const names = sources.length > namedFeeds ? " (plimsoll db status names them)" : `: ${sources.join(", ")}`;
	const from = `from ${counted(sources.length, "feed")}${sources.length > 0 ? names : ""}`;
	const whose = advisories.database === "trivy-db" ? "a trivy-db, " : "";
	return `${whose}${built}, ${shortened(advisories.digest)}, ${from}`;
}

/** More than these fill lines that everybody has to read past. */
const namedFeeds = 5;
