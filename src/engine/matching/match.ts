import type { Advisory, Affected, Finding } from "#model";
import type { AdvisoryMatch, AdvisoryStore } from "../ports.ts";
import { type IdentifierField, identitiesOf } from "./identifiers.ts";
import type { Ordering } from "./ordering.ts";
import { evaluate } from "./ranges.ts";
import { rate } from "./severity.ts";

/** What is looked up, and by which rules: a row of `ecosystems.ts` has answered everything about the ecosystem. */
export interface MatchQuery {
	/** As the advisory database spells it: `Debian:12`, `npm`. */
	readonly ecosystem: string;
	/** The name that its advisories use: the source package, the module path. */
	readonly name: string;
	/** The version that its advisories speak of. */
	readonly version: string;
	readonly ordering: Ordering;
	readonly identifiers: readonly IdentifierField[];
}

/** One vulnerability of one package version, before it is placed in an image. */
export type PackageMatch = Omit<Finding, "package" | "origin">;

export interface MatchResult {
	readonly matches: readonly PackageMatch[];
	/** Advisories that could not be judged, with the malformed version that is to blame. */
	readonly undecided: readonly { readonly advisory: string; readonly version: string }[];
}

/** All vulnerabilities of one package version. Pure: the same snapshot gives the same answer. */
export function matchPackage(query: MatchQuery, store: AdvisoryStore): MatchResult {
	const byId = new Map<string, PackageMatch>();
	const undecided: { advisory: string; version: string }[] = [];
	for (const { advisory, affected } of byAdvisory(store.lookup(query.ecosystem, query.name))) {
		const verdict = evaluate(affected, query.version, query.ordering);
		if (verdict.undecided !== null) undecided.push({ advisory: advisory.id, version: verdict.undecided });
		if (!verdict.affected) continue;
		for (const match of describe(advisory, affected, verdict.fixed, query, store)) {
			const known = byId.get(match.id);
			byId.set(match.id, known ? merge(known, match, query.ordering) : match);
		}
	}
	return { matches: [...byId.values()], undecided };
}

/** A record may list one package several times; OSV judges such entries together. */
function byAdvisory(found: readonly AdvisoryMatch[]): { advisory: Advisory; affected: Affected[] }[] {
	const grouped = new Map<string, { advisory: Advisory; affected: Affected[] }>();
	for (const { advisory, affected } of found) {
		const group = grouped.get(advisory.id);
		if (group) group.affected.push(affected);
		else grouped.set(advisory.id, { advisory, affected: [affected] });
	}
	return [...grouped.values()];
}

function describe(
	advisory: Advisory,
	affected: readonly Affected[],
	fixed: string | null,
	query: MatchQuery,
	store: AdvisoryStore,
): PackageMatch[] {
	return identitiesOf(advisory, query.identifiers).map((identity) => {
		const rating = rate(advisory, affected, identity, store);
		return {
			id: identity.id,
			aliases: identity.aliases,
			severity: rating.severity,
			severitySource: rating.source,
			cvss: rating.cvss,
			...(advisory.summary ? { title: advisory.summary } : {}),
			fixedVersion: fixed,
			state: fixed === null ? "affected" : "fixed",
			references: advisory.references,
		};
	});
}

/**
 * Two advisories on one vulnerability: the version that satisfies both is the higher one (a second
 * advisory often mends an incomplete first fix); one that knows a fix beats one that knows none.
 */
function merge(first: PackageMatch, second: PackageMatch, ordering: Ordering): PackageMatch {
	const fixedVersion = higher(first.fixedVersion, second.fixedVersion, ordering);
	const rated = second.severitySource !== null && first.severitySource === null ? second : first;
	const title = first.title ?? second.title;
	return {
		id: first.id,
		aliases: union(first.aliases, second.aliases),
		severity: rated.severity,
		severitySource: rated.severitySource,
		cvss: rated.cvss,
		...(title === undefined ? {} : { title }),
		fixedVersion,
		state: fixedVersion === null ? first.state : "fixed",
		references: union(first.references, second.references),
	};
}

function higher(a: string | null, b: string | null, ordering: Ordering): string | null {
	if (a === null || b === null) return a ?? b;
	return ordering.compare(a, b) === -1 ? b : a;
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
	return [...new Set([...a, ...b])];
}
