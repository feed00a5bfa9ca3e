import { type PackageType, type Severity, severities } from "#model";
import type { PackageGroup } from "./groups.ts";
import { hanging, row, widthOf } from "./layout.ts";
import { printable } from "./printable.ts";
import { type Style, severityColours } from "./style.ts";

/** The newest of some versions of one type of package; null when their order cannot be told. */
export type NewestVersion = (type: PackageType, versions: readonly string[]) => string | null;

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
	const upgrades = groups.map((group) => upgradeOf(group, newest)).filter((each) => each !== null);
	if (groups.length <= fewGroups || upgrades.length === 0) return [];
	const shown = upgrades.sort(worstFirst).slice(0, shownUpgrades);
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
	const name = Math.min(widest(upgrades.map((each) => each.name)), Math.floor(room * 0.3));
	const versions = Math.min(widest(upgrades.map((each) => versionsText(each, style))), Math.floor(room * 0.5));
	return upgrades.flatMap((each) =>
		row(
			[
				{ text: each.name, width: name },
				{ text: versionsText(each, style), width: versions },
				{ text: countsText(each.counts), width: room - name - versions - 4, paint: worstColour(each.counts, style) },
			],
			2,
		),
	);
}

function sentences(upgrades: readonly Upgrade[], style: Style): readonly string[] {
	return upgrades.flatMap((each) =>
		hanging("  ", `${each.name} ${versionsText(each, style)}: ${countsText(each.counts)}`, style.columns),
	);
}

function versionsText({ from, to }: Upgrade, style: Style): string {
	return `${from} ${style.glyphs.arrow} ${to}`;
}

interface Upgrade {
	readonly name: string;
	readonly from: string;
	readonly to: string;
	/** Findings with a fix. */
	readonly counts: ReadonlyMap<Severity, number>;
}

function upgradeOf({ type, name, version, rows }: PackageGroup, newest: NewestVersion | undefined): Upgrade | null {
	const fixable = rows.filter((each) => each.fixedVersion !== null);
	const versions = [...new Set(fixable.map((each) => each.fixedVersion ?? ""))];
	const [only] = versions;
	if (only === undefined) return null;
	const to = versions.length === 1 ? only : newest?.(type, versions);
	const counts = new Map<Severity, number>();
	for (const { severity } of fixable) counts.set(severity, (counts.get(severity) ?? 0) + 1);
	return { name: printable(name), from: printable(version), to: to ? printable(to) : "several, see above", counts };
}

function worstFirst(a: Upgrade, b: Upgrade): number {
	for (const severity of severities) {
		const difference = (b.counts.get(severity) ?? 0) - (a.counts.get(severity) ?? 0);
		if (difference !== 0) return difference;
	}
	return 0;
}

function countsText(counts: Upgrade["counts"]): string {
	return severities
		.filter((severity) => counts.has(severity))
		.map((severity) => `${counts.get(severity)} ${severity}`)
		.join(", ");
}

function worstColour(counts: Upgrade["counts"], style: Style): (text: string) => string {
	const worst = severities.find((severity) => counts.has(severity)) ?? "unknown";
	return (text) => style.paint(severityColours[worst], text);
}

function widest(texts: readonly string[]): number {
	return Math.max(...texts.map(widthOf));
}
