import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { check, describeBreach, type RuleId } from "./architecture/check.ts";
import { importsOf } from "./architecture/imports.ts";
import { type Plant, planted, plantedTree } from "./architecture/planted.ts";
import { readTree } from "./architecture/tree.ts";

const root = join(import.meta.dirname, "..");

describe("this checkout", () => {
	const verdict = check(readTree(root));

	test("keeps the rules of the house", () => {
		expect(verdict.breaches.map(describeBreach)).toEqual([]);
	});

	test("is really seen: the checker finds its imports", () => {
		expect(verdict.edges.length).toBeGreaterThan(150);
		const layersSeen = new Set(verdict.edges.map(({ from }) => from.split("/").slice(0, 2).join("/")));
		for (const layer of ["src/model", "src/engine", "src/cli", "src/main"]) expect(layersSeen).toContain(layer);
	});

	test("runs on the Node that package.json pins, not on the machine's own", () => {
		const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
			optionalDependencies: Record<string, string>;
		};
		const pinned = Object.entries(manifest.optionalDependencies).filter(([name]) =>
			/^node-(bin-)?(linux|darwin)-/.test(name),
		);
		expect(pinned).toHaveLength(4);
		for (const [name, version] of pinned) expect(`${name} ${version}`).toBe(`${name} ${process.versions.node}`);
	});
});

describe("a planted breach is caught", () => {
	test("and the tree it is planted in is clean without it", () => {
		expect(check(plantedTree({})).breaches).toEqual([]);
	});

	const plants = Object.entries(planted) as [RuleId, readonly Plant[]][];
	const cases = plants.flatMap(([rule, ways]) => ways.map((plant, index) => ({ rule, plant, way: index + 1 })));
	test.each(cases)("$rule, way $way", ({ rule, plant }) => {
		const rules = check(plantedTree(plant)).breaches.map((breach) => breach.rule);
		expect(new Set(rules)).toEqual(new Set([rule]));
	});

	test("and every rule has one", () => {
		expect(plants.filter(([, ways]) => ways.length === 0).map(([rule]) => rule)).toEqual([]);
	});
});

describe("imports are read from source", () => {
	test.each([
		[`import { a } from "./a.ts";`, ["./a.ts"]],
		[`import{a}from"./a.ts"`, ["./a.ts"]],
		[`import a, { b } from './a.ts';`, ["./a.ts"]],
		[`import * as a from "./a.ts";`, ["./a.ts"]],
		[`import {\n\ta,\n\ttype B, // "./not.ts"\n} from "./a.ts";`, ["./a.ts"]],
		[`import "./a.ts";`, ["./a.ts"]],
		[`export { a } from "./a.ts";`, ["./a.ts"]],
		[`export type { A } from "./a.ts";`, ["./a.ts"]],
		[`import a from "./a.json" with { type: "json" };`, ["./a.json"]],
		[`const a = await import("./a.ts");`, ["./a.ts"]],
		[`type A = import("./a.ts").A;`, ["./a.ts"]],
		["const a = `${await import('./a.ts')} import('./b.ts')`;", ["./a.ts"]],
		["const a = `${`${1}`}`; import('./a.ts');", ["./a.ts"]],
		["const a = `${{ b: { c: 1 } }.b.c}`; import('./a.ts');", ["./a.ts"]],
		[`const quote = /["'\`/*]/; import("./a.ts");`, ["./a.ts"]],
		[`const half = a / 2; import("./a.ts"); const b = c / d;`, ["./a.ts"]],
		[`const url = "http://x"; import("./a.ts");`, ["./a.ts"]],
		[`const said = 'it\\'s'; import("./a.ts");`, ["./a.ts"]],
		[`import { a } from "./a.ts";\nimport type { B } from "./b.ts";`, ["./a.ts", "./b.ts"]],
		[`const path = import.meta.dirname;`, []],
		[`// import "./a.ts"`, []],
		[`/* import("./a.ts") */`, []],
		["const a = `\nimport './a.ts';\n`;", []],
		[`const a = "import('./a.ts')";`, []],
		[`loader.import("./a.ts");`, []],
		[`export const from = "./a.ts";`, []],
		[`export function from(a: string) { return "./a.ts" }`, []],
	])("%s", (source, specifiers) => {
		expect(importsOf(source).map(({ specifier }) => specifier)).toEqual(specifiers);
	});

	test("type imports are told from imports of values", () => {
		const source = [
			`import type { A } from "./a.ts";`,
			`export type { B } from "./b.ts";`,
			`import { type C } from "./c.ts";`,
			`import type D from "./d.ts";`,
			`export type E = string;`,
			`import { e } from "./e.ts";`,
		].join("\n");
		expect(importsOf(source)).toEqual([
			{ specifier: "./a.ts", typeOnly: true, line: 1 },
			{ specifier: "./b.ts", typeOnly: true, line: 2 },
			// Node strips the name but keeps the import: the module is loaded.
			{ specifier: "./c.ts", typeOnly: false, line: 3 },
			{ specifier: "./d.ts", typeOnly: true, line: 4 },
			{ specifier: "./e.ts", typeOnly: false, line: 6 },
		]);
	});
});
