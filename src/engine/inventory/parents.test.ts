import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InstalledPackage, PackageType } from "#model";
import { dependencyChains } from "./dependency-chains.ts";
import { withParents, withParentsByNeeds } from "./parents.ts";

function pkg(
	text: string,
	paths: string | readonly string[],
	requires: readonly string[] = [],
	type: PackageType = "npm",
) {
	const at = text.lastIndexOf("@");
	const all = typeof paths === "string" ? [paths] : paths;
	const found: InstalledPackage = {
		type,
		name: text.slice(0, at),
		version: text.slice(at + 1),
		requires,
		path: all[0] ?? "",
		paths: all,
		layer: 0,
	};
	return found;
}

/** An npm package in a folder. */
function module(text: string, folders: string | readonly string[], requires: readonly string[] = []) {
	return pkg(
		text,
		[folders].flat().map((folder) => `${folder}/package.json`),
		requires,
	);
}

function parents(packages: readonly InstalledPackage[], links: Readonly<Record<string, string>> = {}) {
	const found = withParents(packages, new Map(Object.entries(links)));
	return Object.fromEntries(found.map((one) => [`${one.name}@${one.version}`, (one.parents ?? []).join(" < ")]));
}

describe("npm's tree", () => {
	it("is resolved upwards, the nearest first", () => {
		const tree = [
			module("shop@1.0.0", "app", ["express", "debug"]),
			module("express@4.17.1", "app/node_modules/express", ["debug", "@s/qs"]),
			module("debug@2.6.9", "app/node_modules/express/node_modules/debug", ["ms"]),
			module("debug@4.3.4", "app/node_modules/debug", ["ms"]),
			module("ms@2.0.0", "app/node_modules/express/node_modules/ms"),
			module("ms@2.1.2", "app/node_modules/ms"),
			module("@s/qs@6.0.0", "app/node_modules/@s/qs", ["absent"]),
			module("stray@1.0.0", "srv/node_modules/stray"),
		];
		expect(parents(tree)).toEqual({
			"shop@1.0.0": "",
			"express@4.17.1": "shop@1.0.0",
			"debug@2.6.9": "express@4.17.1 < shop@1.0.0",
			"debug@4.3.4": "shop@1.0.0",
			"ms@2.0.0": "debug@2.6.9 < express@4.17.1 < shop@1.0.0",
			"ms@2.1.2": "debug@4.3.4 < shop@1.0.0",
			"@s/qs@6.0.0": "express@4.17.1 < shop@1.0.0",
			"stray@1.0.0": "",
		});
	});

	it("begins at the image's root too, and stops at no project's border", () => {
		expect(
			parents([
				module("inner@1.0.0", "packages/inner", ["a"]),
				pkg("root@1.0.0", "package.json", ["inner", "b"]),
				module("a@1.0.0", "node_modules/a"),
				module("b@1.0.0", "node_modules/b"),
			]),
		).toMatchObject({ "a@1.0.0": "inner@1.0.0", "b@1.0.0": "root@1.0.0" });
	});

	it("never leaves a folder that is only called like it", () => {
		expect(
			parents([module("a@1.0.0", "x/my_node_modules/a", ["b"]), module("b@1.0.0", "x/my_node_modules/b")]),
		).toEqual({
			"a@1.0.0": "",
			"b@1.0.0": "",
		});
	});

	it("goes by the folder's name, which an alias changes", () => {
		const tree = [module("shop@1.0.0", "app", ["mine"]), module("theirs@1.0.0", "app/node_modules/mine")];
		expect(parents(tree)["theirs@1.0.0"]).toBe("shop@1.0.0");
	});

	it("gives a package at several places the shortest of its chains", () => {
		const tree = [
			module("shop@1.0.0", "app", ["a"]),
			module("a@1.0.0", "app/node_modules/a", ["b", "c"]),
			module("b@1.0.0", "app/node_modules/b", ["c"]),
			module("c@1.0.0", ["app/node_modules/b/node_modules/c", "app/node_modules/a/node_modules/c"]),
		];
		expect(parents(tree)["c@1.0.0"]).toBe("a@1.0.0 < shop@1.0.0");
	});
});

