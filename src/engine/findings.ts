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
import type { Inventory } from "./inventory/merge.ts";
import { ask, placing, type Question } from "./judge.ts";
import { Leftovers, some } from "./leftovers.ts";
import type { MatchResult } from "./matching/match.ts";
import type { AdvisoryStore } from "./ports.ts";
import { subjectOf } from "./subject.ts";

/** Answers for a package version, remembered: an index's children share most of their packages. */
export type Matcher = (one: Question) => MatchResult;

/** A package with all that its advisories are looked up by. */
export interface JudgedPackage extends Question {
	readonly pkg: InstalledPackage;
}

/** A matcher over one snapshot of advisories. */
export function matcherOver(store: AdvisoryStore): Matcher {
	const known = new Map<string, MatchResult>();
	return (question) => {
		const { row, lookups, circumstances } = question;
		const { arch, module, products } = circumstances;
		let key = `${row.id}\0${arch}\0${module}\0${products.join("\0")}\0`;
		for (const { ecosystem, name, version, isSource } of lookups)
			key += `\0${ecosystem}\0${name}\0${version}\0${isSource}`;
		let result = known.get(key);
		if (!result) known.set(key, (result = ask(question, store)));
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
	const place = placing(store);
	for (const pkg of inventory.packages) {
		const placed = place(subjectOf(pkg, inventory, osOwned));
		if (placed.kind === "judged") judged.push({ pkg, ...placed.question });
		else {
			const { why, called } = placed;
			const detail = why === "thirdParty" ? pkg.thirdParty : why === "owned" ? pkg.ownedBy : placed.detail;
			left.add(why, called ? { ...pkg, name: called.name, version: called.version } : pkg, detail ?? "");
		}
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
