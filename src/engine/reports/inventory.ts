import type { Finding, Report, ReportPackage } from "#model";

/** The packages of one image, for formats that list components. */
export interface ListedPackages {
	readonly packages: readonly ReportPackage[];
	/** False when the report has no list of packages: then these are the ones with findings only. */
	readonly isWhole: boolean;
	/** Positions in `packages` of what a finding is about. */
	readonly positionsOf: (finding: Finding) => readonly number[];
}

/** Every package of the report's list, and whatever a finding is about that the list lacks. */
export function listPackages(report: Report): ListedPackages {
	const packages = [...(report.packages ?? [])];
	const positions = new Map<string, number[]>();
	packages.forEach((pkg, index) => entry(positions, keyOf(pkg)).push(index));
	for (const finding of report.findings) {
		const found = entry(positions, keyOf(finding.package));
		if (found.length === 0) found.push(packages.push(packageOf(finding)) - 1);
	}
	return {
		packages,
		isWhole: report.packages !== undefined,
		positionsOf: ({ package: pkg }) => positions.get(keyOf(pkg)) ?? [],
	};
}

function packageOf({ package: pkg, origin }: Finding): ReportPackage {
	const { paths, parents } = origin;
	return { ...pkg, path: paths[0] ?? "", paths, parents, layer: origin.layer.index };
}

function keyOf({ type, name, version, purl }: Finding["package"]): string {
	return [type, name, version, purl].join("\0");
}

function entry(map: Map<string, number[]>, key: string): number[] {
	const known = map.get(key);
	if (known) return known;
	const created: number[] = [];
	map.set(key, created);
	return created;
}
