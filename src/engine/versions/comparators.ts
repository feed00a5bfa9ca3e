/**
 * Constraints as advisories write them, in the words that Maven, NuGet, Go, npm and Cargo have in common:
 * `>= 1.2, < 1.4 || = 2.0`. Commas and blanks join what must all hold, `||` divides alternatives.
 * Maven's and NuGet's intervals are read as well: `[1.2,1.4)`, `(,1.0]`, `[1.5]`.
 * Specifications: https://maven.apache.org/pom.html#dependency-version-requirement-specification,
 * https://learn.microsoft.com/nuget/concepts/package-versioning#version-ranges
 */
import type { VersionScheme } from "./types.ts";

/** One bound as it is written; no operator is "". */
export interface Comparator {
	readonly operator: string;
	readonly version: string;
}

/** Alternatives, each a list of what must all hold; an empty list holds for every version. */
export type Constraint = readonly (readonly Comparator[])[];

/** Longer texts are hostile: no advisory's constraint has more than some hundred characters. */
const MAX_LENGTH = 16_384;

/** Reads a constraint without judging operators or versions; null when it is none. */
export function readConstraint(text: string): Constraint | null {
	if (text.length > MAX_LENGTH) return null;
	if (/[[(]/.test(text)) return readIntervals(text);
	const alternatives = text.split("||").map(readComparators);
	return alternatives.every((alternative) => alternative !== null) ? alternatives : null;
}

const COMPARATOR = /[\s,]*([<>=!~^]*)\s*([^\s,<>=!]*)/y;

function readComparators(text: string): readonly Comparator[] | null {
	const comparators: Comparator[] = [];
	for (let at = 0; at < text.length; ) {
		COMPARATOR.lastIndex = at;
		const [whole, operator = "", version = ""] = COMPARATOR.exec(text) ?? [];
		if (!whole || (operator !== "" && version === "")) return null;
		at += whole.length;
		if (version !== "") comparators.push({ operator, version });
	}
	return comparators;
}

const INTERVAL = /[\s,|]*([[(])([^[\](),]*)(?:(,)([^[\](),]*))?([\])])[\s,|]*/y;

function readIntervals(text: string): Constraint | null {
	const alternatives: Comparator[][] = [];
	for (let at = 0; at < text.length; ) {
		INTERVAL.lastIndex = at;
		const [whole, open, from = "", comma, to = "", close] = INTERVAL.exec(text) ?? [];
		if (whole === undefined) return null;
		at += whole.length;
		if (comma === undefined) {
			if (open !== "[" || close !== "]" || from.trim() === "") return null;
			alternatives.push([{ operator: "=", version: from.trim() }]);
			continue;
		}
		const bounds = [
			{ operator: open === "[" ? ">=" : ">", version: from.trim() },
			{ operator: close === "]" ? "<=" : "<", version: to.trim() },
		];
		alternatives.push(bounds.filter(({ version }) => version !== ""));
	}
	return alternatives;
}

/** What `satisfies` of a scheme needs of it. */
type Order<V> = Pick<VersionScheme<V>, "parse" | "compare">;

/**
 * `satisfies` for schemes whose constraints only compare: no operator means `=`, `*` and the empty text mean every
 * version. A malformed version, an unknown operator or a malformed bound, wherever it stands, gives null.
 */
export function satisfiesBy<V>(scheme: Order<V>): (version: string, constraint: string) => boolean | null {
	return (version, constraint) => {
		const subject = scheme.parse(version);
		const alternatives = subject === null ? null : readConstraint(constraint);
		if (subject === null || alternatives === null) return null;
		let answer = false;
		for (const alternative of alternatives) {
			const verdicts = alternative.map((comparator) => holds(scheme, subject, comparator));
			if (verdicts.includes(null)) return null;
			answer ||= !verdicts.includes(false);
		}
		return answer;
	};
}

function holds<V>(scheme: Order<V>, subject: V, { operator, version }: Comparator): boolean | null {
	if (operator === "" && version === "*") return true;
	const bound = scheme.parse(version);
	return bound === null ? null : orderSatisfies(scheme.compare(subject, bound), operator);
}

/** Whether a version that compares so to a bound satisfies `operator`; null when that is not a plain comparison. */
export function orderSatisfies(order: -1 | 0 | 1, operator: string): boolean | null {
	switch (operator) {
		case "":
		case "=":
		case "==":
			return order === 0;
		case "!=":
			return order !== 0;
		case "<":
			return order < 0;
		case "<=":
		case "=<":
			return order <= 0;
		case ">":
			return order > 0;
		case ">=":
		case "=>":
			return order >= 0;
		default:
			return null;
	}
}
