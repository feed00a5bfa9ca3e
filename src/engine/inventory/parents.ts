import { type InstalledPackage, isOsPackageType, type PackageType } from "#model";
import { dependencyChains } from "./dependency-chains.ts";
import { moduleResolver } from "./node-modules.ts";

/**
 * Gives packages the chain that brought them in (`parents`, nearest first, `express@4.17.1`), by the names that each
 * says it needs and where they lie. `links` are the image's symbolic links, path to target as written: with them pnpm's
 * packages are told exactly, without them only where no other version is installed.
 * OS packages get none: the image's author asked for many of them by name, which nothing tells.
 */
export function withParents(
	packages: readonly InstalledPackage[],
	links: ReadonlyMap<string, string> = new Map(),
): InstalledPackage[] {
	const places = packages.flatMap((pkg, index): Place[] =>
		isOsPackageType(pkg.type) ? [] : pkg.paths.map((path) => ({ pkg, index, path })),
	);
	const needs = places.map((): number[] => []);
	for (const [type, nodes] of Map.groupBy(places.keys(), (node) => places[node]?.pkg.type)) {
		if (type === "npm") linkModules(places, nodes, links, needs);
		else if (type !== undefined) linkNames(places, nodes, type, needs);
	}
	return withChains(packages, places, needs);
}

/** The same for packages whose needs are known by index, as an SBOM tells them. */
export function withParentsByNeeds(
	packages: readonly InstalledPackage[],
	needs: readonly (readonly number[])[],
): InstalledPackage[] {
	const places = packages.map((pkg, index): Place => ({ pkg, index, path: pkg.path }));
	const isOs = packages.map((pkg) => isOsPackageType(pkg.type));
	const among = needs.map((list, index) => (isOs[index] ? [] : list.filter((one) => isOs[one] === false)));
	return withChains(packages, places, among);
}

/** One file that says that a package is there. */
interface Place {
	readonly pkg: InstalledPackage;
	readonly index: number;
	readonly path: string;
}

function linkModules(
	places: readonly Place[],
	nodes: readonly number[],
	links: ReadonlyMap<string, string>,
	needs: readonly number[][],
): void {
	const folders = nodes.map((node) => folderOf(places[node]?.path ?? ""));
	const resolve = moduleResolver(folders, links);
	for (const [at, node] of nodes.entries()) {
		const folder = folders[at] ?? "";
		for (const name of places[node]?.pkg.requires ?? []) {
			const found = resolve(folder, name);
			const target = found === null ? undefined : nodes[found];
			if (target !== undefined && target !== node) needs[node]?.push(target);
		}
	}
}

/**
 * Other languages find packages by name alone: first among those that lie in the same environment, then in the whole
 * image. A name that stands for several versions there tells nothing.
 */
function linkNames(
	places: readonly Place[],
	nodes: readonly number[],
	type: PackageType,
	needs: readonly number[][],
): void {
	const byName = new Map<string, number | null>();
	const add = (key: string, node: number) => byName.set(key, byName.has(key) ? null : node);
	for (const node of nodes) {
		const place = places[node];
		if (!place) continue;
		const name = normalised(type, place.pkg.name);
		add(`${environmentOf(type, place.path)}\0${name}`, node);
		add(name, node);
	}
	for (const node of nodes) {
		const place = places[node];
		if (!place?.pkg.requires) continue;
		const environment = environmentOf(type, place.path);
		for (const required of place.pkg.requires) {
			const name = normalised(type, required);
			const near = byName.get(`${environment}\0${name}`);
			const found = near === undefined ? byName.get(name) : near;
			if (found !== undefined && found !== null && found !== node) needs[node]?.push(found);
		}
	}
}

/** Types whose packages are listed together in one file, be it an executable. */
const listed: ReadonlySet<PackageType> = new Set(["cargo", "composer", "nuget", "golang", "bitnami", "generic"]);

/** What packages of one environment have in common: the file that lists them, `site-packages`, `specifications`. */
function environmentOf(type: PackageType, path: string): string {
	if (listed.has(type)) return path;
	const [, sitePackages] = /^(.*\/)?[^/]+\.(?:dist|egg)-info(?:\/[^/]+)?$/.exec(path) ?? [];
	return sitePackages ?? folderOf(type === "cran" ? folderOf(path) : path);
}

function normalised(type: PackageType, name: string): string {
	// https://packaging.python.org/en/latest/specifications/name-normalization/
	if (type === "pypi") return name.toLowerCase().replace(/[-_.]+/g, "-");
	return type === "nuget" || type === "composer" ? name.toLowerCase() : name;
}

function folderOf(path: string): string {
	return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** A package that lies at several places gets the shortest of its chains: an update of what is asked for may not reach all. */
function withChains(
	packages: readonly InstalledPackage[],
	places: readonly Place[],
	needs: readonly (readonly number[])[],
): InstalledPackage[] {
	const names = places.map(({ pkg }) => `${pkg.name}@${pkg.version}`);
	const labels = places.map(({ path }, node) => `${names[node]}\0${path}`);
	const best = new Map<number, readonly number[]>();
	for (const [node, chain] of dependencyChains(labels, needs).entries()) {
		const index = places[node]?.index ?? -1;
		const known = best.get(index);
		if (chain.length > 0 && (!known || chain.length < known.length)) best.set(index, chain);
	}
	return packages.map((pkg, index) => {
		const parents = (best.get(index) ?? []).map((node) => names[node] ?? "");
		return parents.length === 0 ? pkg : { ...pkg, parents };
	});
}
