import type { CatalogResult } from "../types.ts";
import { asObject, type Listed, nothing, objectOf, resultOf, textOf, unreadable } from "./document.ts";

/** What a self-contained program writes before the name of a runtime that it brought along. */
const runtimePack = /^runtimepack\./;

/** Libraries that are NuGet packages; `project` and `reference` are the program's own. */
const packageTypes: ReadonlySet<unknown> = new Set(["package", "runtimepack"]);

/**
 * Reads `*.deps.json`, the list that the .NET host loads a program by. The runtime has one itself
 * (`shared/Microsoft.NETCore.App/8.0.1/Microsoft.NETCore.App.deps.json`) and is listed by the name that advisories use,
 * `Microsoft.NETCore.App.Runtime.linux-x64`. Libraries that give nothing to run on the target were only compiled with.
 * https://github.com/dotnet/sdk/blob/main/documentation/specs/runtime-configuration-file.md
 */
export function parseDeps(bytes: Uint8Array, path: string): CatalogResult {
	const document = objectOf(textOf(bytes));
	if (document === null) return unreadable("is no JSON object", path);
	const libraries = asObject(document["libraries"]);
	const targets = asObject(document["targets"]);
	if (libraries === null) return targets === null ? nothing : unreadable("has no list of libraries", path);
	const target = asObject(targets?.[targetName(document["runtimeTarget"])]);
	return resultOf(packagesOf(libraries, target), path);
}

/** A name, in old files the name itself. */
function targetName(runtimeTarget: unknown): string {
	const name = typeof runtimeTarget === "string" ? runtimeTarget : asObject(runtimeTarget)?.["name"];
	return typeof name === "string" ? name : "";
}

type Table = Readonly<Record<string, unknown>>;

function* packagesOf(libraries: Table, target: Table | null): Generator<Listed | null> {
	for (const [key, value] of Object.entries(libraries)) {
		const type = asObject(value)?.["type"];
		if (typeof type !== "string") yield null;
		if (typeof type !== "string" || !packageTypes.has(type.toLowerCase())) continue;
		const used = asObject(target?.[key]);
		if (used !== null && !isLoaded(used)) continue;
		const [, name, version] = /^([^/]+)\/([^/]+)$/.exec(key) ?? [];
		if (name === undefined || version === undefined) yield null;
		else yield { name: name.replace(runtimePack, ""), version, requires: requiredBy(used) };
	}
}

/** Whether files are loaded from it at run time. */
function isLoaded(library: Table): boolean {
	return ["runtime", "runtimeTargets", "native"].some((kind) => Object.keys(asObject(library[kind]) ?? {}).length > 0);
}

function requiredBy(library: Table | null): readonly string[] {
	return Object.keys(asObject(library?.["dependencies"]) ?? {}).map((name) => name.replace(runtimePack, ""));
}
