import type { Report, ReportAdvisories, WarningCode } from "#model";
import { counted } from "#model";
import { hanging, named, widthOf } from "./layout.ts";
import { partsOf, shortened, worstStatus } from "./parts.ts";
import { printable } from "./printable.ts";
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
	const status = worstStatus(report);
	const failed =
		report.kind === "index"
			? "there is no result for these images: they may be vulnerable or not."
			: "there is no result for this image: it may be vulnerable or not.";
	const words = {
		complete: ["COMPLETE", completeText(report)],
		partial: ["PARTIAL", "not everything was looked at, so there may be more vulnerabilities than are listed."],
		failed: ["FAILED", failed],
	} as const;
	const [word, text] = words[status];
	const [first = "", ...rest] = hanging(`${word}: `, text, style.columns);
	return [style.paint(statusColours[status], word) + first.slice(word.length), ...rest];
}

/** Notes on packages that were recognised and yet not judged, or not by their own advisories. */
const unjudged: readonly WarningCode[] = ["version_unknown", "third_party_packages", "packages_os_owned"];

/** Nothing more than is true: what no cataloger recognises is in no report. */
function completeText(report: Report): string {
	if (report.packageCount === 0) return "no package was recognised, so there was nothing to judge.";
	const warnings = partsOf(report).flatMap((part) => part.report.warnings);
	const isExact = !warnings.some(({ code }) => unjudged.includes(code));
	return `every package that was recognised was judged${isExact ? "" : ', but for those under "Good to know"'}.`;
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

/** `Debian GNU/Linux 12 (bookworm), maintained until 2028-06-30`. */
export function osText(report: Report): string {
	const { os } = report.artifact;
	if (os === null) return report.status === "failed" ? "" : "none was recognised";
	const plain = `${os.id} ${os.versionId}`.trim();
	const pretty = os.prettyName === undefined ? plain : printable(os.prettyName);
	const name = pretty.includes(os.versionId) ? pretty : `${pretty}, release ${os.versionId}`;
	return [printable(name), endOfLifeText(report)].filter((text) => text !== "").join(", ");
}

function endOfLifeText(report: Report): string {
	const eol = report.artifact.os?.eol;
	if (eol === undefined) return "";
	const isOver = printable(eol) <= report.createdAt.slice(0, 10);
	return isOver ? `END OF LIFE since ${printable(eol)}: new fixes do not come` : `maintained until ${printable(eol)}`;
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
	return `${built}, ${shortened(advisories.digest)}, ${from}`;
}

/** More than these fill lines that everybody has to read past. */
const namedFeeds = 5;

function sizeText(bytes: number): string {
	return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** ` (14 hours before the scan)`; empty when the clocks do not fit. */
function ageText(builtAt: string, scannedAt: string): string {
	const hours = (Date.parse(scannedAt) - Date.parse(builtAt)) / 3_600_000;
	if (!(hours >= 0)) return "";
	if (hours < 1) return " (less than an hour before the scan)";
	const age = hours < 48 ? counted(Math.floor(hours), "hour") : counted(Math.floor(hours / 24), "day");
	return ` (${age} before the scan)`;
}

/** `2026-11-23 18:00 UTC`; a text that is no date stays as it is. */
function momentText(moment: string): string {
	const date = new Date(moment);
	return Number.isNaN(date.getTime()) ? printable(moment) : `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
