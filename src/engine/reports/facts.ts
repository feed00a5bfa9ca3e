import type { Report } from "#model";
import { counted } from "#model";
import { printable } from "./printable.ts";

/** `Debian GNU/Linux 12 (bookworm), maintained until 2028-06-30`; printable. */
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
	return isEndOfLife(report)
		? `END OF LIFE since ${printable(eol)}: new fixes do not come`
		: `maintained until ${printable(eol)}`;
}

/** Whether the operating system's maintenance was over when the report was made. */
export function isEndOfLife(report: Report): boolean {
	const eol = report.artifact.os?.eol;
	return eol !== undefined && printable(eol) <= report.createdAt.slice(0, 10);
}

export function sizeText(bytes: number): string {
	return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** ` (14 hours before the scan)`; empty when the clocks do not fit. */
export function ageText(builtAt: string, scannedAt: string): string {
	const hours = (Date.parse(scannedAt) - Date.parse(builtAt)) / 3_600_000;
	if (!(hours >= 0)) return "";
	if (hours < 1) return " (less than an hour before the scan)";
	const age = hours < 48 ? counted(Math.floor(hours), "hour") : counted(Math.floor(hours / 24), "day");
	return ` (${age} before the scan)`;
}

/** `2026-11-23 18:00 UTC`; a text that is no date stays as it is. */
export function momentText(moment: string): string {
	const date = new Date(moment);
	return Number.isNaN(date.getTime()) ? printable(moment) : `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
