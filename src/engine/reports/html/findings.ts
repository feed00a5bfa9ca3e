import { type Report, severities } from "#model";
import { fixText } from "../fix-text.ts";
import type { GroupLayer, GroupRow, PackageGroup } from "../groups.ts";
import { instructionOf } from "../instruction.ts";
import { shortened } from "../parts.ts";
import { printable } from "../printable.ts";
import { type NewestVersion, upgradesOf } from "../upgrades.ts";
import { filters, groupClasses } from "./filter.ts";
import { code, type Fact, factList } from "./header.ts";
import { type Html, html } from "./markup.ts";
import { findingRow } from "./row.ts";
import { chips } from "./upgrades.ts";

/** Rows that are open when the page is: as many as one reads, and everything that is known to be exploited. */
const openRows = 25;
/** So few rows need no filter. */
const fewRows = 8;

/** The findings by what has to be upgraded, what is known to be exploited first, then the worst. */
export function findingsSection(
	report: Report,
	groups: readonly PackageGroup[],
	parts: number,
	newest: NewestVersion | undefined,
): Html | null {
	if (groups.length === 0) return null;
	const rows = groups.flatMap((group) => group.rows);
	const present = severities.filter((severity) => rows.some((row) => row.severity === severity));
	const hasExploited = rows.some((row) => row.finding.kev);
	const hasUnfixed = rows.some((row) => row.fixedVersion === null) && rows.some((row) => row.fixedVersion !== null);
	let seen = 0;
	const blocks = groups.map((group) => {
		const isOpen = seen < openRows || group.exploited > 0;
		seen += group.rows.length;
		return groupBlock(group, parts, report, isOpen, newest);
	});
	return html`<section aria-label="Findings"><h2>Findings by package</h2>
${rows.length <= fewRows ? null : filters(present, hasExploited, hasUnfixed)}${blocks}</section>
`;
}

function groupBlock(
	group: PackageGroup,
	parts: number,
	report: Report,
	isOpen: boolean,
	newest: NewestVersion | undefined,
): Html {
	const fixable = group.rows.filter((row) => row.fixedVersion !== null).length;
	const counts = new Map(severities.map((severity) => [severity, group.counts[severity]]));
	const summary = html`<summary><span><h3>${printable(group.name)} <span class="mono">${printable(group.version)}</span></h3> <span class="chip plain">${printable(group.type)}</span></span>${chips({ counts, exploited: group.exploited })}<span class="goal">${goal(group, fixable, newest)}</span></summary>`;
	const inside = html`<div class="inside">${factList(factsOf(group, parts, report))}<table class="findings"><thead><tr><th scope="col">Severity</th><th scope="col">Vulnerability</th><th scope="col">Fix</th><th scope="col" class="number">CVSS</th><th scope="col" class="number">EPSS</th><th scope="col">About</th></tr></thead>
<tbody>${group.rows.map((row) => findingRow(row, group))}</tbody></table></div>`;
	const classes = `group ${groupClasses(group.counts, group.exploited, fixable)}`;
	return isOpen
		? html`<details class="${classes}" open>${summary}${inside}</details>
`
		: html`<details class="${classes}">${summary}${inside}</details>
`;
}

/** One line that says what to do: upgrade, and what that leaves. */
function goal(group: PackageGroup, fixable: number, newest: NewestVersion | undefined): Html {
	const [upgrade] = upgradesOf([group], newest);
	const left = group.rows.length - fixable;
	if (upgrade === undefined) {
		const words = new Set(group.rows.map((row: GroupRow) => fixText(row)));
		return html`${[...words].join(", ")}`;
	}
	const to = upgrade.to === null ? "one of the versions below" : printable(upgrade.to);
	const rest = left === 0 ? "" : `; ${left} of ${group.rows.length} without a fix`;
	return html`Upgrade to <b class="mono">${to}</b>${rest}`;
}

function factsOf(group: PackageGroup, parts: number, report: Report): readonly Fact[] {
	const names = [...group.packages].map(printable).sort();
	const isPlain = names.length === 1 && names[0] === printable(group.name);
	const paths = [...group.paths].map(([path, labels]) => {
		const where =
			labels.size < group.parts.size ? html` <span class="soft">only on ${[...labels].join(", ")}</span>` : null;
		return html`<div><code>${printable(path)}</code>${where}</div>`;
	});
	const layers = group.layers.map((layer) => layerLine(layer, group)).filter((line) => line !== null);
	return [
		["Installed", isPlain ? "" : names.join(", ")],
		["Only on", group.parts.size < parts ? [...group.parts].join(", ") : ""],
		[layers.length > 1 ? "Layers" : "Layer", layers.length > 0 && report.kind ? layers : ""],
		[paths.length > 1 ? "Paths" : "Path", paths.length > 0 ? folded(paths) : ""],
		["Needed by", [...group.parents].map(printable).join(", ")],
	];
}

/** More lines than these are folded away. */
const fewLines = 6;

function folded(lines: readonly Html[]): Html {
	if (lines.length <= fewLines) return html`${lines}`;
	return html`${lines.slice(0, fewLines)}<details class="more"><summary>${lines.length - fewLines} more</summary>${lines.slice(fewLines)}</details>`;
}

function layerLine(layer: GroupLayer, group: PackageGroup): Html | null {
	const instruction = instructionOf(layer.createdBy);
	const digest = layer.digests.size === 1 ? shortened([...layer.digests][0] ?? "") : "";
	if (instruction === "" && digest === "") return null;
	const brings =
		layer.packages.size < group.packages.size ? ` brings ${[...layer.packages].map(printable).join(", ")}` : "";
	const where = layer.parts.size < group.parts.size ? ` only on ${[...layer.parts].join(", ")}` : "";
	const tail = `${brings}${brings && where && ";"}${where}`;
	return html`<div>${layer.index}: ${code(instruction)} <span class="soft mono">${digest}</span><span class="soft">${tail}</span></div>`;
}
