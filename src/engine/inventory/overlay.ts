import { isOsPackageType, type Package } from "#model";
import { ancestors } from "./ancestors.ts";
import type { CataloguedFile, LayerInventory } from "./layer-inventory.ts";

/** A catalogued file that is visible in the merged image, with the layer it stands in. */
export interface VisibleFile extends CataloguedFile {
	readonly layer: number;
}

/**
 * Lays layers over each other (OCI image-spec, layer.md "Applying Changesets"): opaque folders and whiteouts hide what
 * lies below; a symbolic link, a file or a folder takes the place of a lower one. Bottom first, in and out; from the
 * top down inside, so that each file is looked at once.
 */
export function overlay(layers: readonly LayerInventory[]): VisibleFile[] {
	const paths = new Set(layers.flatMap((inventory) => inventory.files.map((file) => file.path)));
	const above: Above = { removed: new Set(), emptied: new Set(), folders: new Set() };
	return layers
		.map((inventory, layer) => ({ inventory, layer }))
		.reverse()
		.map(({ inventory, layer }) => {
			const visible = inventory.files.filter((file) => !isHidden(file.path, above));
			cover(inventory, above, paths);
			return visible.map((file): VisibleFile => ({ ...file, layer }));
		})
		.reverse()
		.flat();
}

/** What the layers above do to those below. */
interface Above {
	/** Gone, with all that is inside. */
	readonly removed: Set<string>;
	/** All that is inside is gone; the empty path is the root. */
	readonly emptied: Set<string>;
	/** Folders now: a lower file of that name is gone. */
	readonly folders: Set<string>;
}

function isHidden(path: string, { removed, emptied, folders }: Above): boolean {
	if (removed.has(path) || folders.has(path) || emptied.has("")) return true;
	if (removed.size === 0 && emptied.size === 0) return false;
	return ancestors(path).some((folder) => removed.has(folder) || emptied.has(folder));
}

function cover(inventory: LayerInventory, { removed, emptied, folders }: Above, paths: ReadonlySet<string>): void {
	for (const path of inventory.opaqueDirs) emptied.add(path);
	for (const path of inventory.whiteouts) removed.add(path);
	for (const { path } of inventory.symlinks) removed.add(path);
	for (const { path } of inventory.files) {
		removed.add(path);
		// Only the few that some layer has as a file can matter.
		for (const folder of ancestors(path)) if (paths.has(folder)) folders.add(folder);
	}
}

/** Which layer first lists the same package: trivy.md §1.6 attributes an OS package to it, wherever its list is now. */
export function firstLayers(layers: readonly LayerInventory[]): (pkg: Package) => number {
	const first = new Map<string, number>();
	layers.forEach((inventory, layer) => {
		for (const file of inventory.files) {
			for (const pkg of file.packages) {
				const key = appearanceKey(pkg);
				if (!first.has(key)) first.set(key, layer);
			}
		}
	});
	return (pkg) => first.get(appearanceKey(pkg)) ?? 0;
}

/** OS packages are the same wherever their database stands; language packages only at the same path. */
function appearanceKey(pkg: Package): string {
	const place = isOsPackageType(pkg.type) ? "" : pkg.path;
	return [pkg.type, pkg.name, pkg.version, pkg.arch ?? "", place].join("\0");
}
