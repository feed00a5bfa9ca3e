/** Matches packages in a process of its own, first cold, then again and again; prints the figures as JSON. */
import { openAdvisories } from "#engine";
import { findingsOf, judgeable, matcherOver } from "../../src/engine/findings.ts";
import { inventories } from "./packages.ts";

export interface MatchFigures {
	readonly packages: number;
	readonly judged: number;
	readonly findings: number;
	/** Milliseconds of each round; the first one is cold. */
	readonly wall: readonly number[];
	readonly cpu: readonly number[];
}

const [dir = "", count = "3000", rounds = "21"] = process.argv.slice(2);
const images = inventories(Number(count));
const store = openAdvisories(dir);
const wall: number[] = [];
const cpu: number[] = [];
let judged = 0;
let findings = 0;
for (let round = 0; round < Number(rounds); round++) {
	const started = performance.now();
	const before = process.cpuUsage();
	// Answers are remembered from image to image, not from round to round.
	const match = matcherOver(store);
	judged = 0;
	findings = 0;
	for (const inventory of images) {
		const sorted = judgeable(inventory, store, "drop");
		judged += sorted.judged.length;
		findings += findingsOf(sorted.judged, inventory.os, [], match).findings.length;
	}
	const { user, system } = process.cpuUsage(before);
	wall.push(performance.now() - started);
	cpu.push((user + system) / 1000);
}
store.close();
const packages = images.reduce((sum, inventory) => sum + inventory.packages.length, 0);
const figures: MatchFigures = { packages, judged, findings, wall, cpu };
process.stdout.write(JSON.stringify(figures));
