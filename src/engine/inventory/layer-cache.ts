import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LayerCache } from "../ports.ts";

/** Kept inventories are some 10–500 KB each; beyond this sum the ones not used for longest go. */
const defaultCapacity = 256 * 1024 * 1024;

/** A part-written file this old, in milliseconds, belongs to a process that was killed. */
const abandonedAfter = 3_600_000;

/** Keys become file names. */
const keyForm = /^[0-9a-f]{64}$/;

/**
 * A layer cache in a folder, one file an entry, written beside and renamed: readers never see a half-written one, and
 * any number of processes may share the folder. A file that cannot be read or written costs time, not the scan.
 */
export function folderLayerCache(dir: string, capacityBytes = defaultCapacity): LayerCache {
	return {
		async get(key) {
			const path = pathOf(dir, key);
			try {
				const value = await readFile(path, "utf8");
				const now = new Date();
				await utimes(path, now, now).catch(() => undefined);
				return value;
			} catch {
				return null;
			}
		},
		async put(key, value) {
			const path = pathOf(dir, key);
			const part = `${path}.${randomBytes(6).toString("hex")}.part`;
			try {
				await mkdir(dir, { recursive: true, mode: 0o700 });
				await writeFile(part, value, { mode: 0o600 });
				await rename(part, path);
				await evict(dir, capacityBytes);
			} catch {
				await rm(part, { force: true }).catch(() => undefined);
			}
		},
	};
}

function pathOf(dir: string, key: string): string {
	if (!keyForm.test(key)) throw new TypeError(`not a layer cache key: ${key}`);
	return join(dir, `${key}.json`);
}

async function evict(dir: string, capacityBytes: number): Promise<void> {
	const found = await Promise.all(
		(await readdir(dir)).map(async (name) => {
			const path = join(dir, name);
			const status = await stat(path).catch(() => null);
			return { path, size: status?.size ?? 0, used: status?.mtimeMs ?? 0 };
		}),
	);
	for (const { path, used } of found) {
		if (path.endsWith(".part") && Date.now() - used > abandonedAfter) await rm(path, { force: true });
	}
	const files = found.filter(({ path }) => path.endsWith(".json"));
	let sum = files.reduce((total, file) => total + file.size, 0);
	for (const file of files.sort((a, b) => a.used - b.used)) {
		if (sum <= capacityBytes) return;
		await rm(file.path, { force: true });
		sum -= file.size;
	}
}
