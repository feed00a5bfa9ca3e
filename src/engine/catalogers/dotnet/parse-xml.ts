import { XMLParser } from "fast-xml-parser";
import type { CatalogResult } from "../types.ts";
import { asObject, type Listed, nothing, resultOf, textOf, unreadable } from "./document.ts";

/** Everything is a list, values stay texts, entities are not expanded: no name or version has any. */
const parser = new XMLParser({
	ignoreAttributes: false,
	attributeNamePrefix: "",
	parseAttributeValue: false,
	parseTagValue: false,
	processEntities: false,
	ignoreDeclaration: true,
	ignorePiTags: true,
	isArray: () => true,
});

type Element = Readonly<Record<string, unknown>>;

/** The root elements of that name; null when the text is no XML. */
function rootsOf(bytes: Uint8Array, name: string): readonly Element[] | null {
	try {
		return childrenOf(asObject(parser.parse(textOf(bytes))) ?? {}, name);
	} catch {
		return null;
	}
}

function childrenOf(element: Element, name: string): readonly Element[] {
	const children = element[name];
	return Array.isArray(children) ? children.map((child) => asObject(child) ?? {}) : [];
}

/** An attribute, or the text of a child element. */
function valueOf(element: Element, name: string): string {
	const [value] = Array.isArray(element[name]) ? (element[name] as readonly unknown[]) : [element[name]];
	const text = asObject(value)?.["#text"] ?? value;
	return typeof text === "string" ? text.trim() : "";
}

/**
 * Reads `packages.config`, the installed packages of a project of the older kind. Packages that only the build needed are
 * left out.
 * https://learn.microsoft.com/nuget/reference/packages-config
 */
export function parsePackagesConfig(bytes: Uint8Array, path: string): CatalogResult {
	const roots = rootsOf(bytes, "packages");
	if (roots === null) return unreadable("is no XML", path);
	const packages = roots
		.flatMap((root) => childrenOf(root, "package"))
		.filter((one) => valueOf(one, "developmentDependency").toLowerCase() !== "true");
	if (packages.length === 0) return nothing;
	return resultOf(packages.map(configured), path);
}

function configured(element: Element): Listed | null {
	const version = valueOf(element, "version");
	return version === "" ? null : { name: valueOf(element, "id"), version, requires: [] };
}

/**
 * Reads `Directory.Packages.props` and its kin: the versions that the projects of a solution share. A version that is a
 * range, a pattern or a variable does not tell what is installed, and stays empty.
 * https://learn.microsoft.com/nuget/consume-packages/central-package-management
 */
export function parsePackagesProps(bytes: Uint8Array, path: string): CatalogResult {
	const roots = rootsOf(bytes, "Project");
	if (roots === null) return unreadable("is no XML", path);
	const items = roots
		.flatMap((root) => childrenOf(root, "ItemGroup"))
		.flatMap((group) => [...childrenOf(group, "PackageVersion"), ...childrenOf(group, "PackageReference")]);
	return resultOf(
		items.map(declared).filter((one) => one !== "variable"),
		path,
	);
}

function declared(element: Element): Listed | null | "variable" {
	const name = valueOf(element, "Include") || valueOf(element, "Update");
	if (name.includes("$(") || name.includes("@(")) return "variable";
	const [, version = ""] = /^\[?\s*(\d[\w.+-]*)\s*\]?$/.exec(valueOf(element, "Version")) ?? [];
	return name === "" ? null : { name, version, requires: [] };
}
