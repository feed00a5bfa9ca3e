import type { CatalogResult } from "../types.ts";

/** Scoped or plain; at most 214 characters (docs.npmjs.com, package.json "name"). Old packages may have capitals. */
const packageName = /^(?:@[A-Za-z0-9._~-]+\/)?[A-Za-z0-9._~-]+$/;
const nameLimit = 214;

/** semver's own limit. */
const versionLimit = 256;
const printable = /^[\x21-\x7e]+$/;

/** Where an installer puts a package: a broken manifest there hides one. */
const installed = /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/;

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
	const { name, version } = manifest as { readonly name?: unknown; readonly version?: unknown };
	if (typeof name !== "string" || typeof version !== "string") return none;
	if (name.length > nameLimit || !packageName.test(name)) return none;
	const trimmed = version.trim();
	if (trimmed.length > versionLimit || !printable.test(trimmed)) return none;
	return { packages: [{ type: "npm", name, version: trimmed, path }], warnings: [] };
}

function malformed(path: string): CatalogResult["warnings"][number] {
	const message = "The package manifest is no JSON, so the npm package in this folder is missing from the inventory.";
	return { code: "package_file_malformed", message, path };
}
