/**
 * The order of upstream versions and revisions: runs of non-digits and runs of digits in turn.
 * Non-digits compare character by character: `~` is below the end of the part, the end is below letters, letters are
 * below everything else. Digits compare by value, of any length. Works in place: nothing is allocated.
 * Beyond ASCII dpkg has no order of its own (it depends on the sign of the machine's `char`); here it is above ASCII.
 * Specification: Debian Policy §5.6.12, deb-version(7), "Sorting algorithm".
 */

const ZERO = 0x30;
const NINE = 0x39;
const TILDE = 0x7e;

/** Lifts the characters that are no letters above all letters; ASCII letters end at 0x7a. */
const ABOVE_LETTERS = 0x100;

function isDigit(code: number): boolean {
	return code >= ZERO && code <= NINE;
}

function isLetter(code: number): boolean {
	return (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

/** Weight of the character at `index` within a run of non-digits. The end of the text and a digit end the run: 0. */
function weight(text: string, index: number): number {
	if (index >= text.length) return 0;
	const code = text.charCodeAt(index);
	if (isDigit(code)) return 0;
	if (code === TILDE) return -1;
	return isLetter(code) ? code : code + ABOVE_LETTERS;
}

function skipZeros(text: string, index: number): number {
	let next = index;
	while (text.charCodeAt(next) === ZERO) next++;
	return next;
}

/** Orders two upstream versions, or two revisions. An empty text equals `0`. */
export function compareVersionParts(a: string, b: string): -1 | 0 | 1 {
	let i = 0;
	let j = 0;
	while (i < a.length || j < b.length) {
		for (;;) {
			const left = weight(a, i);
			const right = weight(b, j);
			if (left !== right) return left < right ? -1 : 1;
			if (left === 0) break;
			i++;
			j++;
		}

		i = skipZeros(a, i);
		j = skipZeros(b, j);
		let firstDifference = 0;
		while (isDigit(a.charCodeAt(i)) && isDigit(b.charCodeAt(j))) {
			if (firstDifference === 0) firstDifference = a.charCodeAt(i) - b.charCodeAt(j);
			i++;
			j++;
		}
		if (isDigit(a.charCodeAt(i))) return 1;
		if (isDigit(b.charCodeAt(j))) return -1;
		if (firstDifference !== 0) return firstDifference < 0 ? -1 : 1;
	}
	return 0;
}
