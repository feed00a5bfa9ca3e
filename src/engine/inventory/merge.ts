import { compareText, type InstalledPackage, type OperatingSystem, type Package, type Warning } from "#model";
import { resolveOs } from "../catalogers/os-release/resolve.ts";
import type { Cataloger } from "../catalogers/types.ts";
import type { LayerInventory } from "./layer-inventory.ts";
import { linkedDatabases } from "./linked-databases.ts";
import { firstLayers, overlay } from "./overlay.ts";
import { withParents } from "./parents.ts";

/** What is installed in an image, all layers laid over each other. */
export interface Inventory {
	readonly os: OperatingSystem | null;
	readonly packages: readonly InstalledPackage[];
	/** Red Hat content sets that the packages came from. */
	readonly contentSets: readonly string[];
	/** Files with packages that have no cataloger yet. */
	readonly unread: readonly UnreadFile[];
	readonly warnings: readonly Warning[];
}

export interface UnreadFile {
	/** `RPM`, `Python`, … */
	readonly kind: string;
	readonly path: string;
	/** It came with an OS package. */
	readonly owned: boolean;
}

/** Merges the layers of an image, bottom first. */
export function mergeLayers(layers: readonly LayerInventory[], catalogers: readonly Cataloger[]): Inventory {
	const files = overlay(layers);
	const firstLayer = firstLayers(layers);
	const { os, warnings } = resolveOs(files.flatMap((file) => (file.os ? [file.os] : [])));
	const unread = files.flatMap(({ unread: kind, path, ownedBy }): UnreadFile[] =>
		kind ? [{ kind, path, owned: ownedBy !== undefined }] : [],
	);
	return {
		os,
		packages: withParents(
			gather(
				files.flatMap((file) => file.packages),
				firstLayer,
			),
			linksIn(layers),
		),
		contentSets: [...new Set(files.flatMap((file) => file.contentSets ?? []))].sort(),
		unread,
		warnings: [
			...layers.flatMap((layer, index) => layer.warnings.map((warning) => ({ ...warning, layer: index }))),
			...linkedDatabases(layers, catalogers),
			...warnings,
		],
	};
}

/** Symbolic links, those of upper layers over lower ones; pnpm's tell which version of a package another one uses. */
function linksIn(layers: readonly LayerInventory[]): ReadonlyMap<string, string> {
	return new Map(layers.flatMap(({ symlinks }) => symlinks.map(({ path, target }) => [path, target] as const)));
}

/** One entry a package and version; a language package that lies at several paths keeps them all. */
function gather(packages: readonly Package[], firstLayer: (pkg: Package) => number): InstalledPackage[] {
	const groups = new Map<string, Package[]>();
	for (const pkg of packages) {
		const layer = firstLayer(pkg);
		const key = [pkg.type, pkg.name, pkg.version, pkg.arch ?? "", layer, pkg.ownedBy ?? ""].join("\0");
		const group = groups.get(key);
		if (group) group.push(pkg);
		else groups.set(key, [pkg]);
	}
	return [...groups.values()]
		.flatMap((group): InstalledPackage[] => {
			const paths = [...new Set(group.map((pkg) => pkg.path))].sort();
			const [first] = group;
			return first && paths[0] !== undefined ? [{ ...first, path: paths[0], paths, layer: firstLayer(first) }] : [];
		})
		.sort(byName);
}

function byName(a: InstalledPackage, b: InstalledPackage): number {
	return (
		compareText(a.type, b.type) || compareText(a.name, b.name) || compareText(a.version, b.version) || a.layer - b.layer
	);
}
