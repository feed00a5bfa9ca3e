import { type Severity, severities } from "#model";
import type { GroupLayer, GroupRow, PackageGroup } from "./groups.ts";
import { instructionOf } from "./instruction.ts";
import { cut, hanging, named, row, widthOf } from "./layout.ts";
import { shortened } from "./parts.ts";
import { printable } from "./printable.ts";
import { type Style, severityColours } from "./style.ts";

/**
 * The findings, one block a package, worst first. Lists are complete and wrap; only titles and instructions are cut
 * to the width, and a cut shows.
 */
export function renderFindings(groups: readonly PackageGroup[], parts: number, style: Style): readonly string[] {
	const widths = columnsFor(groups, style);
	return groups.flatMap((group) => [...renderHead(group, parts, style), ...renderRows(group, widths, style), ""]);
}

interface Widths {
	readonly id: number;
	readonly severity: number;
	readonly fix: number;
	/** 0: there is no room beside the fix, titles take their own line. */
	readonly title: number;
}

const rowIndent = 4;
/** Below this a title is too short to be understood. */
const usefulTitle = 36;

function columnsFor(groups: readonly PackageGroup[], style: Style): Widths {
	const room = style.columns - rowIndent;
	let id = 4;
	let fix = 4;
	for (const group of groups) {
		for (const each of group.rows) {
			id = Math.max(id, widthOf(printable(each.id)));
			fix = Math.max(fix, widthOf(fixText(each)));
		}
	}
	const severity = 10;
	id = Math.min(id, Math.floor(room / 3));
	fix = Math.min(fix, room - id - severity - 4, 44);
	const left = room - id - severity - fix - 6;
	return { id, severity, fix, title: left >= usefulTitle ? left : 0 };
}

function renderHead(group: PackageGroup, parts: number, style: Style): readonly string[] {
	const name = `${printable(group.name)} ${printable(group.version)}`.trim();
	const counts = severities.filter((severity) => group.counts[severity] > 0);
	const plain = `${printable(group.type)}: ${counts.map((each) => `${group.counts[each]} ${each}`).join(", ")}`;
	const lines: string[] = [];
	if (widthOf(name) + widthOf(plain) + 2 <= style.columns) {
		const coloured = counts.map((each) => style.paint(severityColours[each], `${group.counts[each]} ${each}`));
		lines.push(`${style.paint("bold", name)}  ${printable(group.type)}: ${coloured.join(", ")}`);
	} else {
		lines.push(...named(name, style.columns).map((line) => style.paint("bold", line)));
		lines.push(...hanging("  ", plain, style.columns));
	}
	lines.push(...installedLines(group, style));
	if (group.parts.size < parts) lines.push(...labelled("only on", [...group.parts], style));
	for (const layer of group.layers) lines.push(...layerLines(layer, group, style));
	lines.push(...pathLines(group, style));
	if (group.parents.size > 0) lines.push(...labelled("needed by", [...group.parents].map(printable), style));
	return lines;
}

function installedLines(group: PackageGroup, style: Style): readonly string[] {
	const names = [...group.packages].map(printable).sort();
	if (names.length === 1 && names[0] === printable(group.name)) return [];
	return labelled("installed", names, style);
}

function layerLines(layer: GroupLayer, group: PackageGroup, style: Style): readonly string[] {
	const lines: string[] = [];
	const first = `  ${`layer ${layer.index}`.padEnd(11)}`;
	const digest = layer.digests.size === 1 ? ` ${shortened([...layer.digests][0] ?? "")}` : "";
	const instruction = instructionOf(layer.createdBy);
	const room = style.columns - widthOf(first) - widthOf(digest) - 1;
	if (instruction === "" && digest.trim() === "") return [];
	if (instruction === "") lines.push(first + digest.trimStart());
	else if (room >= 40) lines.push(`${first}${cut(instruction, room, style.glyphs.ellipsis)} ${digest}`.trimEnd());
	else lines.push(first + cut(instruction, style.columns - widthOf(first), style.glyphs.ellipsis));
	if (layer.packages.size < group.packages.size) {
		lines.push(...hanging(`${" ".repeat(13)}brings `, [...layer.packages].map(printable).join(", "), style.columns));
	}
	if (layer.parts.size < group.parts.size) {
		lines.push(...hanging(" ".repeat(13), `only on ${[...layer.parts].join(", ")}`, style.columns));
	}
	return lines.map((line) => style.paint("dim", line));
}

function pathLines(group: PackageGroup, style: Style): readonly string[] {
	return [...group.paths].flatMap(([path, labels], index) => {
		const where = labels.size < group.parts.size ? ` (only on ${[...labels].join(", ")})` : "";
		const first = index === 0 ? `  ${(group.paths.size === 1 ? "path" : "paths").padEnd(11)}` : " ".repeat(13);
		return hanging(first, printable(path) + where, style.columns).map((line) => style.paint("dim", line));
	});
}

function labelled(label: string, values: readonly string[], style: Style): readonly string[] {
	return hanging(`  ${label.padEnd(11)}`, values.join(", "), style.columns).map((line) => style.paint("dim", line));
}

function renderRows(group: PackageGroup, widths: Widths, style: Style): readonly string[] {
	return group.rows.flatMap((each) => {
		const title = printable(each.title);
		const cells = [
			{ text: printable(each.id), width: widths.id },
			{ text: each.severity, width: widths.severity, paint: colouredAs(each.severity, style) },
			{ text: fixText(each), width: widths.fix, paint: each.fixedVersion === null ? dimmed(style) : undefined },
			...(widths.title > 0 ? [{ text: cut(title, widths.title, style.glyphs.ellipsis), width: widths.title }] : []),
		].map(({ paint, ...cell }) => (paint ? { ...cell, paint } : cell));
		const lines = [...row(cells, rowIndent)];
		if (widths.title === 0 && title !== "") {
			const below = " ".repeat(rowIndent + 2);
			lines.push(style.paint("dim", below + cut(title, style.columns - rowIndent - 2, style.glyphs.ellipsis)));
		}
		return [...lines, ...exceptions(each, group, style)];
	});
}

/** Says for which packages and platforms a row holds, when that is not all of the group's. */
function exceptions(each: GroupRow, group: PackageGroup, style: Style): readonly string[] {
	const first = " ".repeat(rowIndent + 2);
	const lines: string[] = [];
	if (each.packages.size < group.packages.size) {
		lines.push(...hanging(`${first}only in `, [...each.packages].map(printable).join(", "), style.columns));
	}
	if (each.parts.size < group.parts.size) {
		lines.push(...hanging(`${first}only on `, [...each.parts].join(", "), style.columns));
	}
	return lines;
}

const stateWords: Readonly<Record<GroupRow["state"], string>> = {
	fixed: "fixed, version not told",
	affected: "no fix yet",
	wont_fix: "will not be fixed",
	deferred: "fix deferred",
	end_of_life: "end of life, no fix",
	under_investigation: "under investigation",
};

function fixText(each: GroupRow): string {
	return each.fixedVersion === null ? stateWords[each.state] : `fixed in ${printable(each.fixedVersion)}`;
}

function colouredAs(severity: Severity, style: Style): (text: string) => string {
	return (text) => style.paint(severityColours[severity], text);
}

function dimmed(style: Style): (text: string) => string {
	return (text) => style.paint("dim", text);
}
