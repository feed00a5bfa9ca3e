import { expect, it } from "vitest";
import { severityOfWord } from "./severity-words.ts";

it.each([
	["CRITICAL", "critical"],
	["High", "high"],
	["Important", "high"],
	["MODERATE", "medium"],
	["medium", "medium"],
	["low**", "low"],
	[" negligible ", "negligible"],
	["unimportant", "negligible"],
	["not yet assigned", null],
	["unknown", null],
	["constructor", null],
	["", null],
])("%j stands for %s", (word, severity) => {
	expect(severityOfWord(word)).toBe(severity);
});
