/**
 * Constraints of Composer, as advisories write them. Comma or space: all must hold; `||` or `|`: one of them.
 * As Composer has it, `>=2.0` begins before the pre-releases of 2.0. One deviation: `<2.0` takes them in as well. Composer
 * leaves them out lest it install them; but what is fixed in 2.0 may be in 2.0-RC1, and OSV's ranges count it.
 * Not understood: named branches (`dev-main`), which Composer orders against nothing, and what only a project's own
 * manifest has (`@stability`, `#reference`, `as`).
 * Specification: https://getcomposer.org/doc/articles/versions.md#writing-version-constraints
 */
import { orderSatisfies } from "../comparators.ts";
import { compareNumerals, type Numeral, successor, toNumeral } from "../numeral.ts";
import { type ComposerVersion, compare, DEV, MODIFIER, parse } from "./version.ts";

interface Comparator {
	readonly operator: string;
	readonly bound: ComposerVersion;
}

/** A version inside `~`, `^` or a hyphen range. */
interface Shape {
	/** The numbers that are given, one to four. */
	readonly numbers: readonly Numeral[];
	/** Only numbers: no stability, no `-dev`. */
	readonly plain: boolean;
	/** `2.x-dev`: a branch below the numbers. */
	readonly branch: boolean;
	readonly version: ComposerVersion;
}

/** Longer texts are hostile: no advisory's constraint has more than some hundred characters. */
const MAX_LENGTH = 16_384;

const NUMBERS = String.raw`^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:\.([0-9]+))?`;
const SHAPE = new RegExp(String.raw`${NUMBERS}(?:${MODIFIER}|\.([x*][.-]?dev))(?:\+\S+)?$`, "i");
const WILDCARD = /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:\.[xX*])+$/;
const ANYTHING = /^v?[x*](?:\.[x*])*$/i;
const COMPARATOR = /^(<>|!=|>=?|<=?|==?)?([^<>=!~^].*)$/;
const SUFFIXED = new RegExp(`-${MODIFIER}$`, "i");

/** Null when the version or any part of the constraint cannot be understood. */
export function satisfies(version: string, constraint: string): boolean | null {
	const subject = parse(version);
	if (subject === null || constraint.length > MAX_LENGTH) return null;
	let answer = false;
	for (const group of constraint.split(/\|\|?/)) {
		const comparators = parseGroup(group);
		if (comparators === null) return null;
		answer ||= comparators.every((comparator) => holds(comparator, subject));
	}
	return answer;
}

function parseGroup(text: string): readonly Comparator[] | null {
	const words = text
		.replaceAll(",", " ")
		.replaceAll(/([<>=!~^])\s+/g, "$1")
		.split(/\s+/)
		.filter((word) => word !== "");
	if (words.length === 0) return null;
	const comparators: Comparator[] = [];
	for (let i = 0; i < words.length; i++) {
		const word = words[i] ?? "";
		const isRange = words[i + 1] === "-";
		const parsed = isRange ? hyphenRange(word, words[i + 2] ?? "") : parseClause(word);
		if (parsed === null) return null;
		comparators.push(...parsed);
		if (isRange) i += 2;
	}
	return comparators;
}

function parseClause(text: string): readonly Comparator[] | null {
	if (ANYTHING.test(text)) return [];
	if (text.startsWith("~")) return tilde(text.slice(1));
	if (text.startsWith("^")) return caret(text.slice(1));
	const wildcard = WILDCARD.exec(text);
	if (wildcard !== null) {
		const numbers = given(wildcard.slice(1, 4));
		return [atLeast(padded(numbers)), below(numbers, numbers.length)];
	}
	return comparator(text);
}

/** `~1.2.3` is below 1.3, `~1.2` below 2, `~1` below 2. */
function tilde(text: string): readonly Comparator[] | null {
	const shape = shapeOf(text);
	if (shape === null) return null;
	const { numbers, branch } = shape;
	const last = numbers.length + (branch ? 1 : 0);
	return [lowerBound(shape), below(numbers, Math.max(1, last - 1))];
}

/** The first number that is not 0 may not change: `^1.2.3` is below 2, `^0.3` below 0.4, `^0.0.3` below 0.0.4. */
function caret(text: string): readonly Comparator[] | null {
	const shape = shapeOf(text);
	if (shape === null) return null;
	const { numbers } = shape;
	const first = numbers.slice(0, 3).findIndex((number) => compareNumerals(number, 0) !== 0);
	return [lowerBound(shape), below(numbers, first < 0 ? Math.min(3, numbers.length) : first + 1)];
}

/** `1.0 - 2.0` reaches to before 2.1, `1.0 - 2.0.0` to 2.0.0 itself. */
function hyphenRange(from: string, to: string): readonly Comparator[] | null {
	const low = shapeOf(from);
	const high = shapeOf(to);
	if (low === null || high === null) return null;
	const exact = !high.plain || high.numbers.length >= 3;
	const upper = exact ? { operator: "<=", bound: high.version } : below(high.numbers, high.numbers.length);
	return [lowerBound(low), upper];
}

function comparator(text: string): readonly Comparator[] | null {
	const [, operator = "=", target = ""] = COMPARATOR.exec(text) ?? [];
	const bound = parse(target);
	if (bound === null) return null;
	const reachesDown = operator === ">=" && !SUFFIXED.test(target);
	return [{ operator, bound: reachesDown ? [...bound, DEV] : bound }];
}

function shapeOf(text: string): Shape | null {
	const match = SHAPE.exec(text);
	const version = parse(text);
	if (match === null || version === null) return null;
	const [, , , , , stability, , dev, branch] = match;
	return { numbers: given(match.slice(1, 5)), plain: !stability && !dev && !branch, branch: Boolean(branch), version };
}

function lowerBound({ version, plain }: Shape): Comparator {
	return { operator: ">=", bound: plain ? [...version, DEV] : version };
}

function atLeast(version: ComposerVersion): Comparator {
	return { operator: ">=", bound: [...version, DEV] };
}

/** Below the version whose number at `position` (from 1) is one higher, its pre-releases included. */
function below(numbers: readonly Numeral[], position: number): Comparator {
	const raised = numbers
		.slice(0, position)
		.map((number, index) => (index === position - 1 ? successor(number) : number));
	return { operator: "<", bound: [...padded(raised), DEV] };
}

function padded(numbers: readonly Numeral[]): readonly Numeral[] {
	return [0, 1, 2, 3].map((index) => numbers[index] ?? 0);
}

function given(parts: readonly (string | undefined)[]): readonly Numeral[] {
	return parts.filter((part) => part !== undefined).map(toNumeral);
}

function holds({ operator, bound }: Comparator, version: ComposerVersion): boolean {
	return orderSatisfies(compare(version, bound), operator === "<>" ? "!=" : operator) === true;
}
