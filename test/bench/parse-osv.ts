/** Baseline: reads every zip of a bucket and parses every record, with Node's own inflate and `JSON.parse` alone. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateRawSync } from "node:zlib";

const folder = process.argv[2] ?? "";
let records = 0;
for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".zip"))) {
	const zip = readFileSync(join(folder, name));
	const end = zip.lastIndexOf(Buffer.from("PK\u0005\u0006", "latin1"));
	let at = zip.readUInt32LE(end + 16);
	for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
		const method = zip.readUInt16LE(at + 10);
		const packed = zip.readUInt32LE(at + 20);
		const local = zip.readUInt32LE(at + 42);
		const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
		const bytes = zip.subarray(start, start + packed);
		const record: unknown = JSON.parse((method === 0 ? bytes : inflateRawSync(bytes)).toString());
		if (typeof record === "object") records += 1;
		at += 46 + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
	}
}
process.stdout.write(`${records} records\n`);
