/** Baseline: unpacks a `db.tar.gz` and parses every value in it. The walk is that of our own bbolt reader. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { type BoltEntry, openBolt } from "../../src/engine/advisories/trivy-db/bolt.ts";

const folder = mkdtempSync(join(tmpdir(), "plimsoll-bench-trivy-"));
const path = join(folder, "trivy.db");
try {
	writeFileSync(path, fileIn(gunzipSync(readFileSync(process.argv[2] ?? "")), "trivy.db"));
	const file = openBolt(path);
	process.stdout.write(`${parseAll(file.entries())} values\n`);
	file.close();
} finally {
	rmSync(folder, { recursive: true });
}

function parseAll(entries: Iterable<BoltEntry>): number {
	let values = 0;
	for (const entry of entries) {
		if (entry.kind === "bucket") values += parseAll(entry.entries());
		else if (typeof JSON.parse(entry.value.toString()) === "object") values += 1;
	}
	return values;
}

function fileIn(tar: Buffer, name: string): Buffer {
	for (let at = 0; at + 512 <= tar.length; ) {
		const size = Number.parseInt(tar.toString("latin1", at + 124, at + 135), 8) || 0;
		if (tar.toString("latin1", at, at + 100).split("\0")[0] === name) return tar.subarray(at + 512, at + 512 + size);
		at += 512 + Math.ceil(size / 512) * 512;
	}
	throw new Error(`There is no ${name} in the archive.`);
}
