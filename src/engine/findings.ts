import {
	compareText,
	counted,
	type Finding,
	type InstalledPackage,
	type OperatingSystem,
	purlOf,
	type ReportLayer,
	severityRank,
	type Warning,
} from "#model";
import { type Ecosystem, ecosystems } from "./ecosystems.ts";
import type { Inventory } from "./inventory/merge.ts";
import { Leftovers, some } from "./leftovers.ts";
import { type MatchResult, matchPackage } from "./matching/match.ts";
import type { AdvisoryStore } from "./ports.ts";

/** Answers for a package version, remembered: an index's children share most of their packages. */
export type Matcher = (row: Ecosystem, ecosystem: string, name: string, version: string) => MatchResult;

/** A matcher over one snapshot of advisories. */
export function matcherOver(store: AdvisoryStore): Matcher {
	const known = new Map<string, MatchResult>();
	return (row, ecosystem, name, version) => {
		const key = [ecosystem, name, version].join("\0");
		let result = known.get(key);
		if (!result) {
			const { ordering, identifiers } = row;
			result = matchPackage({ ecosystem, name, version, ordering, identifiers }, store);
			known.set(key, result);
		}
		return result;
	};
}

/** Packages sorted by what can be said of them; what cannot be judged is named, never passed over. */
export interface Judgeable {
	readonly judged: readonly { readonly pkg: InstalledPackage; readonly row: Ecosystem; readonly ecosystem: string }[];
	readonly warnings: readonly Warning[];
}

/** Finds the row and the advisories for each package, and says which packages have none. */
export function judgeable(inventory: Inventory, store: AdvisoryStore, osOwned: "drop" | "keep"): Judgeable {
	const judged: { pkg: InstalledPackage; row: Ecosystem; ecosystem: string }[] = [];
	const left = new Leftovers();
	const known = new Set(
		store.snapshot.sources.filter((source) => source.records > 0).map((source) => source.ecosystem),
	);
	for (const pkg of inventory.packages) {
		const row = rowFor(pkg, inventory.os);
		const ecosystem = row && ecosystemOf(row, inventory.os);
		if (!row || ecosystem === null || ecosystem === undefined) left.add("os", pkg, pkg.type);
		else if (pkg.thirdParty) left.add("thirdParty", pkg, pkg.thirdParty);
		else if (pkg.ownedBy && osOwned === "drop") left.add("owned", pkg, pkg.ownedBy);
		else if (pkg.version === "") left.add("versionless", pkg, pkg.type);
		else if (!row.ordering.wellFormed(versionOf(pkg).version))
			left.add("malformed", { ...pkg, ...versionOf(pkg) }, pkg.type);
		else if (!known.has(ecosystem)) left.add("unadvised", pkg, ecosystem);
		else judged.push({ pkg, row, ecosystem });
	}
	return { judged, warnings: left.warnings(inventory.os) };
}

/** Findings of an image, worst first, then by package. */
export function findingsOf(
	judged: Judgeable["judged"],
	os: OperatingSystem | null,
	layers: readonly ReportLayer[],
	match: Matcher,
): { findings: readonly Finding[]; warnings: readonly Warning[] } {
	const undecided = new Set<string>();
	const findings = judged.flatMap(({ pkg, row, ecosystem }) => {
		const { name, version } = versionOf(pkg);
		const result = match(row, ecosystem, name, version);
		for (const { advisory, version: bad } of result.undecided) undecided.add(`${advisory} on ${name} ("${bad}")`);
		return result.matches.map(
			(found): Finding => ({ ...found, package: packageOf(pkg, os), origin: originOf(pkg, layers) }),
		);
	});
	const sorted = findings.sort(worstFirst);
	if (undecided.size === 0) return { findings: sorted, warnings: [] };
	const message = `${counted(undecided.size, "advisory", "advisories")} could not be judged, because the feed misspells a version: ${some([...undecided])}.`;
	return { findings: sorted, warnings: [{ code: "advisory_version_malformed", message }] };
}

function rowFor(pkg: InstalledPackage, os: OperatingSystem | null): Ecosystem | null {
	const rows: readonly Ecosystem[] = ecosystems;
	return rows.find((row) => row.packageType === pkg.type && (row.kind === "language" || row.id === os?.id)) ?? null;
}

function ecosystemOf(row: Ecosystem, os: OperatingSystem | null): string | null {
	if (row.kind === "language") return row.osv;
	return os && row.advisoryEcosystem(os);
}

/** Distributions write advisories on source packages; where a package has none, on the package itself. */
function versionOf(pkg: InstalledPackage): { name: string; version: string } {
	return pkg.source ?? pkg;
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
		parents: [],
	};
}

function worstFirst(a: Finding, b: Finding): number {
	return (
		severityRank(a.severity) - severityRank(b.severity) ||
		compareText(a.package.name, b.package.name) ||
		compareText(a.id, b.id)
	);
}
