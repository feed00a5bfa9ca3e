import { compareText, type InstalledPackage, isOsPackageType, type OperatingSystem, type Warning } from "#model";
import { type ReadComponent, readComponent } from "./component.ts";
import { LayerList } from "./layers.ts";
import { isPlain, shown } from "./naming.ts";
import { DistributionVotes, statedOs } from "./operating-system.ts";
import type { Outline, Sbom, Scope } from "./types.ts";
import { UnreadParts } from "./unread-parts.ts";

/** Makes packages of a document's parts. `path` names the document in warnings, and where a package tells no file. */
export function assemble(outline: Outline, path: string, scope: Scope): Sbom {
	const stated = outline.components.filter(({ role }) => role === "os").flatMap((part) => statedOs(part) ?? []);
	const targets = targetPaths(outline);
	const unread = new UnreadParts();
	const votes = new DistributionVotes();
	const found: ReadComponent[] = [];
	for (const component of outline.components) {
		if (component.role !== "package") continue;
		const read = readComponent(component, targets.get(component.ref) ?? path);
		if (typeof read === "string") {
			if (read !== "") unread.add(read);
			continue;
		}
		const isOs = isOsPackageType(read.pkg.type);
		if (isOs && scope === "languages") continue;
		if (isOs) votes.add(read.purl.namespace, read.purl.qualifiers.get("distro") ?? "");
		found.push(read);
	}
	const os = stated[0] ?? votes.winner();
	const own = found.filter((one) => !isForeign(one, os, unread));
	const layers = new LayerList(outline.layers);
	const merged = mergeSame(own, layers);
	const packages = merged.map(({ pkg }) => pkg);
	const needs = needsOf(merged, outline.edges);
	return {
		kind: "sbom",
		document: outline.document,
		subject: outline.subject,
		os,
		packages: packages.map((pkg, index) => withRequires(pkg, packages, needs[index] ?? [])),
		needs,
		layers: layers.all(),
		cut: outline.cuts.length > 0,
		warnings: [
			...[...outline.cuts, ...outline.gaps, ...gapsOf(own)].map((gap) => incomplete(gap, path)),
			...unread.warnings(path),
			...contradiction(stated, path),
		],
	};
}

/** Trivy hangs the packages of an executable or a lock file below a part that is named after the file. */
function targetPaths({ components, edges }: Outline): ReadonlyMap<string, string> {
	const files = new Map(
		components.flatMap(({ ref, role, name, facts }): [string, string][] => {
			if (role !== "application") return [];
			const file = facts.paths?.[0] ?? name;
			return file.includes("/") && isPlain(file) ? [[ref, file]] : [];
		}),
	);
	if (files.size === 0) return new Map();
	return new Map(
		edges.flatMap(([from, to]): [string, string][] => {
			const file = files.get(from);
			return file === undefined ? [] : [[to, file]];
		}),
	);
}

/** OS packages of a distribution that the document is not of: its advisories would not fit them. */
function isForeign({ pkg, distribution }: ReadComponent, os: OperatingSystem | null, unread: UnreadParts): boolean {
	if (!os || distribution === "" || !isOsPackageType(pkg.type)) return false;
	// `opensuse` is what some call `opensuse-leap`.
	if (os.id.startsWith(distribution) || distribution.startsWith(os.id)) return false;
	unread.add(`${pkg.type} of ${distribution} on ${os.id}`);
	return true;
}

interface Merged {
	readonly pkg: InstalledPackage;
	readonly refs: readonly string[];
}

/** One entry a package, version and layer, with all its files; sorted. */
function mergeSame(found: readonly ReadComponent[], layers: LayerList): readonly Merged[] {
	const placed = found.map((one) => ({ ...one, layer: layers.indexOf(one.component.facts) }));
	const groups = Map.groupBy(placed, ({ pkg, layer }) =>
		[pkg.type, pkg.name, pkg.version, pkg.arch ?? "", layer].join("\0"),
	);
	const merged = [...groups.values()].flatMap((group): Merged[] => {
		const [first] = group;
		if (!first) return [];
		const paths = [...new Set(group.flatMap((one) => one.paths))].sort();
		const refs = group.map(({ component }) => component.ref);
		return [{ pkg: { ...first.pkg, path: paths[0] ?? first.pkg.path, paths, layer: first.layer }, refs }];
	});
	return merged.sort(
		({ pkg: a }, { pkg: b }) =>
			compareText(a.type, b.type) ||
			compareText(a.name, b.name) ||
			compareText(a.version, b.version) ||
			compareText(a.arch ?? "", b.arch ?? "") ||
			a.layer - b.layer,
	);
}

function needsOf(merged: readonly Merged[], edges: Outline["edges"]): readonly (readonly number[])[] {
	const index = new Map(
		merged.flatMap(({ refs }, at) => refs.filter((ref) => ref !== "").map((ref) => [ref, at] as const)),
	);
	const needs = merged.map(() => new Set<number>());
	for (const [from, to] of edges) {
		const [needing, needed] = [index.get(from), index.get(to)];
		if (needing !== undefined && needed !== undefined && needing !== needed) needs[needing]?.add(needed);
	}
	return needs.map((set) => [...set].sort((a, b) => a - b));
}

function withRequires(
	pkg: InstalledPackage,
	all: readonly InstalledPackage[],
	needs: readonly number[],
): InstalledPackage {
	const names = new Set(needs.flatMap((index) => (all[index]?.type === pkg.type ? [all[index].name] : [])));
	return names.size === 0 ? pkg : { ...pkg, requires: [...names] };
}

/** What a document leaves out although the advisories of its distribution go by it. */
function gapsOf(found: readonly ReadComponent[]): readonly string[] {
	const gaps: string[] = [];
	if (found.length === 0) gaps.push("it lists no packages");
	const built = found.filter(({ pkg }) => pkg.type === "deb" || pkg.type === "apk");
	if (built.length > 0 && built.every(({ tellsSource }) => !tellsSource)) {
		gaps.push("it does not tell source packages, which advisories go by, so that vulnerabilities will be missed");
	}
	const modular = found.filter(
		({ pkg }) => pkg.type === "rpm" && /\.module[_+]/.test(pkg.version) && pkg.modularity === undefined,
	);
	if (modular.length > 0) {
		gaps.push(`it does not tell the module streams of ${modular.length} modular RPM packages, which advisories go by`);
	}
	return gaps;
}

function incomplete(gap: string, path: string): Warning {
	return { code: "sbom_incomplete", message: `The SBOM is not complete: ${gap}.`, path };
}

function contradiction(stated: readonly OperatingSystem[], path: string): readonly Warning[] {
	const named = [...new Set(stated.map(({ id, versionId }) => shown(`${id} ${versionId}`.trim())))];
	if (named.length < 2) return [];
	const message = `The SBOM names several operating systems (${named.slice(0, 4).join(", ")}); the first was believed.`;
	return [{ code: "os_ambiguous", message, path }];
}
