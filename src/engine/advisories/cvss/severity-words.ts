import type { Severity } from "#model";

/**
 * The words that feeds use: GitHub (`moderate`), Red Hat and its rebuilds (`important`), Debian's urgencies
 * (`unimportant`), Ubuntu (`negligible`). Words that mean "not judged yet" are absent.
 * https://security-team.debian.org/security_tracker.html#severity-levels
 * https://access.redhat.com/security/updates/classification
 */
const words: ReadonlyMap<string, Severity> = new Map([
	["critical", "critical"],
	["high", "high"],
	["important", "high"],
	["medium", "medium"],
	["moderate", "medium"],
	["low", "low"],
	["minor", "low"],
	["negligible", "negligible"],
	["unimportant", "negligible"],
	["none", "negligible"],
]);

/** The severity that a feed's word stands for, in any case; null when it says nothing. Debian marks its own guesses with `*`. */
export function severityOfWord(word: string): Severity | null {
	return words.get(word.trim().toLowerCase().replace(/\*+$/, "")) ?? null;
}
