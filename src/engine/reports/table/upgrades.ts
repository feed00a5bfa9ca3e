import { severities } from "#model";
import type { PackageGroup } from "../groups.ts";
import { printable } from "../printable.ts";
import { type NewestVersion, type Upgrade, upgradesOf } from "../upgrades.ts";
import { hanging, row, widthOf } from "./layout.ts";
import { type Style, severityColours } from "./style.ts";

/** More than a screen's corner is a list again. */
const shownUpgrades = 5;
/** Blocks that fit one screen need no summary. */
const fewGroups = 3;

/**
 * What to do first, in a few lines: the packages whose fixes matter most. Stands near the end, because that is what a
 * terminal shows of a long report. Which upgrades are possible together is the fix plan's matter.
 */
export function renderUpgrades(
	groups: readonly PackageGroup[],
	newest: NewestVersion | undefined,
	style: Style,
): readonly string[] {
	const upgrades = upgradesOf(groups, newest);
	if (groups.length <= fewGroups || upgrades.length === 0) return [];
	const shown = upgrades.slice(0, shownUpgrades);
	const title = `Upgrade first (${shown.length} of ${upgrades.length} ${upgrades.length === 1 ? "package" : "packages"} with fixes; to at least the version shown)`;
	return [
		...hanging("", title, style.columns).map((line) => style.paint("bold", line)),
		...(style.columns < tableWidth ? sentences(shown, style) : table(shown, style)),
		"",
	];
}

/** The least width in which two versions and the counts fit side by side. */
const tableWidth = 70;

function table(upgrades: readonly Upgrade[], style: Style): readonly string[] {
	const room = style.columns - 2;
	const name = Math.min(widest(upgrades.map((each) => printable(each.name))), Math.floor(room * 0.3));
	const versions = Math.min(widest(upgrades.map((each) => versionsText(each, style))), Math.floor(room * 0.5));
	return upgrades.flatMap((each) =>
		row(
			[
				{ text: printable(each.name), width: name },
				{ text: versionsText(each, style), width: versions },
				{ text: countsText(each), width: room - name - versions - 4, paint: worstColour(each, style) },
			],
			2,
		),
	);
}

function sentences(upgrades: readonly Upgrade[], style: Style): readonly string[] {
	return upgrades.flatMap((each) =>
		hanging("  ", `${printable(each.name)} ${versionsText(each, style)}: ${countsText(each)}`, style.columns),
	);
}

function versionsText({ from, to }: Upgrade, style: Style): string {
	return `${printable(from)} ${style.glyphs.arrow} ${to === null ? "several, see above" : printable(to)}`;
}

function countsText({ counts, exploited }: Upgrade): string {
	const words = severities.filter((severity) => counts.has(severity));
	const text = words.map((severity) => `${counts.get(severity)} ${severity}`).join(", ");
	return exploited === 0 ? text : `${text}; ${exploited} KEV`;
}

function worstColour({ counts }: Upgrade, style: Style): (text: string) => string {
	const worst = severities.find((severity) => counts.has(severity)) ?? "unknown";
	return (text) => style.paint(severityColours[worst], text);
}

function widest(texts: readonly string[]): number {
	return Math.max(...texts.map(widthOf));
}
