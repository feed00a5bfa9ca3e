import { counted, type Report, severities } from "#model";
import type { PackageGroup } from "../groups.ts";
import { countedFindings, countsInWords, partsOf, worstStatus } from "../parts.ts";
import { judgedText, nothingFound } from "../verdict.ts";
import { icons } from "./header.ts";
import { type Html, html } from "./markup.ts";

/** How many findings there are, and how bad they are. */
export function summarySection(report: Report, groups: readonly PackageGroup[]): Html | null {
	if (report.status === "failed") return null;
	const { summary } = report;
	if (summary.total === 0) return nothing(report);
	const shown = severities.filter((severity) => summary[severity] > 0);
	const sum = report.kind === "index" ? `summed over ${counted(partsOf(report).length, "platform")}` : "";
	const rows = groups.reduce((count, group) => count + group.rows.length, 0);
	return html`<section class="panel" aria-label="Summary">
<div class="totals">
<div><span class="total">${summary.total}</span><span class="soft">${[summary.total === 1 ? "finding" : "findings", sum].filter(Boolean).join(" ")}; ${judgedText(report)} judged</span></div>
${exploited(report)}
<div><span class="total">${summary.fixable}</span><span class="soft">with a fixed version</span></div>
${summary.suppressed === 0 ? null : html`<div><span class="total">${summary.suppressed}</span><span class="soft">suppressed, not counted</span></div>`}
</div>
<div class="bar" role="img" aria-label="${countsInWords(summary)}">${shown.map((severity) => html`<span class="${severity}">${summary[severity]}</span>`)}</div>
<ul class="legend" aria-hidden="true">${shown.map((severity) => html`<li><i class="${severity}"></i>${summary[severity]} ${severity}</li>`)}</ul>
${summary.unknown === 0 ? null : html`<p class="soft">Unknown: no source rates the severity, it may be of any.</p>`}
${rows === 0 || rows >= summary.total ? null : html`<p class="soft">What ${report.kind === "index" ? "platforms, or packages of one source," : "packages of one source"} share is listed once below.</p>`}
${filtered(report)}
</section>
`;
}

function nothing(report: Report): Html {
	const icon = icons[worstStatus(report)];
	const isClean = worstStatus(report) === "complete" && report.judgedCount > 0;
	return html`<section class="panel" aria-label="Summary"><p class="none">${isClean ? icon : null}<span>${nothingFound(report)}</span></p></section>
`;
}

/** Of what is listed: what a filter hides is not known here. */
function exploited(report: Report): Html | null {
	const known = countedFindings(partsOf(report)).filter((finding) => finding.kev);
	if (known.length === 0) return null;
	const ransomware = known.some((finding) => finding.kev?.ransomware) ? ", in ransomware too" : "";
	return html`<div class="kev-count"><span class="total">${known.length}</span><span class="soft">known to be exploited${ransomware}</span></div>`;
}

function filtered({ filter, summary }: Report): Html | null {
	if (filter === undefined || (filter.severities === null && !filter.fixableOnly)) return null;
	const asked = [
		...(filter.severities === null ? [] : [`of severity ${filter.severities.join(", ")}`]),
		...(filter.fixableOnly ? ["with a fixed version"] : []),
	].join(" and ");
	return html`<p><b>Listed below: ${summary.total - filter.hidden} of ${counted(summary.total, "finding")}, only those ${asked}.</b></p>`;
}

/** The widths of the bar's pieces: rules in the style sheet, because the policy forbids style attributes. */
export function barStyle({ summary }: Report): string {
	return severities.map((severity) => `.bar .${severity}{flex-grow:${summary[severity]}}\n`).join("");
}
