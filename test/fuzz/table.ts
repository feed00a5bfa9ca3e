/** The figures of many targets as a table, which can be read back so that single rows are brought up to date. */
import type { Outcome } from "./outcome.ts";

export interface Row {
	readonly target: string;
	/** `YYYY-MM-DD`; when it was run. */
	readonly date: string;
	readonly node: string;
	readonly seconds: string;
	readonly executions: string;
	readonly perSecond: string;
	readonly slowestMs: string;
	readonly peakMb: string;
	readonly corpus: string;
	readonly result: string;
}

const columns = [
	["target", "target", 34],
	["date", "date", 12],
	["node", "node", 10],
	["seconds", "seconds", 9],
	["executions", "executions", 12],
	["perSecond", "exec/s", 9],
	["slowestMs", "slowest ms", 12],
	["peakMb", "peak MB", 9],
	["corpus", "corpus", 8],
	["result", "result", 0],
] as const satisfies readonly (readonly [keyof Row, string, number])[];

export function rowOf(outcome: Outcome, date: string): Row {
	const { target, executions, seconds, slowest, peakMb, corpus, failures } = outcome;
	const kinds = [...Map.groupBy(failures, ({ kind }) => kind)].map(([kind, list]) => `${kind} ${list.length}`);
	return {
		target,
		date,
		node: process.version,
		seconds: seconds.toFixed(0),
		executions: String(executions),
		perSecond: (executions / Math.max(seconds, 0.001)).toFixed(0),
		slowestMs: slowest.ms.toFixed(0),
		peakMb: peakMb.toFixed(0),
		corpus: String(corpus),
		result: kinds.length === 0 ? "sound" : kinds.join(", "),
	};
}

export const heading: string = line(Object.fromEntries(columns.map(([key, title]) => [key, title])) as unknown as Row);

export function line(row: Row): string {
	const cells = columns.map(([key, , width], at) => (at === 0 ? row[key].padEnd(width) : cell(row[key], key, width)));
	return cells.join("").trimEnd();
}

function cell(text: string, key: keyof Row, width: number): string {
	return key === "result" ? `  ${text}` : text.padStart(width);
}

/** The rows of a table that was written before; lines that are none are passed over. */
export function rowsIn(text: string): readonly Row[] {
	return text.split("\n").flatMap((written) => {
		const cells = written.trim().split(/\s+/);
		const rest = cells.slice(columns.length - 1).join(" ");
		if (cells.length < columns.length || !/^\d{4}-\d\d-\d\d$/.test(cells[1] ?? "")) return [];
		const [target = "", date = "", node = "", seconds = "", executions = "", perSecond = "", slowestMs = ""] = cells;
		const [peakMb = "", corpus = ""] = cells.slice(7);
		return [{ target, date, node, seconds, executions, perSecond, slowestMs, peakMb, corpus, result: rest }];
	});
}
