import { type Severity, severities } from "#model";
import type { PackageGroup } from "../groups.ts";
import { printable } from "../printable.ts";
import { type NewestVersion, type Upgrade, upgradesOf } from "../upgrades.ts";
import { type Html, html } from "./markup.ts";

/** More than these is a list again. */
const shownUpgrades = 10;
/** So few packages are seen at a glance. */
const fewGroups = 2;

/** What to do first: the packages whose fixes matter most. */
export function upgradesSection(groups: readonly PackageGroup[], newest: NewestVersion | undefined): Html | null {
	const upgrades = upgradesOf(groups, newest);
	if (groups.length <= fewGroups || upgrades.length === 0) return null;
	const shown = upgrades.slice(0, shownUpgrades);
	const rest = upgrades.length - shown.length;
	return html`<section class="panel"><h2>Upgrade first</h2>
<table class="upgrade"><thead><tr><th scope="col">#</th><th scope="col">Package</th><th scope="col">From</th><th scope="col">To at least</th><th scope="col">Mends</th></tr></thead>
<tbody>${shown.map((upgrade, index) => row(upgrade, index + 1))}</tbody></table>
${rest === 0 ? null : html`<p class="soft">${rest} more ${rest === 1 ? "package has a fix" : "packages have fixes"}, see below.</p>`}
</section>
`;
}

function row(upgrade: Upgrade, place: number): Html {
	const { name, type, from, to } = upgrade;
	return html`<tr><td>${place}</td><td><b>${printable(name)}</b> <span class="chip plain">${printable(type)}</span></td><td class="mono">${printable(from)}</td><td class="mono to">${to === null ? "several, see below" : printable(to)}</td><td>${mendedChips(upgrade)}</td></tr>
`;
}

/** The severities that decide, and how many more there are. */
function mendedChips({ counts, exploited }: Upgrade): Html {
	const present = severities.filter((severity) => counts.has(severity));
	const shown = present.slice(0, shownSeverities);
	const rest = present.slice(shownSeverities).reduce((sum, severity) => sum + (counts.get(severity) ?? 0), 0);
	const few = new Map(shown.map((severity) => [severity, counts.get(severity) ?? 0]));
	return html`${chips({ counts: few, exploited })}${rest === 0 ? null : html` <span class="soft">and ${rest} more</span>`}`;
}

const shownSeverities = 2;

/** `KEV`, `2 critical`, …: the severities that occur. */
export function chips({ counts, exploited }: { counts: ReadonlyMap<Severity, number>; exploited: number }): Html {
	const words = severities.filter((severity) => (counts.get(severity) ?? 0) > 0);
	return html`<span class="chips">${exploited === 0 ? null : kevChip(exploited)}${words.map((severity) => html`<span class="chip ${severity}">${counts.get(severity)} ${severity}</span>`)}</span>`;
}

export function kevChip(count: number): Html {
	return html`<span class="chip kev" title="known to be exploited">${count > 1 ? `${count} ` : ""}KEV</span>`;
}
