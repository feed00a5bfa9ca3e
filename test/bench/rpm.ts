/** A scan of a root filesystem with 500 rpm packages, beside what the real rpm takes to list them. */
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildDatabase, cache, cli, type Line, machine, type Row, table } from "./line.ts";
import { measure, median, type Run } from "./measure.ts";
import { rpmRoot } from "./rpm-root.ts";

const rounds = 5;

export const rpm: Line = { name: "rpm", programs: ["rpm", "rpmbuild", "time"], run };

async function run(work: string): Promise<string> {
	const folder = rpmRoot(cache);
	const db = join(work, "db");
	buildDatabase(db);
	const query = ["rpm", "--root", folder, "--dbpath", "/var/lib/rpm", "-qa"];
	const commands: Readonly<Record<string, readonly string[]>> = {
		"rpm -qa": query,
		"rpm -qal (the files, too)": [...query, "-l"],
		"find (the walk alone)": ["find", folder, "-printf", "%s %m\n"],
		"plimsoll scan dir:": [...cli, "scan", `dir:${folder}`, "--db", db, "--format", "json", "--quiet"],
		"plimsoll version": [...cli, "version"],
	};
	const runs = new Map<string, Run[]>();
	for (let round = 0; round < rounds; round += 1) {
		for (const [what, command] of Object.entries(commands))
			runs.set(what, [...(runs.get(what) ?? []), measure(command)]);
		process.stderr.write(`bench: round ${round + 1} of ${rounds}\n`);
	}
	const rows = [...runs].map(([what, list]): Row => ({ what, run: median(list) }));
	const [listed, , walked, scanned] = rows.map((row) => row.run);
	const database = join(folder, "var/lib/rpm/rpmdb.sqlite");
	const files = readdirSync(folder, { recursive: true }).length;
	const report = JSON.parse(output(commands["plimsoll scan dir:"] ?? [])) as Report;
	const lines = [
		machine(rounds),
		`root: ${output(query).trim().split("\n").length} packages, ${files} files and folders, rpmdb.sqlite of ${(statSync(database).size / 1e6).toFixed(1)} MB`,
		`the scan: ${report.packageCount} packages, ${report.findings.length} findings, ${report.status}`,
		"",
		...table(rows),
		"",
		`scan / rpm -qa: ${((scanned?.wall ?? 0) / (listed?.wall ?? 1)).toFixed(0)} times the wall time, ${((scanned?.wall ?? 0) / ((listed?.wall ?? 0) + (walked?.wall ?? 0))).toFixed(1)} times that of rpm -qa and find; the scan also matches`,
	];
	return `${lines.join("\n")}\n`;
}

interface Report {
	readonly packageCount: number;
	readonly findings: readonly unknown[];
	readonly status: string;
}

function output([program = "", ...args]: readonly string[]): string {
	return execFileSync(program, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
}
