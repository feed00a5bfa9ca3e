import { chmod, mkdir, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tempDir } from "../scan-fixture.ts";
import { folderLayerCache } from "./layer-cache.ts";

const keyOf = (at: number): string => String(at).padStart(64, "0");

/** Sets when an entry was last used. */
async function usedAt(dir: string, key: string, second: number): Promise<void> {
	await utimes(join(dir, `${key}.json`), second, second);
}

test("gives back what was put, also to another process's cache of the same folder", async () => {
	const dir = join(await tempDir(), "made/on/demand");
	const cache = folderLayerCache(dir);
	expect(await cache.get(keyOf(1))).toBeNull();
	await cache.put(keyOf(1), "one");
	await cache.put(keyOf(1), "one again");
	expect(await folderLayerCache(dir).get(keyOf(1))).toBe("one again");
	expect(await readdir(dir)).toEqual([`${keyOf(1)}.json`]);
});

test("many puts at once, of the same and of other keys, leave whole entries and nothing else", async () => {
	const dir = await tempDir();
	const value = "v".repeat(100_000);
	const [one, other] = [folderLayerCache(dir), folderLayerCache(dir)];
	await Promise.all(Array.from({ length: 40 }, (_, at) => (at % 2 ? one : other).put(keyOf((at >> 1) % 10), value)));
	const names = await readdir(dir);
	expect(names.sort()).toEqual(Array.from({ length: 10 }, (_, at) => `${keyOf(at)}.json`));
	for (const name of names) expect(await readFile(join(dir, name), "utf8")).toBe(value);
});

test("beyond its capacity the entries not used for longest go; reading is using", async () => {
	const dir = await tempDir();
	const cache = folderLayerCache(dir, 3000);
	for (const at of [1, 2, 3]) {
		await cache.put(keyOf(at), "v".repeat(1000));
		await usedAt(dir, keyOf(at), at);
	}
	expect(await cache.get(keyOf(1))).not.toBeNull();
	await cache.put(keyOf(4), "v".repeat(1000));
	expect((await readdir(dir)).sort()).toEqual([1, 3, 4].map((at) => `${keyOf(at)}.json`));
	await cache.put(keyOf(5), "v".repeat(2500));
	expect(await readdir(dir)).toEqual([`${keyOf(5)}.json`]);
});

test("an entry larger than the whole capacity is not kept", async () => {
	const dir = await tempDir();
	await folderLayerCache(dir, 10).put(keyOf(1), "v".repeat(11));
	expect(await readdir(dir)).toEqual([]);
});

test("what a killed process left half-written goes in time, what is being written stays", async () => {
	const dir = await tempDir();
	await writeFile(join(dir, "old.part"), "x");
	await utimes(join(dir, "old.part"), 1000, 1000);
	await writeFile(join(dir, "new.part"), "x");
	await folderLayerCache(dir).put(keyOf(1), "one");
	expect((await readdir(dir)).sort()).toEqual([`${keyOf(1)}.json`, "new.part"]);
});

test("a folder that cannot be used costs nothing but time", async () => {
	const dir = await tempDir();
	await writeFile(join(dir, "file"), "in the way");
	const inTheWay = folderLayerCache(join(dir, "file"));
	await inTheWay.put(keyOf(1), "one");
	expect(await inTheWay.get(keyOf(1))).toBeNull();
	await mkdir(join(dir, `closed/${keyOf(1)}.json`), { recursive: true });
	await chmod(join(dir, "closed"), 0o500);
	const closed = folderLayerCache(join(dir, "closed"));
	await closed.put(keyOf(1), "one");
	expect(await closed.get(keyOf(1))).toBeNull();
	await chmod(join(dir, "closed"), 0o700);
	expect(await readdir(join(dir, "closed"))).toEqual([`${keyOf(1)}.json`]);
});

test("a key that is no key never becomes a path", async () => {
	const cache = folderLayerCache(await tempDir());
	await expect(cache.get("../../etc/passwd")).rejects.toThrow(TypeError);
	await expect(cache.put("a".repeat(63), "x")).rejects.toThrow(TypeError);
});
