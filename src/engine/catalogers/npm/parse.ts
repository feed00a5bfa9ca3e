import type { Package } from "#model";
import type { CatalogResult } from "../types.ts";
import { isPackageName, isVersionText } from "./names.ts";
import { requiredNames } from "./requires.ts";

/** Bytes of a manifest; the largest published ones are some hundred KiB. */
export const manifestLimit = 4 * 1024 * 1024;

/** Where an installer puts a package: a broken manifest there hides one. */
const installed = /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/;

/** The fields that are read; anything may stand in them. */
interface Manifest {
	readonly name?: unknown;
	readonly version?: unknown;
	readonly dependencies?: unknown;
	readonly optionalDependencies?: unknown;
	readonly peerDependencies?: unknown;
	readonly peerDependenciesMeta?: unknown;
}

const none: CatalogResult = { packages: [], warnings: [] };

/**
 * Reads name and version of a `package.json` (docs.npmjs.com, package.json).
 * A manifest without them is none of an installed package: a workspace root, a folder's `"type"` switch, a test's
 * fixture. Broken JSON is worth a warning only where an installer would have put it: fixtures are often broken on purpose.
 */
export function parsePackageJson(bytes: Uint8Array, path: string): CatalogResult {
	let manifest: unknown;
	try {
		manifest = JSON.parse(new TextDecoder().decode(bytes));
	} catch {
		return installed.test(path) ? { packages: [], warnings: [malformed(path)] } : none;
	}
	if (typeof manifest !== "object" || manifest === null) return none;
	const fields = manifest as Manifest;
	const { name, version } = fields;
	if (typeof name !== "string" || typeof version !== "string") return none;
	const trimmed = version.trim();
	if (!isPackageName(name) || !isVersionText(trimmed)) return none;
	const requires = requiredNames(fields);
	const pkg: Package = { type: "npm", name, version: trimmed, ...(requires.length > 0 ? { requires } : {}), path };
	return { packages: [pkg], warnings: [] };
}

function malformed(path: string): CatalogResult["warnings"][number] {
	const message = "The package manifest is no JSON, so the npm package in this folder is missing from the inventory.";
	return { code: "package_file_malformed", message, path };
}
