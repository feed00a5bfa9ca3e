/** One package version and what the advisories say of it: the one way, for scans and for results that are kept. */
import { isOsPackageType } from "#model";
import type { Subject } from "./ecosystems/types.ts";
import { type Ecosystem, rowFor, rowOfOs } from "./ecosystems.ts";
import { isGap, type LeftoverKind } from "./leftovers.ts";
import { type Circumstances, moduleOf } from "./matching/conditions.ts";
import { type Lookup, type MatchResult, matchPackage, type PackageMatch } from "./matching/match.ts";
import type { AdvisoryStore } from "./ports.ts";
import type { MatchSubject } from "./subject.ts";

/** All that the advisories on a package version are looked up by. */
export interface Question {
	readonly row: Ecosystem;
	/** Ecosystems of the advisory database that speak of it. */
	readonly ecosystems: readonly string[];
	readonly lookups: readonly Lookup[];
	readonly circumstances: Circumstances;
}

/** What can be asked of a package version, or why nothing can. */
export type Placed = {
	/** Where advisories may speak of it, those included that this database knows nothing of. */
	readonly names: readonly LookupName[];
} & (
	| { readonly kind: "judged"; readonly question: Question }
	| {
			readonly kind: "left";
			readonly why: LeftoverKind;
			readonly detail: string;
			/** What its advisories call it, where that is what is wrong with it. */
			readonly called?: Subject;
	  }
);

/** Under which name the advisories of an ecosystem speak of a package. */
export type LookupName = Pick<Lookup, "ecosystem" | "name">;

/** Finds the row and the advisories for a package version, or says why it has none. */
export function placing(store: AdvisoryStore): (subject: MatchSubject) => Placed {
	const known = new Set(
		store.snapshot.sources.filter((source) => source.records > 0).map((source) => source.ecosystem),
	);
	const products = new Map<string, readonly string[]>();
	const productsOf = ({ os, contentSets = [] }: MatchSubject): readonly string[] => {
		if (!os) return [];
		const key = JSON.stringify([os, contentSets]);
		let found = products.get(key);
		if (!found) {
			// As many as there are releases; a hostile registry could make up more.
			if (products.size >= 1000) products.clear();
			products.set(key, (found = findProducts(os, contentSets, store)));
		}
		return found;
	};
	return (subject) => {
		const os = subject.os ?? null;
		const row = rowFor(subject, os);
		const left = (why: LeftoverKind, detail: string, names: readonly LookupName[] = [], called?: Subject): Placed => ({
			kind: "left",
			why,
			detail,
			names,
			...(called ? { called } : {}),
		});
		if (!row && !isOsPackageType(subject.type)) return left("unadvised", `${subject.type} packages`);
		const ecosystems = row && ecosystemsOf(row, os);
		if (!row || !ecosystems || ecosystems.length === 0) return left("os", subject.type);
		if (subject.thirdParty) return left("thirdParty", "");
		if (subject.dropped) return left("owned", "");
		const incomplete = row.incomplete?.(subject);
		if (incomplete) return left(incomplete, row.name);
		if (subject.version === "") return left("versionless", subject.type);
		const subjects = row.subjects(subject);
		const [first] = subjects;
		if (!row.ordering.wellFormed(first.version)) return left("malformed", subject.type, [], first);
		const all = lookupsOf(subjects, ecosystems, row);
		const names = all.map(({ ecosystem, name }) => ({ ecosystem, name }));
		if (!subjects.some((one) => (one.ecosystems ?? ecosystems).some((ecosystem) => known.has(ecosystem))))
			return left("unadvised", (first.ecosystems ?? ecosystems).join(" or "), names);
		const circumstances: Circumstances = {
			arch: subject.arch,
			module: moduleOf(subject.modularity),
			products: productsOf(subject),
		};
		const question = {
			row,
			ecosystems: ecosystems.filter((ecosystem) => known.has(ecosystem)),
			lookups: all.filter(({ ecosystem }) => known.has(ecosystem)),
			circumstances,
		};
		return { kind: "judged", question, names };
	};
}

/** What advisories say of a package version. */
export interface Judgement {
	readonly names: readonly LookupName[];
	readonly matches: readonly PackageMatch[];
	readonly undecided: MatchResult["undecided"];
	/** Why it was not judged; null when it was. */
	readonly leftover: LeftoverKind | null;
	/** An image that holds it was not looked at as a whole. */
	readonly isGap: boolean;
}

/** Judges package versions by one snapshot of advisories. */
export function judging(store: AdvisoryStore): (subject: MatchSubject) => Judgement {
	const place = placing(store);
	return (subject) => {
		const placed = place(subject);
		const { names } = placed;
		if (placed.kind === "left")
			return { names, matches: [], undecided: [], leftover: placed.why, isGap: isGap(placed.why) };
		const { matches, undecided } = ask(placed.question, store);
		return { names, matches, undecided, leftover: null, isGap: undecided.length > 0 };
	};
}

export function ask({ row, lookups, circumstances }: Question, store: AdvisoryStore): MatchResult {
	const { ordering, identifiers, firstEcosystemDecides, flavourOf } = row;
	const query = { lookups, circumstances, ordering, identifiers, firstEcosystemDecides, flavourOf };
	return matchPackage(query, store);
}

function lookupsOf(
	subjects: readonly Subject[],
	ecosystems: readonly string[],
	{ nameOf = (name: string) => name }: Ecosystem,
): readonly Lookup[] {
	return subjects.flatMap(({ name, version, isSource = false, ecosystems: own }) =>
		ecosystems
			.filter((ecosystem) => own === undefined || own.includes(ecosystem))
			.map((ecosystem) => ({ ecosystem, name: nameOf(name), version, isSource })),
	);
}

/** Red Hat's advisories speak of products: those of the image's content sets, else those that its release is made of. */
function findProducts(
	os: NonNullable<MatchSubject["os"]>,
	contentSets: readonly string[],
	store: AdvisoryStore,
): readonly string[] {
	const row = rowOfOs(os);
	if (!row?.products) return [];
	const named = contentSets.length === 0 ? [] : store.products(contentSets);
	return named.length > 0 ? named : row.products(os);
}

function ecosystemsOf(row: Ecosystem, os: MatchSubject["os"] | null): readonly string[] {
	if (row.kind === "language") return row.feeds;
	return os ? row.advisoryEcosystems(os) : [];
}
