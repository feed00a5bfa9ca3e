import fc from "fast-check";
import { expect, test } from "vitest";
import type { LayerInventory } from "./layer-inventory.ts";
import { overlay } from "./overlay.ts";

interface Layer {
	readonly files: readonly string[];
	readonly whiteouts: readonly string[];
	readonly opaqueDirs: readonly string[];
	readonly symlinks: readonly string[];
}

/** Few names, so that layers meet: files where others have folders, names that begin alike. */
const path = fc.array(fc.constantFrom("a", "aa", "b"), { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const paths = fc.uniqueArray(path, { maxLength: 4 });
const layer: fc.Arbitrary<Layer> = fc
	.record({
		files: fc.uniqueArray(path, { maxLength: 6 }),
		whiteouts: paths,
		opaqueDirs: fc.uniqueArray(fc.oneof({ weight: 6, arbitrary: path }, fc.constant("")), { maxLength: 1 }),
		symlinks: fc.uniqueArray(path, { maxLength: 1 }),
	})
	.map(({ files, symlinks, ...hides }) => {
		// In one layer nothing lies below a file or a link.
		const blocked = (one: string, by: readonly string[]) => by.some((other) => one.startsWith(`${other}/`));
		const kept = files.filter((one) => !symlinks.includes(one) && !blocked(one, [...files, ...symlinks]));
		return { ...hides, files: kept, symlinks: symlinks.filter((one) => !blocked(one, kept)) };
	});

/** Everything that is there, by path: which layer put it. Steps in the order of the specification, each the plain way. */
function unpack(layers: readonly Layer[]): Map<string, number> {
	let tree = new Map<string, number>();
	const without = (gone: (one: string) => boolean) => {
		tree = new Map([...tree].filter(([one]) => !gone(one)));
	};
	layers.forEach(({ files, whiteouts, opaqueDirs, symlinks }, index) => {
		for (const dir of opaqueDirs) without((one) => dir === "" || one.startsWith(`${dir}/`));
		for (const name of [...whiteouts, ...symlinks]) without((one) => one === name || one.startsWith(`${name}/`));
		for (const name of files) {
			without((one) => one.startsWith(`${name}/`) || name.startsWith(`${one}/`));
			tree.set(name, index);
		}
	});
	return tree;
}

function inventoryOf({ files, symlinks, ...hides }: Layer): LayerInventory {
	return {
		...hides,
		symlinks: symlinks.map((one) => ({ path: one, target: "elsewhere" })),
		diffId: null,
		bytes: 0,
		entries: 0,
		warnings: [],
		complete: true,
		files: files.flatMap((one) => ["npm", "unread"].map((cataloger) => ({ path: one, cataloger, packages: [] }))),
	};
}

test("layers over each other are what unpacking them one by one leaves", () => {
	const property = fc.property(fc.array(layer, { minLength: 1, maxLength: 5 }), (layers) => {
		const seen = overlay(layers.map(inventoryOf));
		const expected = [...unpack(layers)].flatMap(([one, index]) => [`${one} npm ${index}`, `${one} unread ${index}`]);
		expect(seen.map((file) => `${file.path} ${file.cataloger} ${file.layer}`).sort()).toEqual(expected.sort());
	});
	fc.assert(property, { numRuns: 3000 });
});

test("a file that only one cataloger wants replaces what another found in its forerunner", () => {
	const lower = inventoryOf({ files: ["app"], whiteouts: [], opaqueDirs: [], symlinks: [] });
	const upper = { ...lower, files: [{ path: "app", cataloger: "npm", packages: [] }] };
	expect(overlay([lower, upper]).map(({ cataloger, layer: at }) => [cataloger, at])).toEqual([["npm", 1]]);
});

test("a hundred layers over fifty thousand files are no work", () => {
	const many = Array.from({ length: 50_000 }, (_, at) => `srv/app/node_modules/n${at % 500}/lib/n${at}/package.json`);
	const nothing = { whiteouts: [], opaqueDirs: [], symlinks: [] };
	const small = inventoryOf({ ...nothing, files: ["etc/os-release"] });
	const start = performance.now();
	const files = overlay([inventoryOf({ ...nothing, files: many }), ...Array.from({ length: 100 }, () => small)]);
	expect(files).toHaveLength(100_002);
	expect(performance.now() - start).toBeLessThan(5000);
});
