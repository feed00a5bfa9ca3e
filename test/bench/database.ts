/**
 * Building the advisory database: from all of the test data's OSV records, and from its trivy-db. The baselines do what
 * nobody gets around: they read every byte and parse every record as JSON, and keep nothing.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { testdata } from "../quality/testdata.ts";
import { cli, type Line, machine, type Row, table } from "./line.ts";
import { measure, median, type Run } from "./measure.ts";

const rounds = 5;
const targets = { peakMb: 400 };

export const database: Line = { name: "database", programs: ["time"], run };

async function run(work: string): Promise<string> {
	const osv = join(testdata, "osv");
	const trivyDb = join(testdata, "trivy-db/db.tar.gz");
	const script = (name: string) => [process.execPath, join(import.meta.dirname, name)];
	const commands: Readonly<Record<string, (dir: string) => readonly string[]>> = {
		"read and parse the OSV zips": () => [...script("parse-osv.ts"), osv],
		"plimsoll db update, from OSV": (dir) => [...cli, "db", "update", "--quiet", "--source", osv, "--db", dir],
		"read and parse the trivy-db": () => [...script("parse-trivy-db.ts"), trivyDb],
		"plimsoll db import, from trivy-db": (dir) => [...cli, "db", "import", "--quiet", trivyDb, "--db", dir],
	};
	const runs = new Map<string, Run[]>();
	const sizes = new Map<string, number>();
	for (let round = 0; round < rounds; round += 1) {
		for (const [index, [what, command]] of Object.entries(commands).entries()) {
			const dir = join(work, `${round}-${index}`);
			const list = runs.get(what) ?? [];
			runs.set(what, [...list, measure(command(dir))]);
			sizes.set(what, snapshotBytes(dir));
		}
		process.stderr.write(`bench: round ${round + 1} of ${rounds}\n`);
	}
	const rows = [...runs].map(([what, list]): Row => ({ what, run: median(list) }));
	const [parseOsv, update, parseTrivy, imported] = rows.map((row) => row.run);
	const times = (a: Run | undefined, b: Run | undefined) =>
		`${((a?.wall ?? 0) / (b?.wall ?? 1)).toFixed(1)} times the wall time, ${((a?.cpu ?? 0) / (b?.cpu ?? 1)).toFixed(1)} times the CPU time`;
	const peak = Math.max(update?.peakMb ?? 0, imported?.peakMb ?? 0);
	const mb = (what: string) => ((sizes.get(what) ?? 0) / 1e6).toFixed(1);
	const lines = [
		machine(rounds),
		"",
		...table(rows),
		"",
		`from OSV: ${times(update, parseOsv)} of the baseline; ${mb("plimsoll db update, from OSV")} MB on disk, of ${zippedMb(osv)} MB of zips`,
		`from trivy-db: ${times(imported, parseTrivy)} of the baseline; ${mb("plimsoll db import, from trivy-db")} MB on disk, of ${(statSync(trivyDb).size / 1e6).toFixed(1)} MB packed`,
		`peak ${peak.toFixed(0)} MB (asked: ≤ ${targets.peakMb})`,
	];
	return `${lines.join("\n")}\n`;
}

/** Bytes of the snapshots in a database's folder; 0 when there is none. */
function snapshotBytes(dir: string): number {
	try {
		return readdirSync(dir, { recursive: true, encoding: "utf8" })
			.filter((name) => name.endsWith(".sqlite"))
			.reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
	} catch {
		return 0;
	}
}

function zippedMb(osv: string): string {
	const zips = readdirSync(osv, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".zip"));
	return (zips.reduce((sum, name) => sum + statSync(join(osv, name)).size, 0) / 1e6).toFixed(1);
}
