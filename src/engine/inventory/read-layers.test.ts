import { describe, expect, test } from "vitest";
import type { Digest } from "#model";
import { catalogers } from "../ecosystems.ts";
import { defaultLimits } from "../image/limits.ts";
import type { LayerCache } from "../ports.ts";
import { contentOf, memoryCache, noise, npmPackage, openLayout } from "../scan-fixture.ts";
import { buildImage, file, hardLink, type TarInput } from "../testing/index.ts";
import type { LayerInventory } from "./layer-inventory.ts";
import { type ReadLayersDeps, readLayers } from "./read-layers.ts";

interface Result {
	readonly inventory: LayerInventory;
	readonly streams: number;
	readonly states: readonly string[];
	readonly bytes: number;
	readonly size: number;
}

/** Reads an image of one layer. */
async function read(
	tar: readonly TarInput[] | Buffer,
	more: Partial<ReadLayersDeps> & { readonly cache?: LayerCache } = {},
): Promise<Result> {
	const image = buildImage({ layers: [{ tar }] });
	const { source, streamed } = await openLayout(contentOf(image));
	const states: string[] = [];
	let bytes = 0;
	const descriptors = image.layers.map(({ descriptor }) => descriptor);
	const inventories = await readLayers(source, descriptors, {
		catalogers,
		cache: null,
		signal: new AbortController().signal,
		onLayer: (_digest, state) => states.push(state),
		onBytes: (count) => {
			bytes += count;
		},
		...more,
	});
	const inventory = inventories.get(descriptors[0]?.digest as Digest) as LayerInventory;
	return { inventory, streams: streamed.length, states, bytes, size: descriptors[0]?.size ?? 0 };
}

function packages({ inventory }: Result): string[] {
	return inventory.files
		.flatMap((one) => one.packages.map((pkg) => `${pkg.name}@${pkg.version} at ${pkg.path}`))
		.sort();
}

const manifest = JSON.stringify({ name: "a", version: "1.0.0" });
const pnpm = [file("store/ab12", manifest), hardLink("srv/node_modules/a/package.json", "store/ab12")];

describe("hard links", () => {
	test("a link to a catalogued file has its results under its own path, in one stream", async () => {
		const result = await read([npmPackage("a@1.0.0"), hardLink("opt/package.json", "srv/node_modules/a/package.json")]);
		expect(packages(result)).toEqual(["a@1.0.0 at opt/package.json", "a@1.0.0 at srv/node_modules/a/package.json"]);
		expect(result.streams).toBe(1);
	});

	test("a release file's statement moves with the link", async () => {
		const result = await read([
			file("usr/lib/os-release", "ID=debian\n"),
			hardLink("etc/os-release", "usr/lib/os-release"),
		]);
		expect(result.inventory.files.map((one) => one.os?.path)).toEqual(["usr/lib/os-release", "etc/os-release"]);
	});

	test("what is wrong with the target is told once", async () => {
		const broken = file("srv/node_modules/a/package.json", "{");
		const link = hardLink("opt/node_modules/a/package.json", "srv/node_modules/a/package.json");
		const { inventory } = await read([broken, link]);
		expect(inventory.warnings.map(({ code, path }) => [code, path])).toEqual([["package_file_malformed", broken.path]]);
	});

	test("a link to a nameless file (pnpm) costs a second stream, and the package is found", async () => {
		const result = await read(pnpm);
		expect(packages(result)).toEqual(["a@1.0.0 at srv/node_modules/a/package.json"]);
		expect(result.streams).toBe(2);
		expect(result.inventory.warnings).toEqual([]);
		expect(result.bytes).toBe(result.size);
		expect(result.states).toEqual(["started", "done"]);
	});

	test("two links to one nameless file, and a link to such a link", async () => {
		const result = await read([
			...pnpm,
			hardLink("opt/node_modules/a/package.json", "store/ab12"),
			hardLink("app/node_modules/a/package.json", "opt/node_modules/a/package.json"),
		]);
		expect(packages(result)).toEqual([
			"a@1.0.0 at app/node_modules/a/package.json",
			"a@1.0.0 at opt/node_modules/a/package.json",
			"a@1.0.0 at srv/node_modules/a/package.json",
		]);
		expect(result.streams).toBe(2);
	});

	test("a link of a name that nobody wants costs no second stream", async () => {
		const result = await read([file("store/ab12", manifest), hardLink("srv/readme.txt", "store/ab12")]);
		expect(result.streams).toBe(1);
	});

	test("files that are known by name alone are noticed behind a link", async () => {
		const result = await read([
			file("ostree/objects/12.file", "database"),
			hardLink("var/lib/pacman/local/bash-5.2-1/desc", "ostree/objects/12.file"),
		]);
		expect(result.inventory.files.flatMap((one) => one.unread ?? [])).toEqual(["Arch Linux"]);
	});

	test.each([0o644, 0o755])("a link to nothing (mode %o) is one warning", async (mode) => {
		const result = await read([hardLink("srv/node_modules/a/package.json", "store/gone", mode)]);
		expect(result.inventory.warnings).toEqual([
			{
				code: "entry_malformed",
				message: "The hard link srv/node_modules/a/package.json points to store/gone, which the layer does not hold.",
				path: "srv/node_modules/a/package.json",
			},
		]);
		expect(result.streams).toBe(2);
	});
});

