import { type Severity, severities } from "#model";
import { fixText } from "../fix-text.ts";
import type { GroupLayer, GroupRow, PackageGroup } from "../groups.ts";
import { instructionOf } from "../instruction.ts";
import { shortened } from "../parts.ts";
import { printable } from "../printable.ts";
import { type Cell, cut, hanging, named, row, widthOf } from "./layout.ts";
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
	/** 0: no row has anything to say of exploitation. */
	readonly exploit: number;
	readonly fix: number;
	/** 0: there is no room beside the fix, titles take their own line. */
	readonly title: number;
}

const rowIndent = 4;
/** In less there is no room for a column of its own; what it says stands before the fix. */
const exploitColumnFrom = 70;
/** Below this a title is too short to be understood. */
const usefulTitle = 36;

function columnsFor(groups: readonly PackageGroup[], style: Style): Widths {
	const room = style.columns - rowIndent;
	let id = 4;
	let fix = 4;
	let exploit = 0;
	for (const group of groups) {
		for (const each of group.rows) {
			id = Math.max(id, widthOf(printable(each.id)));
			const said = exploitText(each);
			fix = Math.max(fix, widthOf(style.columns < exploitColumnFrom ? joined(said, fixText(each)) : fixText(each)));
			if (style.columns >= exploitColumnFrom) exploit = Math.max(exploit, widthOf(said));
		}
	}
	const severity = 10;
	id = Math.min(id, Math.floor(room / 3));
	const taken = id + severity + (exploit > 0 ? exploit + 2 : 0);
	fix = Math.min(fix, room - taken - 4, 44);
	const left = room - taken - fix - 6;
	return { id, severity, exploit, fix, title: left >= usefulTitle ? left : 0 };
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
			...(widths.exploit > 0 ? [exploitCell(each, widths.exploit, style)] : []),
			{
				text: widths.exploit > 0 ? fixText(each) : joined(exploitText(each), fixText(each)),
				width: widths.fix,
				paint: each.fixedVersion === null ? dimmed(style) : undefined,
			},
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

/** From this probability on EPSS is worth a word: the threshold of the example in FIRST's guide (first.org/epss/model). */
const likelyExploited = 0.1;

/** `KEV` for what is known to be exploited, else EPSS where it is high. */
function exploitText({ finding: { kev, epss } }: GroupRow): string {
	if (kev) return "KEV";
	return epss && epss.score >= likelyExploited ? `EPSS ${Math.floor(epss.score * 100)}%` : "";
}

function joined(exploit: string, fix: string): string {
	return exploit === "" ? fix : `${exploit}, ${fix}`;
}

function exploitCell(each: GroupRow, width: number, style: Style): Cell {
	return { text: exploitText(each), width, paint: (text) => style.paint(["bold", "redBright"], text) };
}

function colouredAs(severity: Severity, style: Style): (text: string) => string {
	return (text) => style.paint(severityColours[severity], text);
}

function dimmed(style: Style): (text: string) => string {
	return (text) => style.paint("dim", text);
}
