/**
 * `node demo/first-start.ts FOLDER`: what a new service has to scan and to judge by before it was told of anything: the
 * sample image as a repository of layouts in FOLDER/samples, and the starter set as FOLDER/advisories. The service runs
 * this as a program, so that none of its layers depends on the demo. What is there already stays.
 */
import { existsSync } from "node:fs";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeSampleImage } from "./sample-image.ts";
import { buildStarterDatabase } from "./starter-database.ts";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: node demo/first-start.ts FOLDER");
const work = await mkdtemp(join(folder, "first-start-"));
try {
	if (!existsSync(join(folder, "samples"))) {
		// Whole or not at all.
		await writeSampleImage(join(work, "samples", "shop"));
		await rename(join(work, "samples"), join(folder, "samples"));
	}
	if (!existsSync(join(folder, "advisories"))) {
		await buildStarterDatabase(join(work, "bucket"), join(work, "advisories"), "starter");
		await rename(join(work, "advisories"), join(folder, "advisories"));
	}
} finally {
	await rm(work, { recursive: true, force: true });
}
