import { type Report, type ReportStatus, type Summary, severities } from "#model";
import { osText } from "../facts.ts";
import { partsOf, worstStatus } from "../parts.ts";
import { type Html, html } from "./markup.ts";

/** The children of an index, one line each, then their sum and their union, both with their names. */
export function platformsSection(report: Report): Html | null {
	const parts = partsOf(report);
	if (report.kind !== "index" || parts[0]?.report === report) return null;
	const status = worstStatus(report);
	const columns = [...severities, "total", "fixable"] as const;
	const children = parts.map((part) => line(part.label, part.report.status, part.report.summary, osText(part.report)));
	const totals = [
		line("sum", status, report.summary, "every platform's findings added up"),
		...(report.unionSummary
			? [line("union", status, report.unionSummary, "each finding once, however many platforms have it")]
			: []),
	];
	return html`<section class="panel"><h2>Platforms</h2>
<div class="scroll"><table class="platforms"><thead><tr><th scope="col">Platform</th><th scope="col">Status</th>${columns.map((name) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${children}</tbody><tbody>${totals.map((total) => html`${total}`)}</tbody></table></div>
${status === "complete" ? null : html`<p class="soft">–: nothing found, but not everything was looked at.</p>`}
</section>
`;
}

function line(label: string, status: ReportStatus, summary: Summary, note: string): Html {
	const counts = [...severities.map((severity) => summary[severity]), summary.total, summary.fixable];
	const isTotal = label === "sum" || label === "union";
	// Of an image that was not wholly looked at, a zero is not known: it is never printed.
	const numbers = counts.map(
		(count) => html`<td class="number">${count > 0 || status === "complete" ? count : "–"}</td>`,
	);
	return html`<tr${isTotal ? { html: ' class="sum"' } : ""}><td>${label}<div class="soft">${note}</div></td><td>${status}</td>${numbers}</tr>
`;
}
