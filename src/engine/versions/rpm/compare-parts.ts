/**
 * The order of one part of an rpm version: runs of digits and runs of ASCII letters in turn; every other character but
 * `~` and `^` only separates them. Digits compare by value, of any length, letters as text, digits are above letters.
 * What goes on is above what ends, except that `~` is below the end; `^` is above the end and below all else.
 * Works in place: nothing is allocated.
 * Specification: rpm-version(7), https://man7.org/linux/man-pages/man7/rpm-version.7.html
 */

const ZERO = 0x30;
const TILDE = 0x7e;
const CARET = 0x5e;

function isDigit(code: number): boolean {
	return code >= ZERO && code <= 0x39;
}

function isLetter(code: number): boolean {
	return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

/** Index of the next character that counts, or the text's length. */
function skipSeparators(text: string, index: number): number {
	let next = index;
	while (next < text.length) {
		const code = text.charCodeAt(next);
		if (isDigit(code) || isLetter(code) || code === TILDE || code === CARET) break;
		next++;
	}
	return next;
}

function skipZeros(text: string, index: number): number {
	let next = index;
	while (text.charCodeAt(next) === ZERO) next++;
	return next;
}

function endOfRun(text: string, index: number, belongs: (code: number) => boolean): number {
	let next = index;
	while (next < text.length && belongs(text.charCodeAt(next))) next++;
	return next;
}

/** What stands at a place, lowest first. */
const kinds = { tilde: 0, end: 1, caret: 2, letters: 3, digits: 4 } as const;

function kindAt(text: string, index: number): number {
	if (index >= text.length) return kinds.end;
	const code = text.charCodeAt(index);
	if (code === TILDE) return kinds.tilde;
	if (code === CARET) return kinds.caret;
	return isDigit(code) ? kinds.digits : kinds.letters;
}

function compareRuns(a: string, i: number, endA: number, b: string, j: number, endB: number): -1 | 0 | 1 {
	const length = Math.min(endA - i, endB - j);
	for (let at = 0; at < length; at++) {
		const difference = a.charCodeAt(i + at) - b.charCodeAt(j + at);
		if (difference !== 0) return difference < 0 ? -1 : 1;
	}
	return sign(endA - i - (endB - j));
}

function sign(difference: number): -1 | 0 | 1 {
	if (difference === 0) return 0;
	return difference < 0 ? -1 : 1;
}

/** Orders two versions, two releases, or two epochs. */
export function compareVersionParts(a: string, b: string): -1 | 0 | 1 {
	let i = 0;
	let j = 0;
	for (;;) {
		i = skipSeparators(a, i);
		j = skipSeparators(b, j);
		const kind = kindAt(a, i);
		const other = kindAt(b, j);
		if (kind !== other) return sign(kind - other);
		if (kind === kinds.end) return 0;
		if (kind === kinds.tilde || kind === kinds.caret) {
			i++;
			j++;
			continue;
		}
		const digits = kind === kinds.digits;
		if (digits) {
			i = skipZeros(a, i);
			j = skipZeros(b, j);
		}
		const endA = endOfRun(a, i, digits ? isDigit : isLetter);
		const endB = endOfRun(b, j, digits ? isDigit : isLetter);
		// Without leading zeros the longer number is the larger one.
		const byLength = digits ? sign(endA - i - (endB - j)) : 0;
		const order = byLength || compareRuns(a, i, endA, b, j, endB);
		if (order !== 0) return order;
		i = endA;
		j = endB;
	}
}
