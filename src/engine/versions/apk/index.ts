/**
 * Alpine package versions, ordered as apk-tools 3 orders them.
 * Numbers compare by value, of any length (apk itself stops at 64 bits). A component after the first that starts with
 * 0 is a fraction: if either side does, both compare as text, so 1.05 < 1.1 and 1.0015 < 1.002.
 * Specification: apk-package(5), and apk-tools' src/version.c
 * https://gitlab.alpinelinux.org/alpine/apk-tools/-/blob/master/src/version.c
 */
import { compareText } from "#model";
import type { VersionScheme } from "../types.ts";
import { type ApkToken, END_RANK, readApkTokens } from "./tokens.ts";

/** A well-formed version as its tokens. */
export type ApkVersion = readonly ApkToken[];

/** Without leading zeros the longer number is the larger one, and equally long ones sort as text. */
function compareNumber(a: string, b: string): -1 | 0 | 1 {
	if (a.length !== b.length) return a.length < b.length ? -1 : 1;
	return compareText(a, b);
}

function startsWithZero(token: ApkToken): boolean {
	return token.text.startsWith("0");
}

/** Two tokens of one rank; the rank fixes how they compare. */
function compareToken(a: ApkToken, b: ApkToken): -1 | 0 | 1 {
	const asText = a.order === "text" || (a.order === "fraction" && (startsWithZero(a) || startsWithZero(b)));
	return asText ? compareText(a.text, b.text) : compareNumber(a.text, b.text);
}

/** Orders two lists up to the end of the shorter one; 0 when that far they are equal. */
function compareCommon(a: ApkVersion, b: ApkVersion): -1 | 0 | 1 {
	for (let i = 0; ; i++) {
		const left = a[i];
		const right = b[i];
		if (left === undefined || right === undefined) return 0;
		if (left.rank !== right.rank) return left.rank < right.rank ? -1 : 1;
		const order = compareToken(left, right);
		if (order !== 0) return order;
	}
}

/** The end of one list against what the other goes on with. */
function compareEnd(a: ApkVersion, b: ApkVersion): -1 | 0 | 1 {
	const left = a[b.length]?.rank ?? END_RANK;
	const right = b[a.length]?.rank ?? END_RANK;
	if (left === right) return 0;
	return left < right ? -1 : 1;
}

function parse(raw: string): ApkVersion | null {
	const { tokens, complete } = readApkTokens(raw);
	return complete ? tokens : null;
}

function compare(a: ApkVersion, b: ApkVersion): -1 | 0 | 1 {
	return compareCommon(a, b) || compareEnd(a, b);
}

/**
 * Decides by the tokens before the malformed part, as apk does; where that part itself would have to be judged (apk
 * puts it below everything) the answer is null: `4.7.0-r0` is below `4.10-1-r1`, but `4.10-r0` is neither below nor above.
 */
function compareMalformed(rawA: string, rawB: string): -1 | 1 | null {
	const a = readApkTokens(rawA);
	const b = readApkTokens(rawB);
	const common = compareCommon(a.tokens, b.tokens);
	if (common !== 0) return common;
	const shorter = a.tokens.length < b.tokens.length ? a : b;
	if (!shorter.complete || a.tokens.length === b.tokens.length) return null;
	return compareEnd(a.tokens, b.tokens) || null;
}

/** The scheme of Alpine, Wolfi, Chainguard and everything else that installs with apk. */
export const apk: VersionScheme<ApkVersion> & Required<Pick<VersionScheme<ApkVersion>, "compareMalformed">> = {
	id: "apk",
	parse,
	compare,
	compareMalformed,
};
