import { isOsPackageType, type Package } from "#model";
import type { CataloguedFile, LayerInventory } from "./layer-inventory.ts";

/** A catalogued file that is visible in the merged image, with the layer it stands in. */
export interface VisibleFile extends CataloguedFile {
	readonly layer: number;
}

/**
 * Lays layers over each other, bottom first (OCI image-spec, layer.md "Applying Changesets"): opaque folders and
 * whiteouts hide what lies below, a symbolic link hides a lower folder of its name, a file replaces its forerunner.
 */
export function overlay(layers: readonly LayerInventory[]): VisibleFile[] {
	const visible = new Map<string, VisibleFile>();
	layers.forEach((inventory, layer) => {
		hide(visible, inventory);
		for (const file of inventory.files) visible.set(`${file.path}\0${file.cataloger}`, { ...file, layer });
	});
	return [...visible.values()];
}

function hide(visible: Map<string, VisibleFile>, inventory: LayerInventory): void {
	if (visible.size === 0) return;
	const emptied = new Set(inventory.opaqueDirs);
	const removed = new Set([...inventory.whiteouts, ...inventory.symlinks]);
	if (emptied.size === 0 && removed.size === 0) return;
	for (const [key, { path }] of visible) {
		if (removed.has(path) || ancestors(path).some((dir) => removed.has(dir) || emptied.has(dir))) visible.delete(key);
	}
}

/** `a/b/c` → `a/b`, `a` and the root, which is the empty path. */
function ancestors(path: string): string[] {
	const found: string[] = [];
	for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) found.push(path.slice(0, at));
	found.push("");
	return found;
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
