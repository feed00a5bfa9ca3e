import { posix } from "node:path";
import type { Warning } from "#model";
import type { Cataloger } from "../catalogers/types.ts";
import type { SymbolicLink } from "../image/layer-entries.ts";
import { ancestors } from "./ancestors.ts";
import type { LayerInventory } from "./layer-inventory.ts";

/**
 * Package databases behind symbolic links. Files are catalogued where they lie, links are not followed; so a link at or
 * above a database's fixed path makes the report partial, unless it leads to where a database is read anyway
 * (`lib -> usr/lib`). Otherwise a decoy beside the link could pass for the real list.
 */
export function linkedDatabases(layers: readonly LayerInventory[], catalogers: readonly Cataloger[]): Warning[] {
	const databases = new Set(catalogers.flatMap(({ databases: paths }) => paths ?? []));
	const topFirst = layers
		.map((layer) => ({ layer, links: new Map(layer.symlinks.map((one) => [one.path, one])) }))
		.reverse();
	const found = new Map<string, Warning>();
	for (const database of databases) {
		for (const path of withAncestors(database)) {
			const link = visibleLink(path, topFirst);
			if (link === null || databases.has(behind(link, database))) continue;
			const message = `${path} is a symbolic link to ${link.target}: links are not followed, so a package database at ${database} was not looked at.`;
			found.set(path, { code: "packages_missing", message, path });
		}
	}
	return [...found.values()];
}

interface LayerLinks {
	readonly layer: LayerInventory;
	readonly links: ReadonlyMap<string, SymbolicLink>;
}

/** The link that stands at `path` when all layers are applied; null when there is none, or something else took its place. */
function visibleLink(path: string, topFirst: readonly LayerLinks[]): SymbolicLink | null {
	for (const { layer, links } of topFirst) {
		const link = links.get(path);
		if (link) return link.target === "" ? null : link;
		const above = withAncestors(path);
		if (above.some((folder) => layer.whiteouts.includes(folder) || links.has(folder))) return null;
		if (above.slice(1).some((folder) => layer.opaqueDirs.includes(folder)) || layer.opaqueDirs.includes(""))
			return null;
		if (layer.files.some((file) => file.path === path || file.path.startsWith(`${path}/`))) return null;
	}
	return null;
}

/** Where `database` is found when `link`, at or above it, is followed; relative to the image's root. */
function behind({ path, target }: SymbolicLink, database: string): string {
	const from = target.startsWith("/") ? "/" : `/${posix.dirname(path)}`;
	return posix.join(from, target, database.slice(path.length)).replace(/^\/+/, "");
}

function withAncestors(path: string): string[] {
	return [path, ...ancestors(path)];
}
