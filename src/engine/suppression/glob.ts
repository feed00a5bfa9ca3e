import { mostPatternLength } from "./limits.ts";

/**
 * Whether a pattern matches a whole text: `*` stands for any characters but `/`, `?` for one of them, and a part `**`
 * for any number of parts between slashes, none included. Takes no more than length × length steps, whatever the pattern.
 */
export function matchesGlob(pattern: string, text: string): boolean {
	return matchesWild(
		partsOf(pattern),
		partsOf(text),
		(part) => part === "**",
		(part, given) => matchesWild([...part], [...given], isStar, (one, other) => one === "?" || one === other),
	);
}

/** Why a text is no pattern that is understood; null when it is one. */
export function faultInGlob(text: string): string | null {
	if (text.trim() === "") return "it is empty";
	if (text.length > mostPatternLength) return `it is longer than ${mostPatternLength} characters`;
	if (/[[\]{}\\]/.test(text)) return "only *, ** and ? are understood in it";
	return null;
}

function isStar(part: string): boolean {
	return part === "*";
}

function partsOf(path: string): readonly string[] {
	return path.split("/").filter((part) => part !== "" && part !== ".");
}

/** Compares item by item; after a mismatch the last star takes one item more. An earlier star never needs to. */
function matchesWild(
	pattern: readonly string[],
	items: readonly string[],
	isWild: (part: string) => boolean,
	same: (part: string, item: string) => boolean,
): boolean {
	let at = 0;
	let next = 0;
	let star = -1;
	let taken = 0;
	while (next < items.length) {
		const part = pattern[at];
		const item = items[next] ?? "";
		if (part !== undefined && isWild(part)) {
			star = at;
			taken = next;
			at += 1;
		} else if (part !== undefined && same(part, item)) {
			at += 1;
			next += 1;
		} else if (star >= 0) {
			at = star + 1;
			taken += 1;
			next = taken;
		} else return false;
	}
	return pattern.slice(at).every(isWild);
}
