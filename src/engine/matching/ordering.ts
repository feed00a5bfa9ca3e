import type { VersionScheme } from "../versions/types.ts";

/** Versions, and answers on constraints, at the same time; enough for one image's packages and the advisories on them. */
const cacheEntries = 50_000;

/**
 * Compares version texts of one scheme, each parsed once.
 * `null` means that the order cannot be told because a text is malformed: never the same as "not affected".
 */
export interface Ordering {
	wellFormed(version: string): boolean;
	compare(a: string, b: string): -1 | 0 | 1 | null;
	/** Whether a version satisfies a constraint in the package manager's own words; null when either is malformed. */
	satisfies(version: string, constraint: string): boolean | null;
}

/** An ordering over raw texts for a version scheme. */
export function orderingOf<V>(scheme: VersionScheme<V>): Ordering {
	const parsed = new Map<string, V | null>();
	function read(raw: string): V | null {
		const known = parsed.get(raw);
		if (known !== undefined) return known;
		if (parsed.size >= cacheEntries) parsed.clear();
		const version = scheme.parse(raw);
		parsed.set(raw, version);
		return version;
	}
	/** By constraint and version: putting both into one key costs more than asking again. */
	const answers = new Map<string, Map<string, boolean | null>>();
	let answered = 0;
	function satisfies(version: string, constraint: string): boolean | null {
		let known = answers.get(constraint);
		const before = known?.get(version);
		if (before !== undefined) return before;
		if (answered >= cacheEntries) {
			answers.clear();
			answered = 0;
			known = undefined;
		}
		if (!known) answers.set(constraint, (known = new Map()));
		const answer = scheme.satisfies?.(version, constraint) ?? null;
		known.set(version, answer);
		answered += 1;
		return answer;
	}
	return {
		wellFormed: (version) => read(version) !== null,
		compare(a, b) {
			const left = read(a);
			const right = read(b);
			if (left !== null && right !== null) return scheme.compare(left, right);
			return scheme.compareMalformed?.(a, b) ?? null;
		},
		satisfies,
	};
}
