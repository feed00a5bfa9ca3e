import type { Package, Warning } from "#model";
import type { CatalogResult } from "../types.ts";
import { itemsOf, readTerms, type Term, textOf, valueOf } from "./terms.ts";

/** Hex: lower case letters, digits and `_`; applications are atoms of the same kind. */
const packageName = /^[a-z][a-z0-9_]*$/;
const nameLimit = 255;
const versionText = /^[\x21-\x7e]{1,256}$/;

/**
 * Reads an application's resource file, `ebin/<name>.app`: `{application, cowboy, [{vsn, "2.9.0"}, …]}`. Applications of
 * Erlang itself are left out: they are no packages of Hex, and the runtime is found by its own version.
 * https://www.erlang.org/doc/apps/kernel/app.html
 */
export function parseApplication(bytes: Uint8Array, path: string): CatalogResult {
	const [term] = readTerms(decode(bytes)) ?? [];
	const [keyword, nameTerm, propertiesTerm] = itemsOf(term);
	if (textOf(keyword) !== "application") return { packages: [], warnings: [malformed(path)] };
	const properties = itemsOf(propertiesTerm);
	// Only OTP's own say which versions of each other they run with.
	if (valueOf(properties, "runtime_dependencies") !== undefined) return { packages: [], warnings: [] };
	const needed = ["applications", "included_applications"].flatMap((key) => itemsOf(valueOf(properties, key)));
	return packageOf(textOf(nameTerm), textOf(valueOf(properties, "vsn")), needed, path);
}

/**
 * Reads `hex_metadata.config`, which Hex puts beside a package's sources: `{<<"name">>,<<"cowboy">>}.` and more.
 * Requirements are pairs of name and options, or lists of pairs with a name among them.
 * https://github.com/hexpm/specifications/blob/main/package_metadata.md
 */
export function parseHexMetadata(bytes: Uint8Array, path: string): CatalogResult {
	const terms = readTerms(decode(bytes));
	if (!terms || terms.length === 0) return { packages: [], warnings: [malformed(path)] };
	const needed = itemsOf(valueOf(terms, "requirements")).map((item) =>
		item.kind === "tuple" ? item.items[0] : valueOf(itemsOf(item), "name"),
	);
	return packageOf(textOf(valueOf(terms, "name")), textOf(valueOf(terms, "version")), needed, path);
}

function packageOf(name: string, version: string, needed: readonly (Term | undefined)[], path: string): CatalogResult {
	if (name.length > nameLimit || !packageName.test(name) || !versionText.test(version)) {
		return { packages: [], warnings: [malformed(path)] };
	}
	const names = needed.slice(0, requiresLimit).map(textOf);
	const requires = [...new Set(names.filter((one) => one.length <= nameLimit && packageName.test(one)))].sort();
	const pkg: Package = { type: "hex", name, version, ...(requires.length > 0 ? { requires } : {}), path };
	return { packages: [pkg], warnings: [] };
}

const requiresLimit = 1_000;

function decode(bytes: Uint8Array): string {
	return new TextDecoder().decode(bytes);
}

function malformed(path: string): Warning {
	const message =
		"The description of this Erlang or Elixir package is broken, so the package is missing from the inventory.";
	return { code: "package_file_malformed", message, path };
}
