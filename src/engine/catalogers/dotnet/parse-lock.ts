import type { CatalogResult } from "../types.ts";
import { asObject, type Listed, nothing, objectOf, resultOf, textOf, unreadable } from "./document.ts";

/**
 * Reads `packages.lock.json`: what NuGet resolved, for each target framework. Projects of the same solution are left out.
 * https://learn.microsoft.com/nuget/consume-packages/package-references-in-project-files#locking-dependencies
 */
export function parseLock(bytes: Uint8Array, path: string): CatalogResult {
	const document = objectOf(textOf(bytes));
	if (document === null) return unreadable("is no JSON object", path);
	const frameworks = asObject(document["dependencies"]);
	return frameworks === null ? nothing : resultOf(packagesOf(frameworks), path);
}

function* packagesOf(frameworks: Readonly<Record<string, unknown>>): Generator<Listed | null> {
	for (const framework of Object.values(frameworks)) {
		for (const [name, value] of Object.entries(asObject(framework) ?? {})) {
			const { type, resolved, dependencies } = asObject(value) ?? {};
			if (type === "Project") continue;
			if (typeof resolved !== "string") yield null;
			else yield { name, version: resolved, requires: Object.keys(asObject(dependencies) ?? {}) };
		}
	}
}