describe("pnpm's store", () => {
	const store = "app/node_modules/.pnpm";
	const at = (key: string, name: string) => `${store}/${key}/node_modules/${name}`;
	const tree = [
		module("shop@1.0.0", "app", ["express", "debug"]),
		module("express@4.17.1", at("express@4.17.1", "express"), ["debug", "bytes"]),
		module("debug@2.6.9", at("debug@2.6.9", "debug")),
		module("debug@4.3.4", at("debug@4.3.4_supports-color@8.0.0", "debug"), ["supports-color"]),
		module("supports-color@8.0.0", at("supports-color@8.0.0", "supports-color")),
		module("bytes@3.1.0", at("bytes@3.1.0", "bytes")),
	];

	it("is told by names where a name has one version", () => {
		expect(parents(tree)).toEqual({
			"shop@1.0.0": "",
			"express@4.17.1": "shop@1.0.0",
			"debug@2.6.9": "",
			"debug@4.3.4": "",
			"supports-color@8.0.0": "debug@4.3.4",
			"bytes@3.1.0": "express@4.17.1 < shop@1.0.0",
		});
	});

	it("is told exactly by its links", () => {
		const links = {
			"app/node_modules/express": ".pnpm/express@4.17.1/node_modules/express",
			"app/node_modules/debug": "./.pnpm/debug@4.3.4_supports-color@8.0.0/node_modules/debug",
			[at("express@4.17.1", "debug")]: "../../debug@2.6.9/node_modules/debug",
			[at("express@4.17.1", "bytes")]: `/${at("bytes@3.1.0", "bytes")}`,
			[at("debug@4.3.4_supports-color@8.0.0", "supports-color")]: "../../../../../nowhere",
		};
		expect(parents(tree, links)).toEqual({
			"shop@1.0.0": "",
			"express@4.17.1": "shop@1.0.0",
			"debug@2.6.9": "express@4.17.1 < shop@1.0.0",
			"debug@4.3.4": "shop@1.0.0",
			"supports-color@8.0.0": "debug@4.3.4 < shop@1.0.0",
			"bytes@3.1.0": "express@4.17.1 < shop@1.0.0",
		});
	});
});

describe("Yarn's archives", () => {
	const zip = (cache: string, name: string) => `${cache}/${name}-npm-1.0.0-0123456789.zip/node_modules/${name}`;
	it.each(["app/.yarn/cache", "root/.yarn/berry/cache"])("in %s are told by names", (cache) => {
		const tree = [
			module("shop@1.0.0", "app", ["a"]),
			module("a@1.0.0", zip(cache, "a"), ["b"]),
			module("b@1.0.0", zip(cache, "b")),
		];
		expect(parents(tree)).toEqual({ "shop@1.0.0": "", "a@1.0.0": "shop@1.0.0", "b@1.0.0": "a@1.0.0 < shop@1.0.0" });
	});
});

describe("other languages", () => {
	it("find crates within one executable only, and only where the name says which", () => {
		const crates = [
			pkg("tool@1.0.0", "bin/a", ["serde", "rand"], "cargo"),
			pkg("serde@1.0.0", ["bin/a", "bin/b"], [], "cargo"),
			pkg("rand@0.7.0", "bin/a", [], "cargo"),
			pkg("rand@0.8.0", "bin/a", [], "cargo"),
		];
		expect(parents(crates)).toEqual({
			"tool@1.0.0": "",
			"serde@1.0.0": "tool@1.0.0",
			"rand@0.7.0": "",
			"rand@0.8.0": "",
		});
	});

	it("find distributions by their normalised names, in their own site-packages first", () => {
		const site = (env: string, name: string) => `${env}/site-packages/${name}-1.dist-info/METADATA`;
		const found = parents([
			pkg("Flask@1", site("a", "Flask"), ["Typing.Extensions", "other"], "pypi"),
			pkg("typing_extensions@1", site("a", "typing_extensions"), [], "pypi"),
			pkg("typing_extensions@2", site("b", "typing_extensions"), [], "pypi"),
			pkg("other@1", "b/site-packages/other.egg-info", [], "pypi"),
		]);
		expect(found).toEqual({
			"Flask@1": "",
			"typing_extensions@1": "Flask@1",
			"typing_extensions@2": "",
			"other@1": "Flask@1",
		});
	});

	it.each([
		["composer", "app/vendor/composer/installed.json", "Symfony/Console"],
		["nuget", "app/web.deps.json", "Symfony/Console"],
	] as const)("find %s packages whatever their case", (type, path, name) => {
		const found = parents([pkg("a@1", path, [name], type), pkg("symfony/console@5", path, [], type)]);
		expect(found["symfony/console@5"]).toBe("a@1");
	});

	it("do not find each other", () => {
		expect(parents([pkg("a@1", "x/node_modules/a/package.json", ["b"]), pkg("b@1", "x", [], "pypi")])["b@1"]).toBe("");
	});

	it("leave OS packages alone", () => {
		const status = "var/lib/dpkg/status";
		const found = withParents([pkg("curl@1", status, ["libcurl"], "deb"), pkg("libcurl@1", status, [], "deb")]);
		expect(found.map((one) => one.parents)).toEqual([undefined, undefined]);
	});
});

describe("an SBOM's graph", () => {
	it("gives chains by index, through language packages only", () => {
		const packages = [pkg("a@1", "x"), pkg("b@1", "x"), pkg("c@1", "x", [], "deb"), pkg("d@1", "x")];
		const found = withParentsByNeeds(packages, [[1], [2, 3], [3], []]);
		expect(found.map((one) => one.parents)).toEqual([undefined, ["a@1"], undefined, ["b@1", "a@1"]]);
	});
});

