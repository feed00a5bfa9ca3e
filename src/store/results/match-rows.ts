/** What the advisories say of a package version, as rows. */
import type { AdvisoryStore, PackageMatch } from "#engine";
import { type Finding, type Severity, severities, severityRank, type Vulnerability } from "#model";
import { indexable } from "./storable.ts";

/** `package_matches.body`: what only this package's advisories say; the rest is said once, in `vulnerabilities`. */
export interface MatchBody {
	/** The id, where the key is a cut one. */
	readonly id?: string;
	readonly aliases: readonly string[];
	readonly cvss: Finding["cvss"];
	readonly title?: string;
	readonly published?: string;
	/** Without those of the vulnerability itself. */
	readonly references: readonly string[];
}

export interface MatchRow {
	readonly key: string;
	readonly severity: number;
	readonly fixedVersion: string | null;
	readonly state: string;
	readonly severitySource: string | null;
	readonly body: MatchBody;
}

export interface Counters {
	readonly critical: number;
	readonly high: number;
	readonly medium: number;
	readonly low: number;
	readonly negligible: number;
	readonly unknown: number;
	readonly fixable: number;
}

/** What is known of a vulnerability itself, under its id and other names. */
export interface VulnerabilityFacts {
	readonly title: string | null;
	readonly description: string | null;
	readonly cwes: readonly string[];
	readonly published: string | null;
	readonly kev: Vulnerability["kev"] | null;
	readonly epss: number | null;
	readonly epssPercentile: number | null;
	readonly references: readonly string[];
}

/** In the order of the keys, so that two transactions never wait for each other crosswise. */
export function matchRows(matches: readonly PackageMatch[], store: AdvisoryStore): readonly MatchRow[] {
	return matches.map((match) => rowOf(match, store)).sort((a, b) => (a.key < b.key ? -1 : 1));
}

function rowOf(match: PackageMatch, store: AdvisoryStore): MatchRow {
	const { id, aliases, severity, severitySource, cvss, title, published, fixedVersion, state } = match;
	const key = indexable(id);
	const own = store.vulnerability(id);
	const shared = new Set(own?.references);
	return {
		key,
		severity: severityRank(severity),
		fixedVersion,
		state,
		severitySource,
		body: {
			...(key === id ? {} : { id }),
			aliases,
			cvss,
			...(title === undefined ? {} : { title }),
			...(published === undefined || published === own?.published ? {} : { published }),
			references: match.references.filter((url) => !shared.has(url)),
		},
	};
}

export function countersOf(rows: readonly Pick<MatchRow, "severity" | "fixedVersion">[]): Counters {
	const counts = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0, fixable: 0 };
	for (const { severity, fixedVersion } of rows) {
		counts[severityOf(severity)] += 1;
		if (fixedVersion !== null) counts.fixable += 1;
	}
	return counts;
}

export function severityOf(rank: number): Severity {
	return severities[rank] ?? "unknown";
}

/** Under the id first, then under the other names in their order; single facts are the first's that has one. */
export function factsOf(id: string, aliases: readonly string[], store: AdvisoryStore): VulnerabilityFacts {
	const known = [id, ...aliases.toSorted()].flatMap((name) => store.vulnerability(name) ?? []);
	const epss = known.find((one) => one.epss)?.epss;
	return {
		title: known.find((one) => one.title)?.title ?? null,
		description: known.find((one) => one.description)?.description ?? null,
		cwes: [...new Set(known.flatMap((one) => one.cwes))],
		published: known.find((one) => one.published)?.published ?? null,
		kev: known.find((one) => one.kev)?.kev ?? null,
		epss: epss?.score ?? null,
		epssPercentile: epss?.percentile ?? null,
		references: [...new Set(known.flatMap((one) => one.references))],
	};
}
