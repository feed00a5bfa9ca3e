import { type Advisory, type Affected, type Finding, type FindingState, severityRank } from "#model";
import type { AdvisoryMatch, AdvisoryStore } from "../ports.ts";
import { type Circumstances, holdsFor } from "./conditions.ts";
import { type IdentifierField, identitiesOf } from "./identifiers.ts";
import type { Ordering } from "./ordering.ts";
import { evaluate } from "./ranges.ts";
import { rate } from "./severity.ts";

/** What is looked up, and by which rules: a row of `ecosystems.ts` has answered everything about the ecosystem. */
export interface MatchQuery {
	/** Where to look: the package under every name that advisories may use for it. */
	readonly lookups: readonly Lookup[];
	readonly circumstances: Circumstances;
	readonly ordering: Ordering;
	readonly identifiers: readonly IdentifierField[];
	/** Where a record speaks of the package in several of the ecosystems, the first that is looked up counts alone. */
	readonly firstEcosystemDecides?: boolean | undefined;
	/** Builds of one flavour are never compared with those of another: by version, null for the plain one. */
	readonly flavourOf?: ((version: string) => string | null) | undefined;
}

export interface Lookup {
	/** As the advisory database spells it: `Debian:12`, `npm`. */
	readonly ecosystem: string;
	/** The name that its advisories use: the source package, the module path. */
	readonly name: string;
	/** The version that its advisories speak of. */
	readonly version: string;
	/** It is looked up as the source package of that name, not as a binary one. */
	readonly isSource?: boolean;
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
	const byId = new Map<string, Described>();
	const undecided: { advisory: string; version: string }[] = [];
	const decided = new Set<string>();
	for (const { ecosystem, name, version, isSource = false } of query.lookups) {
		const groups = byAdvisory(
			store.lookup(ecosystem, name),
			{ ...query.circumstances, isSource, flavour: query.flavourOf?.(version) ?? null },
			query.flavourOf,
		);
		for (const { feed, advisory, affected } of groups) {
			if (query.firstEcosystemDecides) {
				const key = `${feed} ${advisory.id}`;
				if (decided.has(key)) continue;
				decided.add(key);
			}
			const verdict = evaluate(affected, version, query.ordering);
			if (verdict.undecided !== null) undecided.push({ advisory: advisory.id, version: verdict.undecided });
			if (!verdict.affected) continue;
			for (const { match, distance } of saidOf(advisory, affected, query.identifiers, store)) {
				const fixed: PackageMatch =
					verdict.fixed === null ? match : { ...match, fixedVersion: verdict.fixed, state: "fixed" };
				const known = byId.get(match.id);
				byId.set(
					match.id,
					known ? merge(known, { match: fixed, distance }, query.ordering) : { match: fixed, distance },
				);
			}
		}
	}
	return { matches: [...byId.values()].map(({ match }) => match), undecided };
}

/** A record may list one package several times; OSV judges such entries together. The store gives them together. */
function byAdvisory(
	found: readonly AdvisoryMatch[],
	circumstances: Circumstances & { readonly isSource: boolean; readonly flavour: string | null },
	flavourOf: MatchQuery["flavourOf"],
): readonly Group[] {
	const groups: Group[] = [];
	for (const { feed, advisory, affected } of found) {
		if (!holdsFor(affected.only, circumstances)) continue;
		if (flavourOf && !isOfFlavour(affected, circumstances.flavour, flavourOf)) continue;
		const last = groups.at(-1);
		if (last && last.advisory.id === advisory.id && last.feed === feed) last.affected.push(affected);
		else groups.push({ feed, advisory, affected: [affected] });
	}
	return groups;
}

/** Whether all fixes that an entry names are builds of the flavour. */
function isOfFlavour(
	{ ranges }: Affected,
	flavour: string | null,
	flavourOf: (version: string) => string | null,
): boolean {
	return ranges.every(({ events }) => events.every(({ fixed }) => fixed === undefined || flavourOf(fixed) === flavour));
}

interface Group {
	readonly feed: string;
	readonly advisory: Advisory;
	readonly affected: [Affected, ...Affected[]];
}

interface Said {
	readonly advisory: Advisory;
	readonly affected: readonly Affected[];
	readonly fields: readonly IdentifierField[];
	readonly matches: readonly Described[];
}

