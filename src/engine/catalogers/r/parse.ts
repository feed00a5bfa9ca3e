import type { Package, Warning } from "#model";
import type { CatalogResult } from "../types.ts";

/** ASCII letters, digits and dots; at least two characters, begins with a letter, does not end with a dot. */
const packageName = /^[A-Za-z][A-Za-z0-9.]{0,254}[A-Za-z0-9]$/;
const versionText = /^\d+(?:[.-]\d+)*$/;
const versionLimit = 256;

/** Where R keeps packages: `library`, and `site-library` for those that the site adds. */
const inLibrary = /(?:^|\/)(?:site-)?library\/(?:[^/]+\/){1,4}DESCRIPTION$/;

const none: CatalogResult = { packages: [], warnings: [] };

/**
 * Reads the `DESCRIPTION` of an R package ("Writing R Extensions", §1.1.1: https://cran.r-project.org/doc/manuals/
 * R-exts.html). What is installed has a `Built` field or lies in a library; other files of that name are sources, or no
 * descriptions of packages at all.
 */
export function parseDescription(bytes: Uint8Array, path: string): CatalogResult {
	const fields = readFields(new TextDecoder().decode(bytes));
	const name = fields.get("Package") ?? "";
	const version = fields.get("Version") ?? "";
	const isPackage = packageName.test(name) && version.length <= versionLimit && versionText.test(version);
	const installed = fields.has("Built") || inLibrary.test(path);
	if (!installed || (name === "" && bytes.length > 0)) return none;
	if (!isPackage) return { packages: [], warnings: [malformed(path)] };
	const requires = requiredNames(`${fields.get("Depends") ?? ""},${fields.get("Imports") ?? ""}`);
	const pkg: Package = { type: "cran", name, version, ...(requires.length > 0 ? { requires } : {}), path };
	return { packages: [pkg], warnings: [] };
}

const wanted = new Set(["Package", "Version", "Built", "Depends", "Imports"]);

/** Debian control format: `Field: value`, continued by lines that begin with white space. */
function readFields(text: string): ReadonlyMap<string, string> {
	const fields = new Map<string, string>();
	let field: string | null = null;
	for (const line of text.split(/\r?\n/)) {
		if (/^[ \t]/.test(line)) {
			if (field !== null) fields.set(field, `${fields.get(field) ?? ""} ${line.trim()}`);
			continue;
		}
		const colon = line.indexOf(":");
		const name = line.slice(0, Math.max(colon, 0));
		field = wanted.has(name) && !fields.has(name) ? name : null;
		if (field !== null) fields.set(field, line.slice(colon + 1).trim());
	}
	return fields;
}

/** Names of `R (>= 3.5), rlang (>= 1.0.0), utils`, without R itself. */
function requiredNames(list: string): readonly string[] {
	const names = list.split(",", requiresLimit).map((item) => /^[^\s(]*/.exec(item.trim())?.[0] ?? "");
	return [...new Set(names.filter((name) => name !== "R" && packageName.test(name)))].sort();
}

const requiresLimit = 1_000;

function malformed(path: string): Warning {
	const message = "The description of this R package is broken, so the package is missing from the inventory.";
	return { code: "package_file_malformed", message, path };
}
