/**
 * Versions of programs that follow no package manager's rules: `1.1.1w`, `3.14.0rc2`, `17beta1`, `2.9-dev5`,
 * `17.0.21.1`, `1.97.0-nightly`. Numbers count as numbers; a word that announces a release (alpha, beta, pre, rc, dev, nightly)
 * comes before it, any other behind it; zeros at the end of the numbers say nothing, and what follows a `+` is a build.
 * No specification: after the practice of the products in model/runtimes.ts and of NVD's ranges for them.
 */
import { satisfiesBy } from "../comparators.ts";
import type { VersionScheme } from "../types.ts";

type Part = readonly [rank: number, number: bigint, word: string];

const maxLength = 128;
const announcing: ReadonlyMap<string, number> = new Map([
	["dev", 0],
	["nightly", 0],
	["snapshot", 0],
	["a", 1],
	["alpha", 1],
	["ea", 1],
	["b", 2],
	["beta", 2],
	["pre", 3],
	["preview", 3],
	["m", 3],
	["milestone", 3],
	["rc", 4],
	["cr", 4],
]);

/** Ranks: what announces a release, the end of the text, a word, a number. */
const ends: Part = [5, 0n, ""];
const wordRank = 6;
const numberRank = 7;

function parse(raw: string): readonly Part[] | null {
	const text = raw
		.trim()
		.toLowerCase()
		.replace(/^v(?=\d)/, "");
	if (text.length > maxLength || !/^\d[\da-z._~-]*(?:\+[\da-z._-]*)?$/.test(text)) return null;
	const release = text.split("+", 1)[0] ?? "";
	return withoutZeros((release.match(/\d+|[a-z]+/g) ?? []).map(partOf));
}

/** A letter alone at the end is a fix (OpenSSL's `1.1.1a`), one before a number announces a release (Python's `3.14.0a1`). */
function partOf(text: string, at: number, all: readonly string[]): Part {
	if (/^\d/.test(text)) return [numberRank, BigInt(text), ""];
	const rank = text.length === 1 && all[at + 1] === undefined ? undefined : announcing.get(text);
	return rank === undefined ? [wordRank, 0n, text] : [rank, 0n, ""];
}

/** `1.0.0` is `1`, and `1.0rc1` is `1rc1`: zeros before a word or the end are left out. */
function withoutZeros(parts: readonly Part[]): readonly Part[] {
	const kept: Part[] = [];
	for (const part of parts) {
		if (part[0] !== numberRank) dropZeros(kept);
		kept.push(part);
	}
	dropZeros(kept);
	return kept;
}

function dropZeros(parts: Part[]): void {
	for (let last = parts.at(-1); last && last[0] === numberRank && last[1] === 0n; last = parts.at(-1)) parts.pop();
}

function compare(a: readonly Part[], b: readonly Part[]): -1 | 0 | 1 {
	for (let at = 0; at < Math.max(a.length, b.length); at++) {
		const [rank, number, word] = a[at] ?? ends;
		const [otherRank, otherNumber, otherWord] = b[at] ?? ends;
		if (rank !== otherRank) return rank < otherRank ? -1 : 1;
		if (number !== otherNumber) return number < otherNumber ? -1 : 1;
		if (word !== otherWord) return word < otherWord ? -1 : 1;
	}
	return 0;
}

const order = { parse, compare };

/** The scheme of programs that are told by their own version texts. */
export const release: VersionScheme<readonly Part[]> = { id: "release", ...order, satisfies: satisfiesBy(order) };
