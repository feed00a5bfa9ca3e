import { compareNumerals, type Numeral, toNumeral } from "../numeral.ts";

/**
 * A version as Composer normalises it, one entry a part: the numbers, then words and the numbers behind them.
 * Words stand for their place in the order of PHP's `version_compare`: dev, alpha, beta, RC, nothing more, numbers, patch.
 */
export type ComposerVersion = readonly Numeral[];

export const DEV = -5;
/** What stands after the last part. */
const END = -1;

const words: Readonly<Record<string, number>> = {
	alpha: -4,
	a: -4,
	beta: -3,
	b: -3,
	rc: -2,
	patch: Number.POSITIVE_INFINITY,
	pl: Number.POSITIVE_INFINITY,
	p: Number.POSITIVE_INFINITY,
};

/** What Composer writes for the `x` of the branch `1.x`. */
const ANY = 9_999_999;

/** Longer texts are hostile, not versions. */
const MAX_LENGTH = 1024;

/** Composer's `[._-]?(stability number?)?(dev)?`, as three groups. */
export const MODIFIER = "[._-]?(?:(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?[0-9]+(?:[.-][0-9]+)*)?))?([.-]?dev)?";

const CLASSICAL = new RegExp(String.raw`^v?([0-9]{1,5})(\.[0-9]+)?(\.[0-9]+)?(\.[0-9]+)?${MODIFIER}$`, "i");
const DATE = new RegExp(String.raw`^v?([0-9]{4}(?:[.:-]?[0-9]{2}){1,6}(?:[.:-]?[0-9]{1,3})?)${MODIFIER}$`, "i");
const BRANCH = /^v?([0-9]+)(\.(?:[0-9]+|[xX*]))?(\.(?:[0-9]+|[xX*]))?(\.(?:[0-9]+|[xX*]))?$/i;

/**
 * Null for what Composer refuses, and for branches without a number (`dev-main`): Composer orders them against nothing.
 */
export function parse(raw: string): ComposerVersion | null {
	if (raw.length > MAX_LENGTH) return null;
	const text = raw
		.trim()
		.replace(/@(?:stable|RC|beta|alpha|dev)$/i, "")
		.replace(/^([^,\s+]+)\+\S+$/, "$1");
	if (isNamedBranch(text)) return null;
	const classical = CLASSICAL.exec(text);
	if (classical !== null) {
		const [, first, second, third, fourth, word, number, dev] = classical;
		return [...[first, second, third, fourth].map(numberOf), ...modifiers(word, number, dev)];
	}
	const date = DATE.exec(text);
	if (date !== null) {
		const [, digits = "", word, number, dev] = date;
		return [...numbersIn(digits), ...modifiers(word, number, dev)];
	}
	return parseBranch(text);
}

export function compare(a: ComposerVersion, b: ComposerVersion): -1 | 0 | 1 {
	const length = Math.max(a.length, b.length);
	for (let i = 0; i < length; i++) {
		const order = compareNumerals(a[i] ?? END, b[i] ?? END);
		if (order !== 0) return order;
	}
	return 0;
}

/** `dev-main`, and the names that Composer took for branches before they had to be marked. */
export function isNamedBranch(text: string): boolean {
	return /^dev-/i.test(text) || text === "master" || text === "trunk" || text === "default";
}

/** `1.x-dev`: a branch of numbers stands at the end of what it may become. */
function parseBranch(text: string): ComposerVersion | null {
	if (!/dev$/i.test(text)) return null;
	const parts = BRANCH.exec(text.slice(0, -3).replace(/[.-]$/, ""));
	if (parts === null) return null;
	return [...parts.slice(1, 5).map((part) => (part && /[0-9]/.test(part) ? numberOf(part) : ANY)), DEV];
}

function modifiers(word: string | undefined, number: string | undefined, dev: string | undefined): Numeral[] {
	const lower = word?.toLowerCase();
	if (lower === "stable") return [];
	const place = lower === undefined ? undefined : words[lower];
	return [...(place === undefined ? [] : [place, ...numbersIn(number ?? "")]), ...(dev ? [DEV] : [])];
}

/** `.12` is 12, a missing number is 0. */
function numberOf(text: string | undefined): Numeral {
	return numbersIn(text ?? "")[0] ?? 0;
}

function numbersIn(text: string): Numeral[] {
	return (text.match(/[0-9]+/g) ?? []).map(toNumeral);
}
