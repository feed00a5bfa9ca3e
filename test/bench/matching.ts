/**
 * Judging and matching 3,000 packages against a database in one process: cold, and warm, when the process has matched
 * the same packages before. Answers are not remembered between rounds, rows of the database are.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { testdata } from "../quality/testdata.ts";
import { buildDatabase, cli, type Line, machine } from "./line.ts";
import type { MatchFigures } from "./match-packages.ts";

const packages = 3000;
const rounds = 20;
const targets = { warmMs: 50 };

export const matching: Line = { name: "matching", programs: [], run };

async function run(work: string): Promise<string> {
	const own = join(work, "own");
	buildDatabase(own);
	const [program = "", ...args] = cli;
	const imported = join(work, "imported");
	const trivyDb = join(testdata, "trivy-db/db.tar.gz");
	execFileSync(program, [...args, "db", "import", "--quiet", trivyDb, "--db", imported], { stdio: "ignore" });
	const rows = [
		{ what: "SQLite and JSON.parse alone", script: "look-up-packages.ts", dir: own },
		{ what: "matched, our database of OSV", script: "match-packages.ts", dir: own },
		{ what: "matched, trivy-db", script: "match-packages.ts", dir: join(imported, "trivy-db") },
	].map(({ what, script, dir }) => ({ what, figures: figuresOf(script, dir) }));
	const matched = rows.slice(1).map(({ figures }) => figures);
	const warm = matched.map(({ wall }) => median(wall.slice(1)).toFixed(0));
	const lines = [
		machine(rounds),
		`${packages} packages of several distributions and languages, ${matched[0]?.judged} of them judged; ${matched.map(({ findings }) => findings).join(" and ")} findings`,
		"",
		`${"ms".padEnd(32)}${["cold", "warm", "least", "cpu"].map((title) => title.padStart(8)).join("")}`,
		...rows.map(({ what, figures }) => what.padEnd(32) + cells(figures)),
		"",
		`warm: ${warm.join(" and ")} ms (asked: ≤ ${targets.warmMs})`,
	];
	return `${lines.join("\n")}\n`;
}

function figuresOf(script: string, dir: string): MatchFigures {
	const args = [join(import.meta.dirname, script), dir, String(packages), String(rounds + 1)];
	return JSON.parse(execFileSync(process.execPath, args, { encoding: "utf8" })) as MatchFigures;
}

/** Cold; then the warm rounds' median, their least, and the least CPU time. */
function cells({ wall, cpu }: MatchFigures): string {
	const [cold = Number.NaN, ...warm] = wall;
	const figures = [cold, median(warm), Math.min(...warm), Math.min(...cpu.slice(1))];
	return figures.map((ms) => ms.toFixed(0).padStart(8)).join("");
}

function median(values: readonly number[]): number {
	return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
