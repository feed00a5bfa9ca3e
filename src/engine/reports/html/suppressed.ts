import { linkOf } from "../links.ts";
import type { Part } from "../parts.ts";
import { printable } from "../printable.ts";
import { type SuppressedFinding, suppressedFindings } from "../suppressions.ts";
import { type Html, html } from "./markup.ts";
import { severityChip } from "./row.ts";

/** Findings that somebody said do not count, and who and why; folded away, because they ask for nothing. */
export function suppressedSection(parts: readonly Part[]): Html | null {
	const all = suppressedFindings(parts);
	if (all.length === 0) return null;
	return html`<section class="panel"><details class="fold"><summary><h2>Suppressed (${all.length})</h2></summary>
<p class="soft">These are in no number above.</p>
<div class="scroll"><table><thead><tr><th scope="col">Severity</th><th scope="col">Vulnerability</th><th scope="col">Package</th><th scope="col">As</th><th scope="col">Why, and who says so</th></tr></thead>
<tbody>${all.map((each) => row(each, parts.length))}</tbody></table></div></details></section>
`;
}

function row({ finding, suppression, parts }: SuppressedFinding, all: number): Html {
	const { id, severity, package: pkg } = finding;
	const { by, reason, status, justification, owner, expires } = suppression;
	const facts = [
		`by ${by}`,
		...(justification === undefined ? [] : [justification.replaceAll("_", " ")]),
		...(owner === undefined ? [] : [`owner ${owner}`]),
		...(expires === undefined ? [] : [`until ${expires}`]),
		...(parts.size < all ? [`only on ${[...parts].join(", ")}`] : []),
	];
	return html`<tr><td>${severityChip(severity)}</td><td><a class="mono" rel="noreferrer noopener" href="${linkOf(id)}">${printable(id)}</a></td><td>${printable(pkg.name)} <span class="mono">${printable(pkg.version)}</span></td><td>${status.replace("_", " ")}</td><td>${printable(reason)}<div class="soft">${printable(facts.join("; "))}</div></td></tr>
`;
}
