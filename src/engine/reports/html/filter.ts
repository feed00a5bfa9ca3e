import { type Severity, severities } from "#model";
import { type Html, html } from "./markup.ts";

/**
 * Filters without a script: what is not ticked is hidden by the style sheet (`:has`). A browser that does not know
 * `:has` shows neither the boxes nor an effect: everything stays visible.
 */
export function filters(present: readonly Severity[], hasExploited: boolean, hasUnfixed: boolean): Html {
	return html`<fieldset class="filters"><legend>Show</legend>${present.map((severity) => html`<label><input type="checkbox" id="show-${severity}" checked> ${severity}</label>`)}${hasExploited ? html`<label><input type="checkbox" id="only-kev"> known exploited only</label>` : null}${hasUnfixed ? html`<label><input type="checkbox" id="only-fixable"> with a fix only</label>` : null}</fieldset>
`;
}

/** Classes of a group and of a row, for the rules below. */
export function groupClasses(counts: Readonly<Record<Severity, number>>, exploited: number, fixable: number): string {
	const present = severities.filter((severity) => counts[severity] > 0).map((severity) => `has-${severity}`);
	return [...present, ...(exploited > 0 ? ["has-kev"] : []), ...(fixable > 0 ? ["has-fix"] : [])].join(" ");
}

export function rowClasses(severity: Severity, isExploited: boolean, isFixable: boolean): string {
	return [`is-${severity}`, ...(isExploited ? ["has-kev"] : []), ...(isFixable ? ["has-fix"] : [])].join(" ");
}

const bySeverity = severities
	.map(
		(severity) => `body:has(#show-${severity}:not(:checked)) tr.is-${severity}{display:none}
body:has(#show-${severity}:checked) .group.has-${severity}{display:block}
`,
	)
	.join("");

/** A group is shown as soon as one of its severities is. */
export const filterStyle = `@supports selector(:has(*)){
.filters{display:flex}
body:has(.filters) .group{display:none}
${bySeverity}body:has(#only-kev:checked) :is(.group,.group tbody tr):not(.has-kev){display:none}
body:has(#only-fixable:checked) :is(.group,.group tbody tr):not(.has-fix){display:none}
@media print{body:has(.filters) .group,body:has(.filters) .group tbody tr{display:revert}}
}
`;
