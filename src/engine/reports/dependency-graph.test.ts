import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ReportPackage } from "#model";
import { dependencyGraph, rootsOf } from "./dependency-graph.ts";

function pkg(text: string, path: string, more: Partial<ReportPackage> = {}): ReportPackage {
	const at = text.lastIndexOf("@");
	const [name, version] = [text.slice(0, at), text.slice(at + 1)];
	return { type: "npm", name, version, path, paths: [path], layer: 0, purl: `pkg:npm/${text}`, ...more };
}

function edgesOf(packages: readonly ReportPackage[]): readonly string[] {
	const label = (index: number): string => `${packages[index]?.name}@${packages[index]?.version}`;
	return dependencyGraph(packages).flatMap((targets, from) => targets.map((to) => `${label(from)} > ${label(to)}`));
}

describe("dependencyGraph", () => {
	it("takes the copy that a module loader would find", () => {
		const edges = edgesOf([
			pkg("app@1", "srv/package.json", { requires: ["left", "a"] }),
			pkg("a@1", "srv/node_modules/a/package.json", { requires: ["left"] }),
			pkg("b@1", "srv/node_modules/b/package.json", { requires: ["left"] }),
			pkg("left@1", "srv/node_modules/left/package.json"),
			pkg("left@2", "srv/node_modules/a/node_modules/left/package.json"),
			pkg("left@3", "opt/node_modules/left/package.json"),
		]);
		expect(edges).toEqual(["app@1 > a@1", "app@1 > left@1", "a@1 > left@2", "b@1 > left@1"]);
	});

	it("takes the package of its own architecture, or all where nothing tells them apart", () => {
		const status = "var/lib/dpkg/status";
		const deb = { type: "deb", arch: "amd64" } as const;
		const packages = [
			pkg("curl@8", status, { ...deb, requires: ["libc6", "virtual"] }),
			pkg("libc6@2", status, deb),
			pkg("libc6@2", status, { ...deb, arch: "i386" }),
		];
		expect(dependencyGraph(packages)).toEqual([[1], [], []]);
		const twins = packages.map((each) => ({ ...each, arch: "amd64" }));
		expect(dependencyGraph(twins)).toEqual([[1, 2], [], []]);
	});

	it("reads names as package managers do, but never across types", () => {
		const python = { type: "pypi" } as const;
		expect(
			edgesOf([
				pkg("app@1", "a/METADATA", { ...python, requires: ["Foo_Bar", "left"] }),
				pkg("foo.bar@2", "b/METADATA", python),
				pkg("left@1", "c/package.json"),
			]),
		).toEqual(["app@1 > foo.bar@2"]);
	});

	it("takes what brought a package in for an edge", () => {
		const packages = [
			pkg("express@4", "a"),
			pkg("qs@1", "b", { parents: ["express@4", "app@1"] }),
			pkg("self@1", "c", { requires: ["self"], parents: ["self@1"] }),
		];
		expect(edgesOf(packages)).toEqual(["express@4 > qs@1"]);
	});

	it("takes little time for an image that repeats one name without end", () => {
		const many = Array.from({ length: 20_000 }, (_, index) =>
			pkg(`a@${index}`, `srv/${index}/package.json`, { requires: ["a"] }),
		);
		const start = performance.now();
		expect(dependencyGraph(many).flat()).toEqual([]);
		expect(performance.now() - start).toBeLessThan(2_000);
	});
});

describe("rootsOf", () => {
	it("reaches everything, rings included", () => {
		expect(rootsOf([[1], [2], [1], []])).toEqual([0, 3]);
		expect(rootsOf([[1], [0], []])).toEqual([0, 2]);
		const graphs = fc.array(fc.array(fc.nat(19), { maxLength: 4 }), { minLength: 20, maxLength: 20 });
		const law = fc.property(graphs, (graph) => {
			const reached = new Set(rootsOf(graph));
			for (const from of reached) for (const to of graph[from] ?? []) reached.add(to);
			return reached.size === graph.length;
		});
		fc.assert(law, { numRuns: 1_000 });
	});
});