interface Described {
	readonly match: PackageMatch;
	/** `Judged.distance` of its severity. */
	readonly distance: number;
}

/** By the first entry of a group. A store keeps the entries that it was asked for last, and these no longer. */
const saidBefore = new WeakMap<AdvisoryStore, WeakMap<Affected, Said>>();

/** What an advisory says of a package whatever its version, worked out once as long as the store keeps it in memory. */
function saidOf(
	advisory: Advisory,
	affected: readonly [Affected, ...Affected[]],
	fields: readonly IdentifierField[],
	store: AdvisoryStore,
): readonly Described[] {
	let before = saidBefore.get(store);
	if (!before) saidBefore.set(store, (before = new WeakMap()));
	const known = before.get(affected[0]);
	if (known && known.advisory === advisory && known.fields === fields && isSame(known.affected, affected))
		return known.matches;
	const matches = describe(advisory, affected, fields, store);
	before.set(affected[0], { advisory, affected, fields, matches });
	return matches;
}

function isSame<T>(a: readonly T[], b: readonly T[]): boolean {
	return a.length === b.length && a.every((one, at) => one === b[at]);
}

/** As if no fixed version were known. */
function describe(
	advisory: Advisory,
	affected: readonly Affected[],
	fields: readonly IdentifierField[],
	store: AdvisoryStore,
): readonly Described[] {
	const vendorIds = affected.flatMap((entry) => entry.vendorIds ?? []);
	return identitiesOf(advisory, fields).map((identity) => {
		const known = [identity.id, ...identity.aliases].flatMap((id) => store.vulnerability(id) ?? []);
		const rating = rate({ advisory, affected, identity, known }, store);
		const title = advisory.summary ?? known.find((one) => one.title)?.title;
		const description = known.find((one) => one.description)?.description;
		const cwes = [...new Set(known.flatMap((one) => one.cwes))];
		const published = known.find((one) => one.published)?.published ?? advisory.published;
		const kev = known.find((one) => one.kev)?.kev;
		const epss = known.find((one) => one.epss)?.epss;
		const match: PackageMatch = {
			id: identity.id,
			aliases: union(identity.aliases, vendorIds),
			severity: rating.severity,
			severitySource: rating.source,
			cvss: rating.cvss,
			...(title === undefined ? {} : { title }),
			...(description === undefined ? {} : { description }),
			...(cwes.length === 0 ? {} : { cwes }),
			...(published === undefined ? {} : { published }),
			...(kev === undefined ? {} : { kev }),
			...(epss === undefined ? {} : { epss }),
			fixedVersion: null,
			state: stateOf(affected),
			references: union(
				advisory.references,
				known.flatMap((one) => one.references),
			),
		};
		return { match, distance: rating.distance };
	});
}

/** What the feed says where it knows no fix: the first entry that says more than "affected". */
function stateOf(affected: readonly Affected[]): FindingState {
	return affected.find((entry) => entry.state && entry.state !== "affected")?.state ?? "affected";
}

/**
 * Two advisories on one vulnerability: the version that satisfies both is the higher one (a second
 * advisory often mends an incomplete first fix); one that knows a fix beats one that knows none.
 */
function merge(one: Described, other: Described, ordering: Ordering): Described {
	const first = one.match;
	const second = other.match;
	const fixedVersion = higher(first.fixedVersion, second.fixedVersion, ordering);
	const rated = isNearer(other, one) ? second : first;
	return {
		distance: Math.min(one.distance, other.distance),
		match: {
			...second,
			...first,
			aliases: union(first.aliases, second.aliases),
			severity: rated.severity,
			severitySource: rated.severitySource,
			cvss: rated.cvss,
			fixedVersion,
			state: fixedVersion !== null ? "fixed" : first.state === "affected" ? second.state : first.state,
			references: union(first.references, second.references),
		},
	};
}

/** Who is nearer to the package rates it; of two as near, the worse, so that the order of the records does not matter. */
function isNearer(a: Described, b: Described): boolean {
	return (
		a.distance < b.distance ||
		(a.distance === b.distance && severityRank(a.match.severity) < severityRank(b.match.severity))
	);
}

function higher(a: string | null, b: string | null, ordering: Ordering): string | null {
	if (a === null || b === null) return a ?? b;
	return ordering.compare(a, b) === -1 ? b : a;
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
	if (b.length === 0) return a;
	return [...new Set([...a, ...b])];
}
