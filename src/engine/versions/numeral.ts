/**
 * Numbers of any length inside versions. Those that fit are plain numbers, longer ones big integers: JavaScript compares
 * the two kinds exactly with each other.
 */
export type Numeral = number | bigint;

/** Every number of so many digits is exact as a plain one. */
const exactDigits = 15;

/** `digits` is one ASCII digit or more; the caller bounds how many, since a big integer costs more than its length. */
export function toNumeral(digits: string): Numeral {
	return digits.length <= exactDigits ? Number(digits) : BigInt(digits);
}

export function compareNumerals(a: Numeral, b: Numeral): -1 | 0 | 1 {
	if (a < b) return -1;
	return a > b ? 1 : 0;
}

export function successor(numeral: Numeral): Numeral {
	return typeof numeral === "bigint" ? numeral + 1n : numeral + 1;
}