describe("circles", () => {
	it("end where they begin", () => {
		const tree = [
			module("a@1.0.0", "node_modules/a", ["b", "a"]),
			module("b@1.0.0", "node_modules/b", ["c"]),
			module("c@1.0.0", "node_modules/c", ["a", "b"]),
		];
		expect(parents(tree)).toEqual({ "a@1.0.0": "", "b@1.0.0": "a@1.0.0", "c@1.0.0": "b@1.0.0 < a@1.0.0" });
		expect(parents([...tree, module("r@1.0.0", "", ["c"])])).toMatchObject({
			"c@1.0.0": "r@1.0.0",
			"b@1.0.0": "c@1.0.0 < r@1.0.0",
		});
	});
});

describe("dependencyChains", () => {
	const graph = fc
		.integer({ min: 1, max: 9 })
		.chain((size) =>
			fc.array(fc.uniqueArray(fc.nat(size - 1), { maxLength: 3 }), { minLength: size, maxLength: size }),
		);
	const labelsOf = (needs: readonly unknown[]) => needs.map((_, node) => `${(node * 7) % needs.length}-${node}`);

	it("gives shortest chains of real needs that end at a root, in every graph", () => {
		fc.assert(
			fc.property(graph, (needs) => {
				const isRoot = needs.map((_, node) => !needs.some((list, from) => from !== node && list.includes(node)));
				const depth = needs.map((_, node) => (isRoot[node] ? 0 : Number.POSITIVE_INFINITY));
				for (const _ of needs) {
					for (const [from, list] of needs.entries()) {
						for (const to of list) depth[to] = Math.min(depth[to] ?? 0, (depth[from] ?? 0) + 1);
					}
				}
				for (const [node, chain] of dependencyChains(labelsOf(needs), needs).entries()) {
					for (const [at, one] of [node, ...chain].slice(0, -1).entries())
						expect(needs[chain[at] ?? -1]).toContain(one);
					expect(new Set([node, ...chain]).size).toBe(chain.length + 1);
					if (Number.isFinite(depth[node])) expect(chain).toHaveLength(depth[node] ?? -1);
				}
			}),
		);
	});

	it("does not depend on the order of the nodes", () => {
		fc.assert(
			fc.property(graph, fc.infiniteStream(fc.nat(1_000)), (needs, random) => {
				const order = needs.map((_, node) => ({ node, key: random.next().value ?? 0 })).sort((a, b) => a.key - b.key);
				const place = new Map(order.map(({ node }, at) => [node, at]));
				const labels = labelsOf(needs);
				const shuffled = order.map(({ node }) => (needs[node] ?? []).map((one) => place.get(one) ?? -1));
				const named = (all: readonly string[], chains: readonly (readonly number[])[]) =>
					Object.fromEntries(chains.map((chain, node) => [all[node], chain.map((one) => all[one])]));
				const mixed = order.map(({ node }) => labels[node] ?? "");
				expect(named(mixed, dependencyChains(mixed, shuffled))).toEqual(named(labels, dependencyChains(labels, needs)));
			}),
		);
	});
});

describe("speed", () => {
	function tree(size: number, nested: boolean) {
		return Array.from({ length: size }, (_, i) => {
			const folder = nested ? `app/node_modules/p${i - (i % 5)}/node_modules/p${i}` : `app/node_modules/p${i}`;
			return module(
				`p${i}@1.0.0`,
				folder,
				Array.from({ length: 10 }, (_, k) => `p${(i * 31 + k * 17 + 1) % size}`),
			);
		});
	}

	it.each([true, false])("of 10,000 packages (nested: %s) is far below a second", (nested) => {
		const packages = tree(10_000, nested);
		const start = performance.now();
		withParents(packages);
		// About 80 ms on an idle machine.
		expect(performance.now() - start).toBeLessThan(2_000);
	});

	it("of a chain of 30,000 packages, or as many stores, is linear", { timeout: 60_000 }, () => {
		const chain = Array.from({ length: 30_000 }, (_, i) => module(`p${i}@1.0.0`, `node_modules/p${i}`, [`p${i + 1}`]));
		const stores = Array.from({ length: 30_000 }, (_, i) =>
			module(`p${i}@1.0.0`, `node_modules/.s${i}/k/node_modules/p${i}`, [`p${i + 1}`]),
		);
		const start = performance.now();
		const found = withParents(chain);
		withParents(stores);
		// Half a second; to look through all stores for each package would take a minute.
		expect(performance.now() - start).toBeLessThan(15_000);
		expect(Math.max(...found.map((one) => one.parents?.length ?? 0))).toBe(32);
	});
});
