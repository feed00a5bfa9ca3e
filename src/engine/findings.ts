import {
	compareText,
	counted,
	type Finding,
	type InstalledPackage,
	isOsPackageType,
	type OperatingSystem,
	purlOf,
	type ReportLayer,
	severityRank,
	type Warning,
} from "#model";
import type { Subject } from "./ecosystems/types.ts";
import { type Ecosystem, rowFor, rowOfOs } from "./ecosystems.ts";
import type { Inventory } from "./inventory/merge.ts";
import { Leftovers, some } from "./leftovers.ts";
import { type Circumstances, moduleOf } from "./matching/conditions.ts";
import { type Lookup, type MatchResult, matchPackage } from "./matching/match.ts";
import type { AdvisoryStore } from "./ports.ts";

/** Answers for a package version, remembered: an index's children share most of their packages. */
export type Matcher = (one: JudgedPackage) => MatchResult;

/** A package with all that its advisories are looked up by. */
export interface JudgedPackage {
	readonly pkg: InstalledPackage;
	readonly row: Ecosystem;
	/** Ecosystems of the advisory database that speak of it. */
	readonly ecosystems: readonly string[];
	readonly lookups: readonly Lookup[];
	readonly circumstances: Circumstances;
}

/** A matcher over one snapshot of advisories. */
export function matcherOver(store: AdvisoryStore): Matcher {
	const known = new Map<string, MatchResult>();
	return ({ row, lookups, circumstances }) => {
		const { arch, module, products } = circumstances;
		let key = `${row.id}\0${arch}\0${module}\0${products.join("\0")}\0`;
		for (const { ecosystem, name, version, isSource } of lookups)
			key += `\0${ecosystem}\0${name}\0${version}\0${isSource}`;
		let result = known.get(key);
		if (!result) {
			const { ordering, identifiers, firstEcosystemDecides, flavourOf } = row;
			const query = { lookups, circumstances, ordering, identifiers, firstEcosystemDecides, flavourOf };
			result = matchPackage(query, store);
			known.set(key, result);
		}
		return result;
	};
}

/** Packages sorted by what can be said of them; what cannot be judged is named, never passed over. */
export interface Judgeable {
	readonly judged: readonly JudgedPackage[];
	readonly warnings: readonly Warning[];
}

/** Finds the row and the advisories for each package, and says which packages have none. */
export function judgeable(inventory: Inventory, store: AdvisoryStore, osOwned: "drop" | "keep"): Judgeable {
	const judged: JudgedPackage[] = [];
	const left = new Leftovers();
	const known = new Set(
		store.snapshot.sources.filter((source) => source.records > 0).map((source) => source.ecosystem),
	);
	const products = productsOf(inventory, store);
	for (const pkg of inventory.packages) {
		const row = rowFor(pkg, inventory.os);
		const ecosystems = row && ecosystemsOf(row, inventory.os);
		const incomplete = row?.incomplete?.(pkg);
		const subject: Subject = row?.subjects(pkg)[0] ?? { name: pkg.name, version: pkg.version };
		if (!row && !isOsPackageType(pkg.type)) left.add("unadvised", pkg, `${pkg.type} packages`);
		else if (!row || !ecosystems || ecosystems.length === 0) left.add("os", pkg, pkg.type);
		else if (pkg.thirdParty) left.add("thirdParty", pkg, pkg.thirdParty);
		else if (pkg.ownedBy && osOwned === "drop") left.add("owned", pkg, pkg.ownedBy);
		else if (incomplete) left.add(incomplete, pkg, row.name);
		else if (pkg.version === "") left.add("versionless", pkg, pkg.type);
		else if (!row.ordering.wellFormed(subject.version))
			left.add("malformed", { ...pkg, name: subject.name, version: subject.version }, pkg.type);
		else if (!row.subjects(pkg).some((one) => (one.ecosystems ?? ecosystems).some((ecosystem) => known.has(ecosystem))))
			left.add("unadvised", pkg, (subject.ecosystems ?? ecosystems).join(" or "));
		else
			judged.push(
				judgedBy(
					pkg,
					row,
					ecosystems.filter((ecosystem) => known.has(ecosystem)),
					products,
				),
			);
	}
	return { judged, warnings: left.warnings(inventory.os) };
}

function judgedBy(
	pkg: InstalledPackage,
	row: Ecosystem,
	ecosystems: readonly string[],
	products: readonly string[],
): JudgedPackage {
	const { nameOf = (name: string) => name } = row;
	const lookups = row
		.subjects(pkg)
		.flatMap(({ name, version, isSource = false, ecosystems: own }) =>
			ecosystems
				.filter((ecosystem) => own === undefined || own.includes(ecosystem))
				.map((ecosystem) => ({ ecosystem, name: nameOf(name), version, isSource })),
		);
	return {
		pkg,
		row,
		ecosystems,
		lookups,
		circumstances: { arch: pkg.arch, module: moduleOf(pkg.modularity), products },
	};
}

/** Red Hat's advisories speak of products: those of the image's content sets, else those that its release is made of. */
function productsOf({ os, contentSets }: Inventory, store: AdvisoryStore): readonly string[] {
	const row = os && rowOfOs(os);
	if (!os || !row?.products) return [];
	const named = contentSets.length === 0 ? [] : store.products(contentSets);
	return named.length > 0 ? named : row.products(os);
}

/** Findings of an image, worst first, then by package. */
export function findingsOf(
	judged: Judgeable["judged"],
	os: OperatingSystem | null,
	layers: readonly ReportLayer[],
	match: Matcher,
): { findings: readonly Finding[]; warnings: readonly Warning[] } {
	const undecided = new Set<string>();
	const findings = judged.flatMap((one) => {
		const { pkg } = one;
		const result = match(one);
		for (const { advisory, version: bad } of result.undecided)
			undecided.add(`${advisory} on ${one.lookups[0]?.name ?? pkg.name} ("${bad}")`);
		if (result.matches.length === 0) return [];
		const place = { package: packageOf(pkg, os), origin: originOf(pkg, layers) };
		return result.matches.map((found): Finding => ({ ...found, ...place }));
	});
	const sorted = findings.sort(worstFirst);
	if (undecided.size === 0) return { findings: sorted, warnings: [] };
	const message = `${counted(undecided.size, "advisory", "advisories")} could not be judged, because the feed misspells a version: ${some([...undecided])}.`;
	return { findings: sorted, warnings: [{ code: "advisory_version_malformed", message }] };
}

function ecosystemsOf(row: Ecosystem, os: OperatingSystem | null): readonly string[] {
	if (row.kind === "language") return row.feeds;
	return os ? row.advisoryEcosystems(os) : [];
}

function packageOf(pkg: InstalledPackage, os: OperatingSystem | null): Finding["package"] {
	const { name, version, type, source } = pkg;
	return { name, version, type, purl: purlOf(pkg, os), ...(source ? { source } : {}) };
}

function originOf(pkg: InstalledPackage, layers: readonly ReportLayer[]): Finding["origin"] {
	const layer = layers[pkg.layer];
	return {
		layer: { index: pkg.layer, digest: layer?.digest ?? "", createdBy: layer?.createdBy ?? "" },
		kind: "unknown",
		paths: pkg.paths,
		parents: pkg.parents ?? [],
	};
}

function worstFirst(a: Finding, b: Finding): number {
	return (
		severityRank(a.severity) - severityRank(b.severity) ||
		compareText(a.package.name, b.package.name) ||
		compareText(a.id, b.id)
	);
}
