/** What the lines of the bench share: where things are, and how figures are printed. */
import { execFileSync } from "node:child_process";
import { cpus } from "node:os";
import { join } from "node:path";
import { testdata } from "../quality/testdata.ts";
import type { Run } from "./measure.ts";

/** One line of the bench: something that is measured beside a baseline in the same run. */
export interface Line {
	/** Its results are in `results/<name>.txt`. */
	readonly name: string;
	/** Programs, by Debian package. */
	readonly programs: readonly string[];
	/** Measures in `work`, an empty folder that is removed afterwards, and gives the text of the results. */
	readonly run: (work: string) => Promise<string>;
}

export const root: string = join(import.meta.dirname, "../..");
/** Kept between runs. */
export const cache: string = join(root, ".cache/bench");
export const cli: readonly string[] = [process.execPath, join(root, "bin/plimsoll.js")];

/** Builds the advisory database of the test data's OSV records in `dir`. */
export function buildDatabase(dir: string): void {
	const [program = "", ...args] = cli;
	execFileSync(program, [...args, "db", "update", "--quiet", "--source", join(testdata, "osv"), "--db", dir]);
}

/** Where the figures come from; the first line of every result. */
export function machine(rounds: number): string {
	return `${cpus().length} cores (${cpus()[0]?.model.trim() ?? "unknown"}), Node ${process.version}, median of ${rounds} runs`;
}

export interface Row {
	readonly what: string;
	readonly run: Run;
}

export function table(rows: readonly Row[]): readonly string[] {
	const width = Math.max(...rows.map(({ what }) => what.length)) + 2;
	return [
		`${"".padEnd(width)}${"wall s".padStart(8)}${"cpu s".padStart(8)}${"peak MB".padStart(9)}`,
		...rows.map(
			({ what, run }) =>
				what.padEnd(width) +
				[run.wall.toFixed(2).padStart(8), run.cpu.toFixed(2).padStart(8), run.peakMb.toFixed(0).padStart(9)].join(""),
		),
	];
}
