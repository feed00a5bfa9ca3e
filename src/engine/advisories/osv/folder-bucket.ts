import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { EngineError } from "../../errors.ts";
import { type Bucket, isPlainName, parseEcosystems } from "./bucket.ts";

/** A bucket as a folder on this machine; its zips are read where they lie. */
export function folderBucket(folder: string, clock: () => Date): Bucket {
	return {
		location: folder,
		list: () => listed(folder),
		fetchZip: async (ecosystem) => {
			const path = join(folder, ecosystem, "all.zip");
			return (await isFile(path)) ? { path, url: path, fetchedAt: clock().toISOString() } : null;
		},
		reject: async () => {},
		release: async () => {},
	};
}

async function listed(folder: string): Promise<readonly string[]> {
	try {
		const entries = await readdir(folder);
		if (entries.includes("ecosystems.txt"))
			return parseEcosystems(await readFile(join(folder, "ecosystems.txt"), "utf8"));
		const names = entries.filter(isPlainName);
		const zips = await Promise.all(names.map((name) => isFile(join(folder, name, "all.zip"))));
		return names.filter((_, index) => zips[index]);
	} catch (error) {
		throw new EngineError(
			"advisories_source_unusable",
			`The folder ${folder} cannot be read: ${error instanceof Error ? error.message : String(error)}.`,
			"Give a folder or URL with the layout of the OSV bucket: `<Ecosystem>/all.zip`.",
			error,
		);
	}
}

async function isFile(path: string): Promise<boolean> {
	try {
		return (await stat(path)).isFile();
	} catch {
		return false;
	}
}
