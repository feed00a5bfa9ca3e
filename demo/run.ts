/**
 * `npm run demo`: makes a small image, a database from the starter set, and scans the one with the other through the
 * real command line. Needs no network and leaves nothing behind.
 */

import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { updateAdvisories } from "#engine";
import { writeSampleImage } from "./sample-image.ts";
import { storedZip } from "./zip.ts";

/** What the demo reads of an OSV record. */
interface StarterRecord {
	readonly id: string;
	readonly affected: readonly { readonly package: { readonly ecosystem: string } }[];
}

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
	await buildDatabase(join(dir, "bucket"), db);
	process.stderr.write("demo: plimsoll scan oci-layout:shop:latest --db starter-set\n");
	return plimsoll(["scan", "oci-layout:shop:latest", "--db", db, "--no-cache", "--quiet"], dir);
}

/** Lays the starter set out like the OSV bucket and builds a database of kind `starter` from it. */
async function buildDatabase(bucket: string, db: string): Promise<void> {
	const text = await readFile(new URL("starter-set.json", import.meta.url), "utf8");
	const records = JSON.parse(text) as StarterRecord[];
	const byEcosystem = Map.groupBy(records, (record) => record.affected[0]?.package.ecosystem ?? "");
	for (const [ecosystem, group] of byEcosystem) {
		const entries = group.map((record) => ({ name: `${record.id}.json`, bytes: Buffer.from(JSON.stringify(record)) }));
		await mkdir(join(bucket, ecosystem), { recursive: true });
		await writeFile(join(bucket, ecosystem, "all.zip"), storedZip(entries));
	}
	await updateAdvisories({
		source: bucket,
		dir: db,
		kind: "starter",
		fetch: () => Promise.reject(new Error("the demo reaches no network")),
		clock: () => new Date(),
	});
}

function plimsoll(args: readonly string[], cwd: string): Promise<number> {
	const launcher = join(import.meta.dirname, "..", "bin", "plimsoll.js");
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [launcher, ...args], { cwd, stdio: "inherit" });
		child.on("error", reject);
		child.on("exit", (code) => resolve(code ?? 1));
	});
}
