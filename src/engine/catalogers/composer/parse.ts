import type { Package } from "#model";
import { databaseFaults } from "../database-faults.ts";
import type { CatalogResult } from "../types.ts";

/** `vendor/name`; Composer's own rule is stricter and has changed. */
const packageName = /^[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/;
const printable = /^[\x21-\x7e]+$/;
const nameLimit = 256;
const versionLimit = 256;

interface Entry {
	readonly name?: unknown;
	readonly version?: unknown;
	readonly require?: unknown;
}

/**
 * Parses Composer's list of what it installed: a list of packages (Composer 1), or an object with the list as `packages`
 * (Composer 2). Development packages are in it when they were installed. An entry that cannot be read costs only itself;
 * all of a file make one warning.
 * https://getcomposer.org/doc/07-runtime.md#installed-versions
 */
export function parseInstalled(bytes: Uint8Array, path: string): CatalogResult {
	let content: unknown;
	try {
		content = JSON.parse(new TextDecoder().decode(bytes));
	} catch {
		return { packages: [], warnings: [unreadable("it is no JSON", path)] };
	}
	const entries = entriesOf(content);
	if (entries === null) return { packages: [], warnings: [unreadable("it holds no list of packages", path)] };
	const packages: Package[] = [];
	const faults: string[] = [];
	for (const [index, entry] of entries.entries()) {
		const read = readEntry(entry, path);
		if (typeof read === "string") faults.push(`position ${index + 1} ${read}`);
		else packages.push(read);
	}
	return { packages, warnings: databaseFaults(faults, path, { one: "entry", many: "entries" }) };
}

function entriesOf(content: unknown): readonly unknown[] | null {
	if (Array.isArray(content)) return content;
	if (typeof content !== "object" || content === null) return null;
	const { packages } = content as { readonly packages?: unknown };
	return Array.isArray(packages) ? packages : null;
}

/** The package, or what is wrong with the entry. */
function readEntry(entry: unknown, path: string): Package | string {
	if (typeof entry !== "object" || entry === null) return "is no package";
	const { name, version, require } = entry as Entry;
	if (typeof name !== "string" || name.length > nameLimit || !packageName.test(name)) return "has no package name";
	if (typeof version !== "string" || version.length > versionLimit || !printable.test(version)) {
		return `has no version for ${name}`;
	}
	const requires = requirementsOf(require);
	return { type: "composer", name, version, ...(requires.length > 0 ? { requires } : {}), path };
}

/** Names without a vendor are PHP itself, its extensions and Composer's interfaces. */
function requirementsOf(require: unknown): readonly string[] {
	if (typeof require !== "object" || require === null) return [];
	return Object.keys(require).filter((name) => name.length <= nameLimit && packageName.test(name));
}

function unreadable(why: string, path: string): CatalogResult["warnings"][number] {
	const message = `Composer's list of installed PHP packages cannot be read (${why}), so its packages are missing from the inventory.`;
	return { code: "package_database_malformed", message, path };
}
