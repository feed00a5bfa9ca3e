import { makesPartial, type Report, type Warning } from "#model";
import { hanging } from "./layout.ts";
import { partsOf } from "./parts.ts";
import { printable } from "./printable.ts";
import type { Style } from "./style.ts";

/** Warnings: what was not looked at first, then what is good to know. The same sentence is told once, with all its places. */
export function renderWarnings(report: Report, style: Style): readonly string[] {
	const all = groupWarnings(report);
	const partial = all.filter((group) => makesPartial(group.warning));
	const notes = all.filter((group) => !makesPartial(group.warning));
	return [...section("Not looked at", partial, "yellow", style), ...section("Good to know", notes, "cyan", style)];
}

interface WarningGroup {
	readonly warning: Warning;
	readonly places: Set<string>;
	readonly parts: Set<string>;
}

function groupWarnings(report: Report): readonly WarningGroup[] {
	const parts = partsOf(report);
	const own = parts[0]?.report === report ? [] : [{ label: "", report }];
	const groups = new Map<string, WarningGroup>();
	for (const part of [...own, ...parts]) {
		for (const warning of part.report.warnings) {
			const key = `${warning.code}\0${warning.message}`;
			const group = groups.get(key) ?? { warning, places: new Set<string>(), parts: new Set<string>() };
			groups.set(key, group);
			const place = placeOf(warning);
			if (place !== "") group.places.add(place);
			group.parts.add(part.label);
		}
	}
	return [...groups.values()].map((group) => withParts(group, parts.length));
}

/** A warning that every image has, or that is the index's own, needs no list of platforms. */
function withParts(group: WarningGroup, parts: number): WarningGroup {
	const isCommon = group.parts.has("") || group.parts.size === parts;
	return { ...group, parts: isCommon ? new Set() : group.parts };
}

/** Where it was seen, unless the sentence says so already. */
function placeOf(warning: Warning): string {
	const { layer, path, message } = warning;
	const where: string[] = [];
	if (layer !== undefined && !new RegExp(`\\blayer ${layer}\\b`, "i").test(message)) where.push(`layer ${layer}`);
	if (path !== undefined && !message.includes(path)) where.push(printable(path));
	return where.join(" ");
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
