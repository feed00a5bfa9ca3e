import type { ReportPackage } from "#model";

/**
 * Which package needs which, by position. Packages name what they need (`requires`), not which copy: of several copies
 * the nearest in the file tree is taken, as module loaders do. Names that no package of the image has, such as a
 * distribution's virtual packages, give no edge.
 */
export function dependencyGraph(packages: readonly ReportPackage[]): readonly (readonly number[])[] {
	const copies = new Copies(packages);
	const edges = packages.map(() => new Set<number>());
	packages.forEach((pkg, from) => {
		for (const name of pkg.requires ?? []) for (const to of copies.nearest(pkg, name)) edges[from]?.add(to);
		const [parent] = pkg.parents ?? [];
		if (parent !== undefined) for (const by of copies.nearest(pkg, parent)) edges[by]?.add(from);
	});
	return edges.map((targets, from) => [...targets].filter((to) => to !== from).sort((a, b) => a - b));
}

/** Packages from which all others can be reached, in their order: those that nobody needs, and one of each ring. */
export function rootsOf(graph: readonly (readonly number[])[]): readonly number[] {
	const needed = new Set(graph.flat());
	const reached = new Set<number>();
	const roots: number[] = [];
	const positions = [...graph.keys()];
	for (const start of [...positions.filter((index) => !needed.has(index)), ...positions]) {
		if (reached.has(start)) continue;
		roots.push(start);
		const open = [start];
		for (let at = open.pop(); at !== undefined; at = open.pop()) {
			if (reached.has(at)) continue;
			reached.add(at);
			for (const next of graph[at] ?? []) open.push(next);
		}
	}
	return roots.sort((a, b) => a - b);
}

interface Copy {
	readonly index: number;
	readonly arch: string | undefined;
	readonly folders: readonly string[];
}

/** More copies of one name than any image has: which one is meant is then not looked for, so that time stays linear. */
const mostCopies = 200;

class Copies {
	readonly #byName = new Map<string, Copy[]>();

	constructor(packages: readonly ReportPackage[]) {
		packages.forEach((pkg, index) => {
			for (const path of pkg.paths) {
				const copy = { index, arch: pkg.arch, folders: path.split("/").slice(0, -1) };
				const names = [pkg.name, plainName(pkg.name), `${pkg.name}@${pkg.version}`];
				for (const name of new Set(names)) this.#add(`${pkg.type}\0${name}`, copy);
			}
		});
	}

	#add(key: string, copy: Copy): void {
		const known = this.#byName.get(key);
		if (known === undefined) this.#byName.set(key, [copy]);
		else if (known.length <= mostCopies) known.push(copy);
	}

	/** The copies of a name that lie nearest to a package: several where the file tree does not tell them apart. */
	nearest({ type, arch, path }: ReportPackage, name: string): readonly number[] {
		const all = this.#byName.get(`${type}\0${name}`) ?? this.#byName.get(`${type}\0${plainName(name)}`) ?? [];
		if (all.length > mostCopies) return [];
		const sameArch = all.filter((copy) => copy.arch === arch);
		const copies = sameArch.length > 0 ? sameArch : all;
		if (copies.length < 2) return copies.map(({ index }) => index);
		const folders = path.split("/").slice(0, -1);
		const shared = copies.map((copy) => sharedFolders(folders, copy.folders));
		const most = Math.max(...shared);
		const near = copies.filter((_, index) => shared[index] === most);
		const least = Math.min(...near.map((copy) => copy.folders.length));
		return near.filter((copy) => copy.folders.length === least).map(({ index }) => index);
	}
}

/** Python and others take `Foo_Bar` and `foo-bar` for the same (packaging.python.org, name normalization). */
function plainName(name: string): string {
	return name.toLowerCase().replace(/[-_.]+/g, "-");
}

function sharedFolders(a: readonly string[], b: readonly string[]): number {
	let count = 0;
	while (count < a.length && count < b.length && a[count] === b[count]) count += 1;
	return count;
}
