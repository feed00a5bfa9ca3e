import {
	type Finding,
	type FindingState,
	isOsPackageType,
	type PackageType,
	type Severity,
	severities,
	severityRank,
} from "#model";
import type { Part } from "./parts.ts";

/**
 * Findings as a person works them off: by what has to be upgraded. Binary packages of one source package are one
 * group, and what several children of an index share is told once. Every finding that counts is in one row; suppressed
 * ones are in none.
 */
export interface PackageGroup {
	readonly type: PackageType;
	/** The source package where there is one, else the package. */
	readonly name: string;
	readonly version: string;
	/** Installed packages of the group, `name` or `name version` where the version is another one. */
	readonly packages: ReadonlySet<string>;
	readonly rows: readonly GroupRow[];
	readonly layers: readonly GroupLayer[];
	/** Files that say that the package is installed, by the labels of the images that have them; none for OS packages. */
	readonly paths: ReadonlyMap<string, ReadonlySet<string>>;
	readonly parents: ReadonlySet<string>;
	/** Rows by severity. */
	readonly counts: Readonly<Record<Severity, number>>;
	/** Rows that are known to be exploited. */
	readonly exploited: number;
	/** Labels of the images that have the group. */
	readonly parts: ReadonlySet<string>;
}

export interface GroupRow {
	readonly id: string;
	readonly severity: Severity;
	readonly state: FindingState;
	readonly fixedVersion: string | null;
	readonly title: string;
	/** The first finding of the row, for what all of them share: references, scores, exploitation. */
	readonly finding: Finding;
	readonly packages: ReadonlySet<string>;
	readonly parts: ReadonlySet<string>;
}

export interface GroupLayer {
	readonly index: number;
	readonly createdBy: string;
	readonly digests: ReadonlySet<string>;
	readonly packages: ReadonlySet<string>;
	readonly parts: ReadonlySet<string>;
}

/** Groups the findings of all images: what is known to be exploited first, then the worst. */
export function groupFindings(parts: readonly Part[]): readonly PackageGroup[] {
	const growing = new Map<string, GrowingGroup>();
	for (const { label, report } of parts) {
		for (const finding of report.findings) if (!finding.suppressed) addFinding(growing, finding, label);
	}
	return [...growing.values()].map(finished).sort(worstFirst);
}

interface GrowingGroup {
	readonly type: PackageType;
	readonly name: string;
	readonly version: string;
	readonly packages: Set<string>;
	readonly rows: Map<string, GrowingRow>;
	readonly layers: Map<string, GrowingLayer>;
	readonly paths: Map<string, Set<string>>;
	readonly parents: Set<string>;
	readonly parts: Set<string>;
}
type GrowingRow = GroupRow & { readonly packages: Set<string>; readonly parts: Set<string> };
type GrowingLayer = GroupLayer & {
	readonly digests: Set<string>;
	readonly packages: Set<string>;
	readonly parts: Set<string>;
};

function addFinding(groups: Map<string, GrowingGroup>, finding: Finding, label: string): void {
	const { name, version, type, source } = finding.package;
	const unit = source ?? { name, version };
	const group = entry(groups, keyOf(type, unit.name, unit.version), () => emptyGroup(type, unit.name, unit.version));
	const installed = version === unit.version ? name : `${name} ${version}`;
	group.packages.add(installed);
	group.parts.add(label);
	for (const parent of finding.origin.parents) group.parents.add(parent);
	addRow(group, finding, installed, label);
	addLayer(group, finding, installed, label);
	// The file that lists an OS package is the same for all of them and tells a reader nothing.
	if (isOsPackageType(type)) return;
	for (const path of finding.origin.paths) entry(group.paths, path, () => new Set<string>()).add(label);
}

function addRow(group: GrowingGroup, finding: Finding, installed: string, label: string): void {
	const { id, severity, state, fixedVersion, title = "" } = finding;
	const key = keyOf(id, severity, state, fixedVersion ?? "");
	const empty = { id, severity, state, fixedVersion, title, finding };
	const row = entry(group.rows, key, () => ({ ...empty, packages: new Set<string>(), parts: new Set<string>() }));
	row.packages.add(installed);
	row.parts.add(label);
}

function addLayer(group: GrowingGroup, finding: Finding, installed: string, label: string): void {
	const { index, createdBy, digest } = finding.origin.layer;
	const layer = entry(group.layers, keyOf(String(index), createdBy), () => ({
		index,
		createdBy,
		digests: new Set<string>(),
		packages: new Set<string>(),
		parts: new Set<string>(),
	}));
	layer.digests.add(digest);
	layer.packages.add(installed);
	layer.parts.add(label);
}

function emptyGroup(type: PackageType, name: string, version: string): GrowingGroup {
	return {
		type,
		name,
		version,
		packages: new Set(),
		rows: new Map(),
		layers: new Map(),
		paths: new Map(),
		parents: new Set(),
		parts: new Set(),
	};
}

function finished(group: GrowingGroup): PackageGroup {
	const rows = [...group.rows.values()].sort(
		(a, b) =>
			severityRank(a.severity) - severityRank(b.severity) ||
			Number(isExploited(b)) - Number(isExploited(a)) ||
			naturally.compare(a.id, b.id),
	);
	const counts: Record<Severity, number> = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0 };
	for (const row of rows) counts[row.severity] += 1;
	const layers = [...group.layers.values()].sort((a, b) => a.index - b.index);
	return { ...group, rows, layers, counts, exploited: rows.filter(isExploited).length };
}

function isExploited(row: GroupRow): boolean {
	return row.finding.kev !== undefined;
}

function worstFirst(a: PackageGroup, b: PackageGroup): number {
	if (a.exploited > 0 !== b.exploited > 0) return b.exploited - a.exploited;
	for (const severity of severities) {
		if (a.counts[severity] !== b.counts[severity]) return b.counts[severity] - a.counts[severity];
	}
	return naturally.compare(a.name, b.name) || naturally.compare(a.version, b.version);
}

const naturally = new Intl.Collator("en", { numeric: true });

function keyOf(...parts: readonly string[]): string {
	return parts.join("\0");
}

function entry<V>(map: Map<string, V>, key: string, create: () => V): V {
	const known = map.get(key);
	if (known !== undefined) return known;
	const created = create();
	map.set(key, created);
	return created;
}
