/**
 * `npm run bench`: every line of the bench, or those that are named (`npm run bench matching rpm`). Each prints its
 * figures beside those of a baseline, and keeps them in `test/bench/results/`.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testdataPresent } from "../quality/testdata.ts";
import { catalog } from "./catalog/catalog.ts";
import { database } from "./database.ts";
import { evaluate } from "./evaluate.ts";
import { cache, type Line } from "./line.ts";
import { matching } from "./matching.ts";
import { queue } from "./queue.ts";
import { rpm } from "./rpm.ts";
import { scan } from "./scan.ts";
import { service } from "./service.ts";

const lines: readonly Line[] = [scan, database, matching, rpm, catalog, evaluate, queue, service];

await main(process.argv.slice(2));

async function main(asked: readonly string[]): Promise<void> {
	const unknown = asked.filter((name) => !lines.some((line) => line.name === name));
	const known = lines.map(({ name }) => name).join(", ");
	if (unknown.length > 0) throw new Error(`There is no line ${unknown.join(", ")} in the bench; there are ${known}.`);
	const chosen = asked.length === 0 ? lines : lines.filter(({ name }) => asked.includes(name));
	const missing = [...new Set(chosen.flatMap(({ programs }) => programs))].filter((name) => !onPath(name));
	if (missing.length > 0) throw new Error(`The bench needs these Debian packages: ${missing.join(" ")}.`);
	if (!testdataPresent) throw new Error("The bench needs the test data (PLIMSOLL_TESTDATA or ../shared/testdata).");
	mkdirSync(cache, { recursive: true });
	for (const line of chosen) {
		const work = mkdtempSync(join(tmpdir(), `plimsoll-bench-${line.name}-`));
		// The embedded PostgreSQL runs as another user when we are root.
		chmodSync(work, 0o755);
		try {
			publish(line.name, await line.run(work));
		} finally {
			rmSync(work, { recursive: true, force: true });
		}
	}
}

function publish(name: string, text: string): void {
	process.stdout.write(`${name}\n${text}\n`);
	const results = join(import.meta.dirname, "results");
	mkdirSync(results, { recursive: true });
	writeFileSync(join(results, `${name}.txt`), text);
}

function onPath(program: string): boolean {
	try {
		execFileSync("bash", ["-c", 'command -v "$1"', "which", program], { stdio: "ignore" });
		return true;
	} catch {
		return false;
	}
}
