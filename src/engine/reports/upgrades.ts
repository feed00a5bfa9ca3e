import { type PackageType, type Severity, severities } from "#model";
import type { PackageGroup } from "./groups.ts";

/** The newest of some versions of one type of package; null when their order cannot be told. */
export type NewestVersion = (type: PackageType, versions: readonly string[]) => string | null;

/** A package whose upgrade mends findings. Texts are as they came from the image and the feeds. */
export interface Upgrade {
	readonly type: PackageType;
	readonly name: string;
	readonly from: string;
	/** The version that mends all that can be mended; null when there are several and their order cannot be told. */
	readonly to: string | null;
	/** Vulnerabilities with a fix, by severity. */
	readonly counts: ReadonlyMap<Severity, number>;
	/** How many of them are known to be exploited. */
	readonly exploited: number;
}

/** Packages with fixes: what is known to be exploited first, then where the worst would be mended. */
export function upgradesOf(groups: readonly PackageGroup[], newest: NewestVersion | undefined): readonly Upgrade[] {
	return groups
		.map((group) => upgradeOf(group, newest))
		.filter((each) => each !== null)
		.sort(worstFirst);
}

function upgradeOf({ type, name, version, rows }: PackageGroup, newest: NewestVersion | undefined): Upgrade | null {
	const fixable = rows.filter((each) => each.fixedVersion !== null);
	const versions = [...new Set(fixable.map((each) => each.fixedVersion ?? ""))];
	const [only] = versions;
	if (only === undefined) return null;
	const to = versions.length === 1 ? only : (newest?.(type, versions) ?? null);
	const counts = new Map<Severity, number>();
	for (const { severity } of fixable) counts.set(severity, (counts.get(severity) ?? 0) + 1);
	const exploited = fixable.filter((each) => each.finding.kev).length;
	return { type, name, from: version, to, counts, exploited };
}

function worstFirst(a: Upgrade, b: Upgrade): number {
	if (a.exploited !== b.exploited) return b.exploited - a.exploited;
	for (const severity of severities) {
		const difference = (b.counts.get(severity) ?? 0) - (a.counts.get(severity) ?? 0);
		if (difference !== 0) return difference;
	}
	return 0;
}
