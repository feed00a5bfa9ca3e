/**
 * `npm run demo`: makes a small image, a database from the starter set, and scans the one with the other through the
 * real command line. Needs no network and leaves nothing behind.
 */

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSampleImage } from "./sample-image.ts";
import { buildStarterDatabase } from "./starter-database.ts";

const work = await mkdtemp(join(tmpdir(), "plimsoll-demo-"));
try {
	process.exitCode = await demo(work);
} finally {
	await rm(work, { recursive: true, force: true });
}

async function demo(dir: string): Promise<number> {
	const image = join(dir, "shop");
	const db = join(dir, "starter-set");
	await writeSampleImage(image);
	await buildStarterDatabase(join(dir, "bucket"), db, "starter");
	process.stderr.write("demo: plimsoll scan oci-layout:shop:latest --db starter-set\n");
	return plimsoll(["scan", "oci-layout:shop:latest", "--db", db, "--no-cache", "--quiet"], dir);
}

function plimsoll(args: readonly string[], cwd: string): Promise<number> {
	const launcher = join(import.meta.dirname, "..", "bin", "plimsoll.js");
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [launcher, ...args], { cwd, stdio: "inherit" });
		child.on("error", reject);
		child.on("exit", (code) => resolve(code ?? 1));
	});
}
