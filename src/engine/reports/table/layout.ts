import stringWidth from "string-width";

/**
 * Columns on a terminal. Every function expects text that went through `printable` and carries no colour codes:
 * lines are laid out first and coloured afterwards.
 */
export function widthOf(text: string): number {
	return ascii.test(text) ? text.length : stringWidth(text);
}

const ascii = /^[\x20-\x7e]*$/;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

export function padStart(text: string, width: number): string {
	return " ".repeat(Math.max(0, width - widthOf(text))) + text;
}

/** The beginning of a text that fits `width` columns; where something was cut, `ellipsis` says so. */
export function cut(text: string, width: number, ellipsis: string): string {
	if (widthOf(text) <= width) return text;
	const room = width - widthOf(ellipsis);
	if (room <= 0) return ellipsis.slice(0, Math.max(0, width));
	return takeColumns(text, room).trimEnd() + ellipsis;
}

/** Breaks text into lines of at most `width` columns: at spaces where there are any, inside a word where there are none. */
export function wrap(text: string, width: number): readonly string[] {
	const room = Math.max(8, width);
	const lines: string[] = [];
	let line = "";
	for (const word of text.split(" ")) {
		const joined = line === "" ? word : `${line} ${word}`;
		if (widthOf(joined) <= room) {
			line = joined;
			continue;
		}
		if (line !== "") lines.push(line);
		const pieces = widthOf(word) <= room ? [word] : breakWord(word, room);
		for (const piece of pieces.slice(0, -1)) lines.push(piece);
		line = pieces.at(-1) ?? "";
	}
	if (line !== "" || lines.length === 0) lines.push(line);
	return lines;
}

/** Pieces of at most `room` columns, in one pass: a hostile name may be megabytes long. */
function breakWord(word: string, room: number): readonly string[] {
	const pieces: string[] = [];
	if (ascii.test(word)) {
		for (let at = 0; at < word.length; at += room) pieces.push(word.slice(at, at + room));
		return pieces;
	}
	let piece = "";
	let used = 0;
	for (const { segment } of graphemes.segment(word)) {
		const width = stringWidth(segment);
		if (used + width > room && piece !== "") {
			pieces.push(piece);
			piece = "";
			used = 0;
		}
		piece += segment;
		used += width;
	}
	pieces.push(piece);
	return pieces;
}

/** `wrap` with a first line that starts with `first` and following lines indented by as much. */
export function hanging(first: string, text: string, width: number): readonly string[] {
	const indent = widthOf(first);
	const follow = " ".repeat(indent);
	return wrap(text, width - indent).map((line, index) => (index === 0 ? first : follow) + line);
}

/** The longest beginning of at most `width` columns, whole characters only. */
function takeColumns(text: string, width: number): string {
	if (ascii.test(text)) return text.slice(0, width);
	let taken = "";
	let used = 0;
	for (const { segment } of graphemes.segment(text)) {
		const next = used + stringWidth(segment);
		if (next > width) break;
		taken += segment;
		used = next;
	}
	return taken;
}

/**
 * A name that the line begins with, wrapped. Following lines are indented, so that no name, however it is made,
 * begins a line with words of its choice: a line of its own is ours.
 */
export function named(name: string, width: number): readonly string[] {
	const [first = "", ...rest] = wrap(name, width - 4);
	return [first, ...rest.map((line) => `    ${line}`)];
}

/** One cell of a row: its text is wrapped to `width`, complete; `paint` colours it after it was laid out. */
export interface Cell {
	readonly text: string;
	readonly width: number;
	readonly align?: "right";
	readonly paint?: (text: string) => string;
}

/** Lays cells side by side, two columns apart. A cell that needs several lines makes the row as high as that. */
export function row(cells: readonly Cell[], indent: number): readonly string[] {
	const wrapped = cells.map((cell) => (widthOf(cell.text) <= cell.width ? [cell.text] : wrap(cell.text, cell.width)));
	const height = Math.max(1, ...wrapped.map((lines) => lines.length));
	return Array.from({ length: height }, (_, line) => {
		const shown = cells.map((cell, column) =>
			laidOut(cell, wrapped[column]?.[line] ?? "", column === cells.length - 1),
		);
		return (" ".repeat(indent) + shown.join("  ")).trimEnd();
	});
}

function laidOut(cell: Cell, text: string, last: boolean): string {
	const gap = " ".repeat(Math.max(0, cell.width - widthOf(text)));
	const painted = cell.paint && text !== "" ? cell.paint(text) : text;
	if (cell.align === "right") return gap + painted;
	return last ? painted : painted + gap;
}
