/** Scores as a table in Markdown, readable as plain text too. Pure. */
import { figuresOf, type Score, type Scores, totalOf } from "./scores.ts";

const head = ["Ecosystem", "Vulnerable", "Found", "Missed", "Extra", "Precision", "Recall", "F1"];

export function scoreTable(scores: Scores): string {
	const rows = [
		...Object.entries(scores).map(([ecosystem, score]) => cellsOf(ecosystem, score)),
		cellsOf("all", totalOf(scores)),
	];
	const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
	const line = (cells: readonly string[]) =>
		`| ${cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(" | ")} |`;
	const rule = `|${widths.map((width, at) => (at === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
	return [line(head), rule, ...rows.map(line)].join("\n");
}

function cellsOf(name: string, score: Score): readonly string[] {
	const { precision, recall, f1 } = figuresOf(score);
	const counts = [score.labels, score.found, score.missed.length, score.extra.length];
	return [name, ...counts.map(String), ...[precision, recall, f1].map(shareOf)];
}

/** Four digits, rounded down, so that only what is perfect reads 1.0000. */
function shareOf(share: number): string {
	return (Math.floor(share * 10_000) / 10_000).toFixed(4);
}
