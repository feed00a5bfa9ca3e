import { posix } from "node:path";
import type { Breach, RuleId, Tree } from "./check.ts";
import { type Import, importsOf } from "./imports.ts";
import { enginePart, familyPlace, isTest, isTestSupport, layerOf } from "./places.ts";
import {
	engineForbiddenModules,
	engineModuleExceptions,
	engineRules,
	type Layer,
	layers,
	reachesInside,
	variantFamilies,
} from "./rules.ts";

/** An import of one file of the tree by another. */
export interface Edge {
	readonly from: string;
	readonly to: string;
	readonly typeOnly: boolean;
}

/** Every import that stays inside the tree. */
export function edgesOf(tree: Tree): readonly Edge[] {
	const edges: Edge[] = [];
	for (const [path, source] of tree.sources) {
		for (const imported of importsOf(source)) {
			const to = resolve(tree, path, imported);
			if (to !== null && tree.sources.has(to)) edges.push({ from: path, to, typeOnly: imported.typeOnly });
		}
	}
	return edges;
}

export function importBreaches(tree: Tree): readonly Breach[] {
	const breaches: Breach[] = [];
	for (const [path, source] of tree.sources) {
		const layer = layerOf(path);
		if (layer === null || !isLayer(layer)) continue;
		for (const imported of importsOf(source)) {
			const found = breachOf(tree, path, layer, imported);
			if (found !== null) breaches.push({ rule: found[0], path, line: imported.line, message: found[1] });
		}
	}
	return breaches;
}

export function isLayer(name: string): name is Layer {
	return Object.hasOwn(layers, name);
}

type Found = readonly [rule: RuleId, message: string] | null;

function breachOf(tree: Tree, path: string, layer: Layer, imported: Import): Found {
	const { specifier } = imported;
	if (specifier === null) return ["import-computed", "An import must be a plain string, or nothing can check it."];
	const to = resolve(tree, path, imported);
	if (specifier.startsWith("#")) {
		if (to === null) return ["root-unknown", `${specifier} is not in package.json#imports: only layer roots are.`];
		if (layerOf(to) === layer && !isTest(path)) {
			return ["own-root", `Inside ${layer} import relatively, not ${specifier}.`];
		}
	} else if (to !== null) {
		if (layerOf(to) !== layer && !reachesInside.some((folder) => path.startsWith(`${folder}/`)))
			return ["relative-leaves-layer", `${specifier} leaves ${layer}: import the layer's root.`];
		if (/\.(ts|tsx|js|mjs)$|\/[^.]*$/.test(to) && !tree.sources.has(to)) {
			return ["import-unresolved", `${specifier} names no file; write the path with its .ts ending.`];
		}
	} else {
		return isTest(path) ? null : moduleBreach(tree, path, layer, specifier);
	}
	return layerBreach(layer, to) ?? testingBreach(path, to) ?? engineBreach(path, to) ?? siblingBreach(path, to);
}

/** A path in the tree; null for a package, a Node module or an unknown root. */
function resolve(tree: Tree, from: string, { specifier }: Import): string | null {
	if (specifier === null) return null;
	if (specifier.startsWith("#")) {
		const target = tree.roots.get(specifier);
		return target === undefined ? null : posix.normalize(target);
	}
	return specifier.startsWith(".") ? posix.join(posix.dirname(from), specifier) : null;
}

function layerBreach(layer: Layer, to: string): Found {
	const target = layerOf(to);
	if (target === layer || (target !== null && isLayer(target) && layers[layer].includes(target))) return null;
	const allowed = layers[layer].length > 0 ? layers[layer].join(", ") : "nothing";
	return ["layer-direction", `${layer} must not import ${target ?? to}; it may import ${allowed}.`];
}

function testingBreach(path: string, to: string): Found {
	if (!isTestSupport(to) || isTest(path)) return null;
	return ["testing-in-production", `${to} is for tests; production code must not import it.`];
}

/** Packages and Node's own modules, imported by production code. */
function moduleBreach(tree: Tree, path: string, layer: Layer, specifier: string): Found {
	const name = specifier.replace(/^node:/, "");
	if (layer === "model" && specifier.startsWith("node:")) {
		return ["model-platform-free", `The console shares the model, so it must not import ${specifier}.`];
	}
	const allowed = engineModuleExceptions[path]?.includes(specifier) === true;
	if (layer === "engine" && !allowed && engineForbiddenModules.includes(name)) {
		return [
			"engine-network",
			`The engine reaches the world by its ports, not by ${specifier}: take an injected fetch or port.`,
		];
	}
	const packageName = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
	if (path.startsWith("src/") && !specifier.startsWith("node:") && !tree.dependencies.has(packageName)) {
		return ["import-undeclared", `${specifier} is neither in package.json#dependencies nor a "node:" module.`];
	}
	return null;
}

function engineBreach(path: string, to: string): Found {
	const from = enginePart(path);
	const target = enginePart(to);
	if (from === null || target === null || isTest(path)) return null;
	const rule = engineRules[from] ?? (path === `src/engine/${from}` ? "joint" : null);
	if (rule === null || rule === "joint" || from === target) return null;
	const inEngine = to.slice("src/engine/".length);
	if (rule.some((allowed) => (allowed.endsWith("/") ? inEngine.startsWith(allowed) : inEngine === allowed)))
		return null;
	// Ports speak in the types of the parts they serve.
	if (from === "ports.ts" && inEngine.endsWith("/types.ts")) return null;
	const names = rule.length > 0 ? rule.join(", ") : "nothing of the engine";
	return [
		"engine-direction",
		`engine/${from} must not import engine/${inEngine}; besides itself it may import ${names}.`,
	];
}

function siblingBreach(path: string, to: string): Found {
	const from = familyPlace(path);
	const target = familyPlace(to);
	if (from === null || target?.family !== from.family || isTest(path)) return null;
	if (target.variant === null || target.variant === from.variant) return null;
	const family = variantFamilies[from.family];
	if (family?.shared.includes(target.variant)) return null;
	if (family?.joints?.some((joint) => path === `${from.family}/${joint}`)) return null;
	const message = `${from.variant ?? "A file shared by variants"} must not import the variant ${target.variant}: move what they share up.`;
	return ["sibling-variant", message];
}
