import { type Digest, isOsPackageType, type Package, type Warning } from "#model";
import type { CatalogResult, OsFact } from "../catalogers/types.ts";
import type { SymbolicLink } from "../image/layer-entries.ts";
import { WarningList } from "../image/warnings.ts";

/**
 * What one layer says, before any other layer is known. JSON, so that it can be kept (`LayerCache`);
 * paths are relative to the image's root, without a leading slash.
 */
export interface LayerInventory {
	/** sha256 of the layer's tar, computed while reading; null when it was not read to its end. */
	readonly diffId: Digest | null;
	/** Uncompressed bytes. */
	readonly bytes: number;
	readonly entries: number;
	readonly files: readonly CataloguedFile[];
	readonly whiteouts: readonly string[];
	readonly opaqueDirs: readonly string[];
	/** Symbolic links here; one hides a lower layer's file or folder of that name. */
	readonly symlinks: readonly SymbolicLink[];
	readonly warnings: readonly Warning[];
	/** False when reading stopped early: such an inventory is never kept. */
	readonly complete: boolean;
}

/** What a layer says that was not read, and why. */
export function unreadLayer(why: Warning): LayerInventory {
	const nothing = { files: [], whiteouts: [], opaqueDirs: [], symlinks: [] };
	return { diffId: null, bytes: 0, entries: 0, ...nothing, warnings: [why], complete: false };
}

/** The result of one cataloger on one file; empty results count too, since they replace a lower layer's. */
export interface CataloguedFile {
	readonly path: string;
	readonly cataloger: string;
	readonly packages: readonly Package[];
	readonly os?: OsFact;
	/** Red Hat content sets that the layer's packages came from. */
	readonly contentSets?: readonly string[];
	/** Kind of packages here that have no cataloger yet. */
	readonly unread?: string;
	/** The OS package that the file came with, in the same layer. */
	readonly ownedBy?: string;
}

/** What the catalogers warn of, then `more`, up to a number: hostile content must not fill the report. */
export function boundedWarnings(
	collected: readonly CollectedFile[],
	more: readonly Warning[],
	most: number,
): readonly Warning[] {
	const list = new WarningList(most);
	for (const { result } of collected) for (const warning of result.warnings) list.add(warning);
	for (const warning of more) list.add(warning);
	return list.all();
}

/** Results as the walk collects them, ownership not yet known. */
export interface CollectedFile {
	readonly path: string;
	readonly cataloger: string;
	readonly result: CatalogResult;
}

/**
 * Marks language packages whose file came with an OS package of the same layer (trivy.md §1.5): the
 * distribution's own advisories speak for those. Files of third-party OS packages do not count, nor do lists of files
 * whose package the layer does not call installed: such a list alone would hide packages.
 */
export function settleOwners(collected: readonly CollectedFile[]): CataloguedFile[] {
	const owners = ownersByPath(collected);
	return collected.map(({ path, cataloger, result: { packages, os, contentSets, unread } }) => {
		const owner = owners.get(merged(path));
		const mark = (pkg: Package) =>
			owner === undefined || isOsPackageType(pkg.type) ? pkg : { ...pkg, ownedBy: owner };
		return {
			path,
			cataloger,
			packages: packages.map(mark),
			...(os ? { os } : {}),
			...(contentSets ? { contentSets } : {}),
			...(unread ? { unread: unread.kind } : {}),
			...(owner === undefined ? {} : { ownedBy: owner }),
		};
	});
}

function ownersByPath(collected: readonly CollectedFile[]): Map<string, string> {
	const packages = collected.flatMap(({ result }) => result.packages.filter((pkg) => isOsPackageType(pkg.type)));
	const installed = new Set(packages.filter((pkg) => !pkg.thirdParty).map((pkg) => pkg.name));
	const owners = new Map<string, string>();
	for (const { result } of collected) {
		for (const { owner, paths } of result.owned ?? []) {
			if (!installed.has(owner)) continue;
			for (const path of paths) owners.set(merged(path), owner);
		}
	}
	return owners;
}

/** Where a path lies on systems whose `/bin` and kin are links into `/usr`: package lists and layers write it either way. */
function merged(path: string): string {
	return /^(?:s?bin|lib(?:32|64|x32)?)\//.test(path) ? `usr/${path}` : path;
}
