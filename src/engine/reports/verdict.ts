import { counted, type Report, type ReportStatus, type WarningCode } from "#model";
import { partsOf, worstStatus } from "./parts.ts";

/** What a report says for itself, in a sentence: `status` and what it means. */
export function statusSentence(report: Report): { readonly status: ReportStatus; readonly text: string } {
	const failed =
		report.kind === "index"
			? "there is no result for these images: they may be vulnerable or not."
			: "there is no result for this image: it may be vulnerable or not.";
	const texts: Readonly<Record<ReportStatus, string>> = {
		complete: completeText(report),
		partial: "not everything was looked at, so there may be more vulnerabilities than are listed.",
		failed,
	};
	const status = worstStatus(report);
	return { status, text: texts[status] };
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

/** The sentence in place of the counts, when no finding counts. "None" is only said of a complete report with packages. */
export function nothingFound(report: Report): string {
	if (worstStatus(report) === "complete") {
		if (report.packageCount === 0)
			return "No packages were found, so there was nothing to compare with the advisories.";
		if (report.judgedCount === 0) return `${noneJudged(report)} See "Good to know".`;
		return report.summary.suppressed === 0
			? `No known vulnerabilities in ${judgedText(report)}.`
			: `No finding is left in ${judgedText(report)}: ${report.summary.suppressed} suppressed.`;
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
export function judgedText({ judgedCount, packageCount }: Report): string {
	const found = counted(packageCount, "package");
	return judgedCount === packageCount ? found : `${judgedCount} of ${found}`;
}
