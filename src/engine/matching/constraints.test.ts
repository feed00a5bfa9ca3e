import { describe, expect, it } from "vitest";
import type { Affected, VersionConstraints } from "#model";
import { boundsOf, judgeConstraints } from "./constraints.ts";
import type { Ordering } from "./ordering.ts";
import { evaluate } from "./ranges.ts";

/** Whole numbers; `<5`, `>=2, <5`; anything else is malformed. */
const numbers: Ordering = {
	wellFormed: (version) => /^\d+$/.test(version),
	compare: (a, b) => (/^\d+$/.test(a + b) ? (Math.sign(Number(a) - Number(b)) as -1 | 0 | 1) : null),
	satisfies: (version, constraint) => {
		const parts = constraint.split(",").map((part) => /^\s*(<=|>=|<|>|=)?\s*(\d+)\s*$/.exec(part));
		if (parts.some((part) => part === null)) return null;
		return parts.every((part) => {
			const order = Number(version) - Number(part?.[2]);
			if (part?.[1] === "<") return order < 0;
			if (part?.[1] === "<=") return order <= 0;
			if (part?.[1] === ">") return order > 0;
			return part?.[1] === ">=" ? order >= 0 : order === 0;
		});
	},
};

function constraints(vulnerable: string[], patched: string[] = [], unaffected: string[] = []): VersionConstraints {
	return { vulnerable, patched, unaffected };
}

describe("constraints", () => {
	it.each<[string, VersionConstraints, string, boolean | string]>([
		["inside what is vulnerable", constraints(["<5"]), "4", true],
		["outside of it", constraints(["<5"]), "5", false],
		["in one of several ranges", constraints([">=1, <2", ">=3, <4"]), "3", true],
		["in none of several ranges", constraints([">=1, <2", ">=3, <4"]), "2", false],
		["inside, but patched", constraints(["<9"], [">=5"]), "6", false],
		["inside and not patched", constraints(["<9"], [">=5"]), "4", true],
		["not patched, where nothing says what is vulnerable", constraints([], [">=5"]), "4", true],
		["patched, where nothing says what is vulnerable", constraints([], [">=5"]), "5", false],
		["not yet vulnerable", constraints([], [">=5"], ["<2"]), "1", false],
		["of nothing at all", constraints([]), "1", false],
		["of everything", constraints([""]), "1", true],
		["that cannot be understood", constraints(["~~1"]), "1", "~~1"],
		["one that cannot be understood beside one that holds", constraints(["~~1", "<5"]), "1", true],
		["patched by one that cannot be understood", constraints(["<5"], ["~~1"]), "1", "~~1"],
	])("%s", (_, given, version, answer) => {
		expect(judgeConstraints(given, version, numbers)).toBe(answer);
	});

	it("name the bounds that a fix can be", () => {
		expect(boundsOf(constraints([">=1, <5", "<= 7"], ["~> 5.2", "9"]))).toEqual(["5.2", "9", "1", "5"]);
	});

	it.each<[string, VersionConstraints, string | null]>([
		["the lowest patched version", constraints(["<9"], ["5", "7", "9"]), "5"],
		["the upper bound where nothing is patched", constraints([">=1, <5"]), "5"],
		["none for an inclusive end", constraints(["<=5"]), null],
		["none where all is vulnerable", constraints([""]), null],
	])("are fixed by %s", (_, given, fixed) => {
		const entry: Affected = { ecosystem: "npm", name: "a", ranges: [], versions: [], constraints: given };
		expect(evaluate([entry], "2", numbers)).toEqual({ affected: true, fixed, undecided: null });
	});
});
