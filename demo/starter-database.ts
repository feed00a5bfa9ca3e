import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { updateAdvisories } from "#engine";
import { storedZip } from "./zip.ts";

/** What is read of an OSV record. */
interface StarterRecord {
	readonly id: string;
	readonly affected: readonly { readonly package: { readonly ecosystem: string } }[];
}

/** Lays the starter set out like the OSV bucket and builds a database from it. */
export async function buildStarterDatabase(
	bucket: string,
	db: string,
	kind: "starter" | "full",
	clock = () => new Date(),
): Promise<void> {
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
		kind,
		fetch: () => Promise.reject(new Error("the demo reaches no network")),
		clock,
	});
}
