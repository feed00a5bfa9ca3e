/** Baseline: asks SQLite for the rows of the same packages and parses them, with nothing remembered; prints JSON. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openAdvisories } from "#engine";
import { judgeable } from "../../src/engine/findings.ts";
import type { MatchFigures } from "./match-packages.ts";
import { inventories } from "./packages.ts";

const [dir = "", count = "3000", rounds = "21"] = process.argv.slice(2);
const store = openAdvisories(dir);
const images = inventories(Number(count));
const lookups = images.flatMap((image) => judgeable(image, store, "drop").judged.flatMap((one) => one.lookups));
store.close();
const [file = ""] = readdirSync(join(dir, "snapshots")).filter((name) => name.endsWith(".sqlite"));
const database = new DatabaseSync(join(dir, "snapshots", file), { readOnly: true });
const select = database.prepare(`
	SELECT affected.body AS affected, records.body AS record
	FROM packages JOIN affected USING (package) JOIN records USING (record) WHERE ecosystem = ? AND name = ?
`);
const wall: number[] = [];
const cpu: number[] = [];
let rows = 0;
for (let round = 0; round < Number(rounds); round++) {
	const started = performance.now();
	const before = process.cpuUsage();
	rows = 0;
	for (const { ecosystem, name } of lookups) {
		for (const { affected, record } of select.all(ecosystem, name)) {
			if (JSON.parse(String(affected)) !== null && JSON.parse(String(record)) !== null) rows += 1;
		}
	}
	const { user, system } = process.cpuUsage(before);
	wall.push(performance.now() - started);
	cpu.push((user + system) / 1000);
}
database.close();
const packages = images.reduce((sum, inventory) => sum + inventory.packages.length, 0);
const figures: MatchFigures = { packages, judged: lookups.length, findings: rows, wall, cpu };
process.stdout.write(JSON.stringify(figures));
