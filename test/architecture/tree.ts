import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tree } from "./check.ts";
import { oversized } from "./rules.ts";

/** Reads what the checker needs from a checkout: sources of src, test and tools, layer tsconfigs, package.json#imports. */
export function readTree(root: string): Tree {
	const sources = new Map<string, string>();
	const references = new Map<string, readonly string[]>();
	for (const folder of ["src", "test", "demo", "tools"]) {
		for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
			if (!entry.isFile()) continue;
			const path = join(entry.parentPath, entry.name)
				.slice(root.length + 1)
				.replaceAll("\\", "/");
			if (/(^|\/)(node_modules|testdata)\//.test(path) || path.startsWith("test/bench/results/")) continue;
			if (/\.(ts|tsx|js|mjs)$/.test(path)) sources.set(path, readFileSync(join(root, path), "utf8"));
			const layer = /^src\/([^/]+)\/tsconfig\.json$/.exec(path)?.[1];
			if (layer !== undefined) references.set(layer, layersReferenced(readFileSync(join(root, path), "utf8")));
		}
	}
	const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
		imports: Record<string, string>;
		dependencies: Record<string, string>;
	};
	return {
		sources,
		references,
		roots: new Map(Object.entries(manifest.imports)),
		dependencies: new Set(Object.keys(manifest.dependencies)),
		oversized: new Map(Object.entries(oversized)),
	};
}

function layersReferenced(tsconfig: string): readonly string[] {
	const parsed = JSON.parse(tsconfig) as { references?: { path: string }[] };
	return (parsed.references ?? []).map(({ path }) => path.replace(/^.*\//, ""));
}
