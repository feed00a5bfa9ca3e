/**
 * The order of Semantic Versioning 2.0.0, for every scheme that sorts by it.
 * Numbers stay decimal texts without leading zeros: no number is too large, none loses digits.
 * Build metadata takes no part in the order and is not kept.
 * Specification: https://semver.org/spec/v2.0.0.html#spec-item-11
 */

import { compareText } from "#model";

/** One dot-separated identifier of a pre-release. A numeric `text` has no leading zeros. */
export interface PrereleaseIdentifier {
	readonly numeric: boolean;
	readonly text: string;
}

/** `major`, `minor` and `patch` are decimal texts without leading zeros; a release has an empty `prerelease`. */
export interface SemverCore {
	readonly major: string;
	readonly minor: string;
	readonly patch: string;
	readonly prerelease: readonly PrereleaseIdentifier[];
}

/** Longer texts are hostile, not versions; the limit bounds what a pattern can cost. npm itself stops at 256. */
export const MAX_SEMVER_LENGTH = 4096;

/** Most versions are releases: they share one empty list. */
const NO_PRERELEASE: readonly PrereleaseIdentifier[] = [];

const DIGITS = /^[0-9]+$/;

function withoutLeadingZeros(digits: string): string {
	let zeros = 0;
	while (zeros < digits.length - 1 && digits.charCodeAt(zeros) === 0x30) zeros++;
	return zeros === 0 ? digits : digits.slice(zeros);
}

function toIdentifier(text: string): PrereleaseIdentifier {
	const numeric = DIGITS.test(text);
	return { numeric, text: numeric ? withoutLeadingZeros(text) : text };
}

/**
 * Makes the comparable form of a version that its scheme has taken apart.
 * `major`, `minor`, `patch` are digits, leading zeros allowed; `prerelease` is the text between hyphen and plus,
 * empty for a release. The caller has checked them.
 */
export function toSemverCore(major: string, minor: string, patch: string, prerelease: string): SemverCore {
	return {
		major: withoutLeadingZeros(major),
		minor: withoutLeadingZeros(minor),
		patch: withoutLeadingZeros(patch),
		prerelease: prerelease === "" ? NO_PRERELEASE : prerelease.split(".").map(toIdentifier),
	};
}

/** Without leading zeros the longer number is the larger one, and equally long ones sort as text. */
function compareNumber(a: string, b: string): -1 | 0 | 1 {
	if (a.length !== b.length) return a.length < b.length ? -1 : 1;
	return compareText(a, b);
}

function compareIdentifier(a: PrereleaseIdentifier, b: PrereleaseIdentifier): -1 | 0 | 1 {
	if (a.numeric !== b.numeric) return a.numeric ? -1 : 1;
	return a.numeric ? compareNumber(a.text, b.text) : compareText(a.text, b.text);
}

function comparePrerelease(a: readonly PrereleaseIdentifier[], b: readonly PrereleaseIdentifier[]): -1 | 0 | 1 {
	if (a.length === 0 && b.length === 0) return 0;
	if (a.length === 0) return 1;
	if (b.length === 0) return -1;
	for (let i = 0; ; i++) {
		const left = a[i];
		const right = b[i];
		if (left === undefined) return right === undefined ? 0 : -1;
		if (right === undefined) return 1;
		const order = compareIdentifier(left, right);
		if (order !== 0) return order;
	}
}

/** Precedence by rule 11: major, minor, patch, a pre-release below its release, then identifier by identifier. */
export function compareSemver(a: SemverCore, b: SemverCore): -1 | 0 | 1 {
	return (
		compareNumber(a.major, b.major) ||
		compareNumber(a.minor, b.minor) ||
		compareNumber(a.patch, b.patch) ||
		comparePrerelease(a.prerelease, b.prerelease)
	);
}
