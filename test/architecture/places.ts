import { testSupport, variantFamilies } from "./rules.ts";

/** `src/<layer>/…` and the two folders beside src; null outside them. */
export function layerOf(path: string): string | null {
	const [top, layer, ...rest] = path.split("/");
	if (top === "src") return layer !== undefined && rest.length > 0 ? layer : null;
	return top === "test" || top === "demo" || top === "tools" ? top : null;
}

/** Tests and what only tests use: they may import across the inner rules of a layer. */
export function isTest(path: string): boolean {
	return /\.test\.tsx?$/.test(path) || path.startsWith("test/") || isTestSupport(path);
}

export function isTestSupport(path: string): boolean {
	return testSupport.test(path);
}

/** The part of `src/engine` a file belongs to: its folder there, or the file's own name; null outside the engine. */
export function enginePart(path: string): string | null {
	return /^src\/engine\/([^/]+)/.exec(path)?.[1] ?? null;
}

export interface Place {
	readonly family: string;
	/** Subfolder of the family; null for a file that stands in the family's own folder. */
	readonly variant: string | null;
}

/** Where a file stands among the variant families; null outside them. */
export function familyPlace(path: string): Place | null {
	for (const family of Object.keys(variantFamilies)) {
		if (!path.startsWith(`${family}/`)) continue;
		const rest = path.slice(family.length + 1).split("/");
		return { family, variant: rest.length > 1 ? (rest[0] ?? null) : null };
	}
	return null;
}
