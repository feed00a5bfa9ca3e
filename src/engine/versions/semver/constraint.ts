/**
 * Ranges of npm, as its `semver` package documents them, with the comma of GitHub's advisories as a blank:
 * `^1.2.3`, `~1.2`, `1.2.x`, `1.2 - 1.4`, `>= 1.2, < 1.4 || = 2.0.0`. Cargo's and other plain comparisons are among them.
 * Pre-releases count like all other versions: an advisory speaks of them too (npm's `includePrerelease`). So `1.x` and
 * `<1.2` begin and end at the lowest pre-release, and a bound written out in full means exactly itself.
 * Specification: https://github.com/npm/node-semver#ranges
 */
import { type Comparator, orderSatisfies, readConstraint } from "../comparators.ts";
import { compareSemver, type SemverCore, toSemverCore } from "../semver-order.ts";
import { parse } from "./version.ts";

/** Null when the version or any part of the constraint is malformed. */
export function satisfies(version: string, constraint: string): boolean | null {
	const subject = parse(version);
	const alternatives = subject === null ? null : readConstraint(constraint);
	if (subject === null || alternatives === null) return null;
	let answer = false;
	for (const alternative of alternatives) {
		const bounds = boundsOf(alternative);
		if (bounds === null) return null;
		answer ||= bounds.every(({ operator, version: bound }) => orderSatisfies(compareSemver(subject, bound), operator));
	}
	return answer;
}

interface Bound {
	readonly operator: "<" | "<=" | "=" | "!=" | ">" | ">=";
	readonly version: SemverCore;
}

/** Plain comparisons that say the same; null when one makes no sense. */
function boundsOf(comparators: readonly Comparator[]): readonly Bound[] | null {
	const bounds: Bound[] = [];
	for (let i = 0; i < comparators.length; i++) {
		const [first, dash, last] = comparators.slice(i, i + 3);
		const isSpan = first?.operator === "" && dash?.operator === "" && dash.version === "-" && last?.operator === "";
		const read = isSpan ? spanOf(first, last) : first && expand(first);
		if (!read) return null;
		bounds.push(...read);
		if (isSpan) i += 2;
	}
	return bounds;
}

/** `from - to`, both inclusive; a partial `to` includes all that begins with it. */
function spanOf(from: Comparator, to: Comparator): readonly Bound[] | null {
	const lower = expand({ ...from, operator: ">=" });
	const upper = expand({ ...to, operator: "<=" });
	return lower && upper && [...lower, ...upper];
}

function expand({ operator, version }: Comparator): readonly Bound[] | null {
	const full = parse(version);
	if (full !== null) return expandFull(operator, full);
	const partial = readPartial(version);
	return partial && expandPartial(operator, partial);
}

function expandFull(operator: string, version: SemverCore): readonly Bound[] | null {
	switch (operator) {
		case "^": {
			const step = version.major !== "0" ? "major" : version.minor !== "0" ? "minor" : "patch";
			return between(version, version, step);
		}
		case "~":
		case "~>":
			return between(version, version, "minor");
		default: {
			const plain = plainOperators.get(operator);
			return plain === undefined ? null : [{ operator: plain, version }];
		}
	}
}

const plainOperators: ReadonlyMap<string, Bound["operator"]> = new Map([
	["", "="],
	["=", "="],
	["==", "="],
	["!=", "!="],
	["<", "<"],
	["<=", "<="],
	["=<", "<="],
	[">", ">"],
	[">=", ">="],
	["=>", ">="],
]);

type Part = "major" | "minor" | "patch";
type Numbers = Pick<SemverCore, Part>;

/** From `lower` to below the next version in which `step` is larger. */
function between(lower: SemverCore, numbers: Numbers, step: Part): readonly Bound[] {
	return [
		{ operator: ">=", version: lower },
		{ operator: "<", version: next(numbers, step) },
	];
}

/** The lowest pre-release of the next version in which `step` is larger. */
function next({ major, minor, patch }: Numbers, step: Part): SemverCore {
	const larger = (digits: string) => (BigInt(digits) + 1n).toString();
	if (step === "major") return lowest({ major: larger(major), minor: "0", patch: "0" });
	if (step === "minor") return lowest({ major, minor: larger(minor), patch: "0" });
	return lowest({ major, minor, patch: larger(patch) });
}

function lowest({ major, minor, patch }: Numbers): SemverCore {
	return toSemverCore(major, minor, patch, "0");
}

/** `1.2`, `1`, `1.x`, `*`: null parts are open. What follows an open part does not count. */
interface PartialVersion {
	readonly major: string | null;
	readonly minor: string | null;
}

const PARTIAL = /^[v=]*(\d+|[xX*])(?:\.(\d+|[xX*])(?:\.(?:\d+|[xX*])(?:[-+][0-9A-Za-z.+-]*)?)?)?$/;

function readPartial(text: string): PartialVersion | null {
	const [, first, second] = PARTIAL.exec(text) ?? [];
	if (first === undefined || text.length > 256) return null;
	const major = numberOf(first);
	return { major, minor: major === null ? null : numberOf(second) };
}

function numberOf(part: string | undefined): string | null {
	return part !== undefined && /^\d/.test(part) ? part : null;
}

function expandPartial(operator: string, { major, minor }: PartialVersion): readonly Bound[] | null {
	if (major === null) return expandAny(operator);
	const numbers: Numbers = { major, minor: minor ?? "0", patch: "0" };
	const lower = lowest(numbers);
	const step = minor === null ? "major" : "minor";
	switch (operator) {
		case "":
		case "=":
		case "==":
		case "~":
		case "~>":
			return between(lower, numbers, step);
		case "^":
			return between(lower, numbers, /^0+$/.test(major) ? step : "major");
		case "<":
			return [{ operator: "<", version: lower }];
		case "<=":
		case "=<":
			return [{ operator: "<", version: next(numbers, step) }];
		case ">":
			return [{ operator: ">=", version: next(numbers, step) }];
		case ">=":
		case "=>":
			return [{ operator: ">=", version: lower }];
		default:
			return null;
	}
}

/** `*`: nothing is above or below all versions. */
function expandAny(operator: string): readonly Bound[] | null {
	if (operator === "!=" || (operator !== "^" && !operator.startsWith("~") && !plainOperators.has(operator)))
		return null;
	if (operator !== "<" && operator !== ">") return [];
	return [{ operator: "<", version: lowest({ major: "0", minor: "0", patch: "0" }) }];
}
