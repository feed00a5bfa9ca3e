import { isPackageName } from "./names.ts";

/** No real package needs more; those that list the whole registry are jokes. */
const countLimit = 1_000;

/** Characters of all names together. */
const lengthLimit = 64 * 1024;

/**
 * Names of the packages that a manifest needs at run time, sorted: dependencies, optional ones, and peers unless they are
 * optional (docs.npmjs.com, package.json). An alias (`"a": "npm:b@1"`) stays the name that it is installed under.
 */
export function requiredNames(manifest: {
	readonly dependencies?: unknown;
	readonly optionalDependencies?: unknown;
	readonly peerDependencies?: unknown;
	readonly peerDependenciesMeta?: unknown;
}): readonly string[] {
	const meta = manifest.peerDependenciesMeta;
	const peers = keysOf(manifest.peerDependencies).filter((name) => !isOptional(meta, name));
	const names = new Set([...keysOf(manifest.dependencies), ...keysOf(manifest.optionalDependencies), ...peers]);
	const kept: string[] = [];
	let length = 0;
	for (const name of [...names].filter(isPackageName).sort()) {
		length += name.length;
		if (kept.length >= countLimit || length > lengthLimit) break;
		kept.push(name);
	}
	return kept;
}

function keysOf(field: unknown): readonly string[] {
	return typeof field === "object" && field !== null && !Array.isArray(field) ? Object.keys(field) : [];
}

function isOptional(meta: unknown, name: string): boolean {
	if (typeof meta !== "object" || meta === null || !Object.hasOwn(meta, name)) return false;
	const peer = (meta as Readonly<Record<string, unknown>>)[name];
	return typeof peer === "object" && peer !== null && (peer as { readonly optional?: unknown }).optional === true;
}
