import { makesPartial, type Report } from "#model";
import { printable } from "../printable.ts";
import { groupWarnings, type WarningGroup } from "../warning-groups.ts";
import { hanging } from "./layout.ts";
import type { Style } from "./style.ts";

/** Warnings: what was not looked at first, then what is good to know. The same sentence is told once, with all its places. */
export function renderWarnings(report: Report, style: Style): readonly string[] {
	const all = groupWarnings(report);
	const partial = all.filter((group) => makesPartial(group.warning));
	const notes = all.filter((group) => !makesPartial(group.warning));
	return [...section("Not looked at", partial, "yellow", style), ...section("Good to know", notes, "cyan", style)];
}

function section(
	title: string,
	groups: readonly WarningGroup[],
	colour: "yellow" | "cyan",
	style: Style,
): readonly string[] {
	if (groups.length === 0) return [];
	const lines = groups.flatMap((group) => renderGroup(group, style));
	return [style.paint(["bold", colour], title), ...lines, ""];
}

function renderGroup({ warning, places, parts }: WarningGroup, style: Style): readonly string[] {
	const [only] = places.size === 1 ? places : [];
	const where = [...(only ? [`in ${only}`] : []), ...(parts.size > 0 ? [`on ${[...parts].join(", ")}`] : [])].join(
		"; ",
	);
	const text = `${printable(warning.message)}${where ? ` (${where})` : ""} [${warning.code}]`;
	const list = places.size > 1 ? [...places] : [];
	return [
		...hanging(`  ${style.glyphs.bullet} `, text, style.columns),
		...list.flatMap((place) => hanging("      ", place, style.columns)).map((line) => style.paint("dim", line)),
	];
}
