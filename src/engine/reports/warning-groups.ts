import type { Report, Warning } from "#model";
import { partsOf } from "./parts.ts";
import { printable } from "./printable.ts";

/** One sentence and everywhere it holds: the same warning about a hundred files is told once. */
export interface WarningGroup {
	readonly warning: Warning;
	/** `layer 2 srv/a.json`: printable, and only what the sentence itself does not say. */
	readonly places: ReadonlySet<string>;
	/** Labels of the images that have it; empty when all have it, or when it is the index's own. */
	readonly parts: ReadonlySet<string>;
}

interface GrowingGroup extends WarningGroup {
	readonly places: Set<string>;
	readonly parts: Set<string>;
}

/** The warnings of a report and its children, in their order. */
export function groupWarnings(report: Report): readonly WarningGroup[] {
	const parts = partsOf(report);
	const own = parts[0]?.report === report ? [] : [{ label: "", report }];
	const groups = new Map<string, GrowingGroup>();
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

function withParts(group: GrowingGroup, parts: number): WarningGroup {
	const isCommon = group.parts.has("") || group.parts.size === parts;
	return { ...group, parts: isCommon ? new Set() : group.parts };
}

/** Where it was seen, unless the sentence says so already. */
function placeOf({ layer, path, message }: Warning): string {
	const where: string[] = [];
	if (layer !== undefined && !new RegExp(`\\blayer ${layer}\\b`, "i").test(message)) where.push(`layer ${layer}`);
	if (path !== undefined && !message.includes(path)) where.push(printable(path));
	return where.join(" ");
}
