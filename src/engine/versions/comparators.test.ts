import fc from "fast-check";
import { expect, test } from "vitest";
import { readConstraint, satisfiesBy } from "./comparators.ts";

/** Numbers are the plainest versions. */
const satisfies = satisfiesBy<number>({
	parse: (raw) => (/^\d+$/.test(raw) ? Number(raw) : null),
	compare: (a, b) => (a === b ? 0 : a < b ? -1 : 1),
});

function range(constraint: string): string {
	const held = [...Array(10).keys()].map((version) => satisfies(String(version), constraint));
	return held.includes(null) ? "null" : held.flatMap((holds, version) => (holds ? [version] : [])).join("");
}

test.each([
	["5", "5"],
	["=5", "5"],
	["== 5", "5"],
	["!=5", "012346789"],
	["<3", "012"],
	["<= 3", "0123"],
	["=< 3", "0123"],
	[">7", "89"],
	[">=\t7", "789"],
	["=> 7", "789"],
	[">= 3, < 6", "345"],
	[">=3,<6", "345"],
	[">=3 <6", "345"],
	[">=3<6", "345"],
	["  >= 3 ,  < 6  ", "345"],
	[">=3, <6, !=4", "35"],
	["<2 || >=8", "0189"],
	["<2||>=8||5", "01589"],
	[">=6, <3", ""],
	["*", "0123456789"],
	["", "0123456789"],
	["<2 || ", "0123456789"],
	["[3,6)", "345"],
	["(3,6]", "456"],
	["[3,6]", "3456"],
	["( 3 , 6 )", "45"],
	["(,3)", "012"],
	["[7,)", "789"],
	["(,)", "0123456789"],
	["[5]", "5"],
	["(,2],[4,5],[8,)", "0124589"],
	["[1,2) || [8]", "18"],
])("%j holds for %s", (constraint, versions) => {
	expect(range(constraint)).toBe(versions);
});

test.each([
	">=",
	">= 3, <",
	"<>3",
	"~3",
	"^3",
	"~> 3",
	">= x",
	"3 || x",
	"3 | 5",
	">*",
	"[3,6",
	"3,6)",
	"(5)",
	"[5)",
	"[]",
	"[1,2,3]",
	"[[1,2]]",
	"[1,2) x",
	"[1,2) >3",
	"latest",
])("%j is no constraint", (constraint) => {
	expect(range(constraint)).toBe("null");
});

test("answers any text, in time", () => {
	const piece = fc.constantFrom("1", "2", ">", "<", "=", "!", "~", "^", " ", ",", "|", "||", "[", "]", "(", ")", "x");
	fc.assert(
		fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
			expect([true, false, null]).toContain(satisfies("1", pieces.join("")));
		}),
		{ numRuns: 5_000 },
	);
	for (const part of [" ", "||", "<", "1 ", "[1,2),", "(", "[1,", "1"]) {
		readConstraint(part.repeat(16_384 / part.length));
		expect(readConstraint(part.repeat(16_385))).toBeNull();
	}
});