test("warnings of a layer are not endless", async () => {
	const names = Array.from({ length: 30 }, (_, at) => `n${at}`);
	const { inventory } = await read(
		[
			...names.map((name) => file(`node_modules/${name}/package.json`, "{")),
			...names.map((name) => hardLink(`opt/node_modules/${name}/package.json`, "gone")),
		],
		{ limits: { ...defaultLimits, warnings: 10 } },
	);
	expect(inventory.warnings).toHaveLength(11);
	expect(inventory.warnings.at(-1)?.message).toContain("50 more");
});

test("a layer that is given up in the middle still counts all its bytes", async () => {
	const files = Array.from({ length: 50 }, (_, at) => file(`f${at}`, noise(40_000)));
	const result = await read(files, { limits: { ...defaultLimits, entries: 5 } });
	expect(result.inventory.complete).toBe(false);
	expect(result.bytes).toBe(result.size);
	const unknown = await read(Buffer.from([0x42, 0x5a, 0x68, 0x39, ...Buffer.alloc(600)]));
	expect(unknown.bytes).toBe(unknown.size);
});

describe("the layer cache", () => {
	test("the second reading streams nothing and says the same", async () => {
		const cache = memoryCache();
		const first = await read(pnpm, { cache });
		const second = await read(pnpm, { cache });
		expect(second).toEqual({ ...first, streams: 0, states: ["cached"] });
		expect(cache.entries.size).toBe(1);
	});

	test("a cataloger of another version, or another set of them, does not use the entry", async () => {
		const cache = memoryCache();
		await read(pnpm, { cache });
		const newer = catalogers.map((one) => (one.id === "npm" ? { ...one, version: one.version + 1 } : one));
		expect((await read(pnpm, { cache, catalogers: newer })).streams).toBe(2);
		expect((await read(pnpm, { cache, catalogers: catalogers.slice(1) })).streams).toBe(2);
		expect((await read(pnpm, { cache, catalogers: catalogers.toReversed() })).streams).toBe(0);
	});

	test.each(["", "{", "null", "[]", "{}", '"text"', '{"complete":true,"files":{}}'])(
		"a corrupt entry (%s) is ignored and written anew",
		async (text) => {
			const cache = memoryCache();
			const first = await read(pnpm, { cache });
			const [[key, good] = ["", ""]] = cache.entries;
			cache.entries.set(key, text);
			const again = await read(pnpm, { cache });
			expect(again).toEqual(first);
			expect(cache.entries.get(key)).toBe(good);
		},
	);

	test("an entry that says it is not complete is not used", async () => {
		const cache = memoryCache();
		await read(pnpm, { cache });
		for (const [key, text] of cache.entries) {
			cache.entries.set(key, text.replace('"complete":true', '"complete":false'));
		}
		expect((await read(pnpm, { cache })).streams).toBe(2);
	});

	test("a layer that was not read to its end is not kept", async () => {
		const cache = memoryCache();
		const short = await read([npmPackage("a@1.0.0"), file("x", "y")], {
			cache,
			limits: { ...defaultLimits, entries: 1 },
		});
		expect(short.inventory.complete).toBe(false);
		const cut = await read(Buffer.alloc(700, 1), { cache });
		expect(cut.inventory.complete).toBe(false);
		expect(cache.entries.size).toBe(0);
	});
});
