import { type Finding, type Report, type ReportStatus, type Summary, severities } from "#model";
import { printable } from "./printable.ts";

/** One image of what was scanned: the image itself, or one child of an index. */
export interface Part {
	/** The platform, made unique: what stands beside a line that does not hold for every child. */
	readonly label: string;
	readonly report: Report;
}

/** The images that a report speaks of. An index whose children are not there stands for itself. */
export function partsOf(report: Report): readonly Part[] {
	const children = report.kind === "index" && report.manifests ? report.manifests : [];
	if (children.length === 0) return [{ label: labelOf(report), report }];
	const labels = children.map(labelOf);
	return children.map((child, index) => {
		const label = labels[index] ?? "";
		const unique = labels.indexOf(label) === labels.lastIndexOf(label);
		return { label: unique ? label : `${label} ${shortened(child.artifact.digest)}`, report: child };
	});
}

function labelOf(report: Report): string {
	return printable(report.artifact.platform) || shortened(report.artifact.digest);
}

/** `sha256:` and twelve digits; any other text as it is. */
export function shortened(digest: string): string {
	const match = /^([a-z0-9]+:[0-9a-f]{12})[0-9a-f]+$/.exec(digest);
	return match?.[1] ?? printable(digest);
}

/** The worst status of a report and its children: a sum is no better known than its parts. */
export function worstStatus(report: Report): ReportStatus {
	const all = [report, ...(report.manifests ?? [])].map((each) => each.status);
	if (report.status === "failed") return "failed";
	return all.every((status) => status === "complete") ? "complete" : "partial";
}

/** The findings that count, of all images. */
export function countedFindings(parts: readonly Part[]): readonly Finding[] {
	return parts.flatMap(({ report }) => report.findings.filter((finding) => !finding.suppressed));
}

/** `2 critical, 9 high`: the severities that occur, worst first. */
export function countsInWords(summary: Pick<Summary, (typeof severities)[number]>): string {
	return severities
		.filter((severity) => summary[severity] > 0)
		.map((severity) => `${summary[severity]} ${severity}`)
		.join(", ");
}
