import { posix } from "node:path";
import type { Breach, RuleId, Tree } from "./check.ts";
import { isLayer } from "./import-rules.ts";
import { enginePart, familyPlace, isTest, layerOf } from "./places.ts";
import { engineRules, layers, refusedNames, sizeBudget, testedElsewhere, variantFamilies } from "./rules.ts";

/** Names, sizes, folders, and whether the compiler's fences agree with the tables. */
export function shapeBreaches(tree: Tree): readonly Breach[] {
	return [
		...[...tree.sources].flatMap(([path, source]) => [...sizeBreaches(tree, path, source), ...nameBreaches(path)]),
		...allowanceBreaches(tree),
		...layerBreaches(tree),
		...rootBreaches(tree),
		...engineFolderBreaches(tree),
		...variantBreaches(tree),
	];
}

function linesOf(source: string): number {
	return source.split("\n").length - (source.endsWith("\n") ? 1 : 0);
}

function budgetOf(path: string): number {
	return /\.test\.tsx?$/.test(path) ? sizeBudget.test : sizeBudget.source;
}

function sizeBreaches(tree: Tree, path: string, source: string): readonly Breach[] {
	const lines = linesOf(source);
	const budget = Math.max(budgetOf(path), tree.oversized.get(path) ?? 0);
	if (lines <= budget) return [];
	return [
		{ rule: "file-size", path, message: `${lines} lines; ${budget} are allowed. Split the file by what it knows.` },
	];
}

/** The allow-list may only shrink. */
function allowanceBreaches(tree: Tree): readonly Breach[] {
	return [...tree.oversized].flatMap(([path, allowed]) => {
		const source = tree.sources.get(path);
		if (source !== undefined && linesOf(source) >= allowed && allowed > budgetOf(path)) return [];
		const message = "rules.ts allows more lines than this file has: lower the number or remove the entry.";
		return [{ rule: "file-size-allowance" as const, path, message }];
	});
}

function nameBreaches(path: string): readonly Breach[] {
	const parts = path.split("/").map((part) => part.replace(/\..*$/, ""));
	const refused = parts.find((part) => refusedNames.includes(part.toLowerCase()));
	const odd = path.split("/").find((part) => !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9-]+)*$/.test(part));
	return [
		...(refused === undefined
			? []
			: [
					{
						rule: "refused-name" as const,
						path,
						message: `"${refused}" says nothing: name the file by what it knows.`,
					},
				]),
		...(odd === undefined ? [] : [{ rule: "file-name" as const, path, message: `"${odd}" is not kebab-case.` }]),
	];
}

function layerBreaches(tree: Tree): readonly Breach[] {
	const present = new Set<string>();
	for (const path of tree.sources.keys()) {
		const layer = layerOf(path);
		if (path.startsWith("src/")) present.add(layer ?? path);
	}
	return [...present].flatMap((layer): readonly Breach[] => {
		const path = `src/${layer}`;
		if (!isLayer(layer)) return [{ rule: "layer-unknown", path, message: "Not a layer of rules.ts." }];
		const references = tree.references.get(layer);
		if (references === undefined) return [breach("layer-references", path, "The layer has no tsconfig.json.")];
		return references
			.filter((target) => !isLayer(target) || !layers[layer].includes(target))
			.map((target) =>
				breach("layer-references", path, `tsconfig.json references ${target}, which the table does not allow.`),
			);
	});
}

function breach(rule: RuleId, path: string, message: string): Breach {
	return { rule, path, message };
}

/** package.json#imports opens the layers' front doors and their test support (`engine/testing`), nothing else. */
function rootBreaches(tree: Tree): readonly Breach[] {
	return [...tree.roots].flatMap(([specifier, target]) => {
		const name = specifier.slice(1);
		const folder = name === "demo" ? name : `src/${name}`;
		if (target === `./${folder}/index.ts` && isLayer(name.replace(/\/testing$/, ""))) return [];
		return [breach("layer-root", "package.json", `imports["${specifier}"] must be a layer's index.ts.`)];
	});
}

function engineFolderBreaches(tree: Tree): readonly Breach[] {
	const folders = new Set<string>();
	for (const path of tree.sources.keys()) {
		const part = enginePart(path);
		if (part !== null && path !== `src/engine/${part}`) folders.add(part);
	}
	return [...folders]
		.filter((folder) => engineRules[folder] === undefined)
		.map((folder) => breach("engine-folder-unknown", `src/engine/${folder}`, "No row in engineRules of rules.ts."));
}

function variantBreaches(tree: Tree): readonly Breach[] {
	const files = new Map<string, string[]>();
	for (const path of tree.sources.keys()) {
		const place = familyPlace(path);
		if (place?.variant == null || variantFamilies[place.family]?.shared.includes(place.variant)) continue;
		const folder = `${place.family}/${place.variant}`;
		files.set(folder, [...(files.get(folder) ?? []), path]);
	}
	return [...files].flatMap(([folder, paths]) => {
		const elsewhere = testedElsewhere[folder];
		const tested = paths.some((path) => isTest(path)) || (elsewhere !== undefined && tree.sources.has(elsewhere));
		return [
			...(paths.includes(posix.join(folder, "index.ts"))
				? []
				: [breach("variant-index", folder, "A variant's door is index.ts.")]),
			...(tested ? [] : [breach("variant-test", folder, "A variant has a test beside it.")]),
		];
	});
}
