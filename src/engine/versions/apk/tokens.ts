/**
 * The tokens of an Alpine package version:
 * number, any `.number`, one letter, any `_suffix` with or without a number, `~hash`, `-rN`; only the first must be there.
 * A number behind the letter (`3.3.3p1`) is apk-tools 2's: Alpine 3.14 has packages of such versions. It ranks highest, as there.
 * Every token has a rank, so that two versions compare as two lists: first by the rank of the tokens at one place, then
 * by their texts. The end of a version has rank 0: what follows it in a longer version is above (or, for the
 * pre-release suffixes, below).
 * Specification: apk-package(5), and apk-tools' src/version.c (3.x)
 * https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/doc/apk-package.5.scd
 */

/** How two tokens of one rank compare: by value, by value unless a side starts with 0 (then as text), or as text. */
export type ApkTokenOrder = "number" | "fraction" | "text";

export interface ApkToken {
	readonly rank: number;
	readonly order: ApkTokenOrder;
	/** Leading zeros are gone from a "number" and kept in a "fraction". */
	readonly text: string;
}

/** `complete` is false when the text goes on with something the grammar does not know; the tokens end before it. */
export interface ApkTokens {
	readonly tokens: readonly ApkToken[];
	readonly complete: boolean;
}

export const END_RANK = 0;

const RANK = { revision: 1, hash: 2, suffixNumber: 3, letter: 9, fraction: 10, first: 11, letterNumber: 12 } as const;

/** Below the end the pre-releases, above it (and above a suffix's number, 3) the patches. */
const SUFFIX_RANKS: ReadonlyMap<string, number> = new Map([
	["alpha", -4],
	["beta", -3],
	["pre", -2],
	["rc", -1],
	["cvs", 4],
	["svn", 5],
	["git", 6],
	["hg", 7],
	["p", 8],
]);

/** Where the grammar stands: what was read last. */
type State = "number" | "letter" | "letterNumber" | "suffix" | "suffixNumber" | "hash" | "revision";

const NUMBER = /[0-9]+/y;
const FRACTION = /\.([0-9]+)/y;
const LETTER = /[a-z]/y;
const SUFFIX = /_([a-z]+)/y;
const HASH = /~([0-9a-f]+)/y;
const REVISION = /-r([0-9]+)/y;

const LEADING_ZEROS = /^0+(?=[0-9])/;

function numberToken(rank: number, digits: string): ApkToken {
	return { rank, order: "number", text: digits.replace(LEADING_ZEROS, "") };
}

interface Step {
	readonly token: ApkToken;
	readonly state: State;
	readonly length: number;
}

type Rule = (raw: string, at: number) => Step | null;

/** A rule that matches one pattern at one place; the token is made of its first group, or of the whole match. */
function rule(pattern: RegExp, state: State, toToken: (text: string) => ApkToken | null): Rule {
	return (raw, at) => {
		pattern.lastIndex = at;
		const match = pattern.exec(raw);
		if (match === null) return null;
		const token = toToken(match[1] ?? match[0]);
		return token === null ? null : { token, state, length: match[0].length };
	};
}

function suffixToken(word: string): ApkToken | null {
	const rank = SUFFIX_RANKS.get(word);
	return rank === undefined ? null : { rank, order: "text", text: word };
}

const first = rule(NUMBER, "number", (digits) => numberToken(RANK.first, digits));
const fraction = rule(FRACTION, "number", (digits) => ({ rank: RANK.fraction, order: "fraction", text: digits }));
const letter = rule(LETTER, "letter", (text) => ({ rank: RANK.letter, order: "text", text }));
const letterNumber = rule(NUMBER, "letterNumber", (digits) => numberToken(RANK.letterNumber, digits));
const suffix = rule(SUFFIX, "suffix", suffixToken);
const suffixNumber = rule(NUMBER, "suffixNumber", (digits) => numberToken(RANK.suffixNumber, digits));
const hash = rule(HASH, "hash", (text) => ({ rank: RANK.hash, order: "text", text }));
const revision = rule(REVISION, "revision", (digits) => numberToken(RANK.revision, digits));

const FOLLOWERS: Readonly<Record<State, readonly Rule[]>> = {
	number: [fraction, letter, suffix, hash, revision],
	letter: [letterNumber, suffix, hash, revision],
	letterNumber: [suffix, hash, revision],
	suffix: [suffixNumber, suffix, hash, revision],
	suffixNumber: [suffix, hash, revision],
	hash: [revision],
	revision: [],
};

function nextStep(rules: readonly Rule[], raw: string, at: number): Step | null {
	for (const follow of rules) {
		const step = follow(raw, at);
		if (step !== null) return step;
	}
	return null;
}

/** Reads as many tokens as the grammar allows. */
export function readApkTokens(raw: string): ApkTokens {
	const tokens: ApkToken[] = [];
	let at = 0;
	let step = first(raw, at);
	while (step !== null) {
		tokens.push(step.token);
		at += step.length;
		step = nextStep(FOLLOWERS[step.state], raw, at);
	}
	return { tokens, complete: tokens.length > 0 && at === raw.length };
}
