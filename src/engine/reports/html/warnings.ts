import { makesPartial, type Report } from "#model";
import { printable } from "../printable.ts";
import { groupWarnings, type WarningGroup } from "../warning-groups.ts";
import { type Html, html } from "./markup.ts";

/** What was not looked at, for the top of the page, and what is good to know, for its end. */
export function warningsSections(report: Report): { readonly notLookedAt: Html | null; readonly notes: Html | null } {
	const all = groupWarnings(report);
	return {
		notLookedAt: section(
			"Not looked at",
			all.filter((group) => makesPartial(group.warning)),
			"notices",
		),
		notes: section(
			"Good to know",
			all.filter((group) => !makesPartial(group.warning)),
			"notices notes",
		),
	};
}

function section(title: string, groups: readonly WarningGroup[], list: string): Html | null {
	if (groups.length === 0) return null;
	return html`<section class="panel"><h2>${title}</h2>
<ul class="${list}">${groups.map(notice)}</ul></section>
`;
}

/** More places than these are folded away. */
const fewPlaces = 5;

function notice({ warning, places, parts }: WarningGroup): Html {
	const platforms = parts.size === 0 ? null : html` <span class="soft">on ${[...parts].join(", ")}</span>`;
	const items = html`<ul>${[...places].map((place) => html`<li><code>${place}</code></li>`)}</ul>`;
	const folded = html`<details class="more"><summary>${places.size} places</summary>${items}</details>`;
	return html`<li>${printable(warning.message)}${platforms} <code class="code">${warning.code}</code>${places.size === 0 ? null : places.size <= fewPlaces ? items : folded}</li>
`;
}
