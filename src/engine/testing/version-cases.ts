/**
 * What the tests of all version schemes share: the reader of `cases.txt` and the laws of a total order.
 * `cases.txt` holds one case a line: `1.0~rc1 < 1.0`, `1.0 = 1.00`, `2 > 1`; `! text` for a text that is no version
 * (`!` alone: the empty text). Empty lines and lines that start with `#` are skipped.
 */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import type { VersionScheme } from "../versions/types.ts";

export type VersionCase =
	| {
			readonly kind: "order";
			readonly line: number;
			readonly a: string;
			readonly relation: Relation;
			readonly b: string;
	  }
	| { readonly kind: "malformed"; readonly line: number; readonly text: string };

export type Relation = "<" | "=" | ">";

/** Lazy, so that the first relation between spaces splits the line: a version may itself hold spaces. */
const ORDER_LINE = /^(.+?) ([<=>]) (.+)$/;

function relationOf(order: number): Relation {
	if (order === 0) return "=";
	return order < 0 ? "<" : ">";
}

function parseLine(text: string, line: number): VersionCase {
	if (text.startsWith("!")) return { kind: "malformed", line, text: text.slice(2) };
	const [, a, relation, b] = ORDER_LINE.exec(text) ?? [];
	if (a === undefined || b === undefined) throw new Error(`line ${line} is no version case: ${text}`);
	return { kind: "order", line, a, relation: relation === "<" || relation === ">" ? relation : "=", b };
}

/** Reads a `cases.txt`. Throws on a line of no known form and on a file without cases. */
export function readVersionCases(file: URL): readonly VersionCase[] {
	const cases = readFileSync(file, "utf8")
		.split("\n")
		.map((text, index) => ({ text, line: index + 1 }))
		.filter(({ text }) => text !== "" && !text.startsWith("#"))
		.map(({ text, line }) => parseLine(text, line));
	if (cases.length === 0) throw new Error(`${file.pathname} holds no version case`);
	return cases;
}

function failureOf<V>(scheme: VersionScheme<V>, versionCase: VersionCase): string | null {
	const at = `line ${versionCase.line}:`;
	if (versionCase.kind === "malformed") {
		return scheme.parse(versionCase.text) === null ? null : `${at} "${versionCase.text}" must not parse`;
	}
	const a = scheme.parse(versionCase.a);
	const b = scheme.parse(versionCase.b);
	if (a === null) return `${at} "${versionCase.a}" must parse`;
	if (b === null) return `${at} "${versionCase.b}" must parse`;
	const found = relationOf(scheme.compare(a, b));
	if (found !== versionCase.relation) return `${at} expected ${versionCase.relation}, found ${found}`;
	const turned = relationOf(-scheme.compare(b, a));
	return turned === found ? null : `${at} the other way round is not the opposite`;
}

/** The cases that do not hold, in words; each order is tried both ways round. Empty when all hold. */
export function versionCaseFailures<V>(scheme: VersionScheme<V>, cases: readonly VersionCase[]): readonly string[] {
	return cases.map((versionCase) => failureOf(scheme, versionCase)).filter((failure) => failure !== null);
}

function mustParse<V>(scheme: VersionScheme<V>, raw: string): V {
	const version = scheme.parse(raw);
	if (version === null) throw new Error(`"${raw}" must parse`);
	return version;
}

/**
 * Holds a scheme against the laws of a total order: reflexive, antisymmetric, transitive.
 * `versions` must make texts that parse, and near ones: from a small alphabet, else few triples meet.
 * Throws fast-check's error with the smallest counterexample.
 */
export function assertTotalOrder<V>(scheme: VersionScheme<V>, versions: fc.Arbitrary<string>, numRuns = 2_000): void {
	const law = fc.property(versions, versions, versions, (rawA, rawB, rawC) => {
		const a = mustParse(scheme, rawA);
		const b = mustParse(scheme, rawB);
		const c = mustParse(scheme, rawC);
		const ab = scheme.compare(a, b);
		const bc = scheme.compare(b, c);
		const ac = scheme.compare(a, c);
		if (scheme.compare(a, mustParse(scheme, rawA)) !== 0) throw new Error("not reflexive");
		if (ab + scheme.compare(b, a) !== 0) throw new Error("not antisymmetric");
		if (ab <= 0 && bc <= 0 && ac > 0) throw new Error("not transitive");
		if (ab >= 0 && bc >= 0 && ac < 0) throw new Error("not transitive");
		if (ab === 0 && bc !== ac) throw new Error("equal versions order differently against a third");
	});
	fc.assert(law, { numRuns });
}

/** Holds `parse` against any text at all: it must answer, not throw, and what it accepts must equal itself. */
export function assertParsesAnything<V>(scheme: VersionScheme<V>, numRuns = 1_000): void {
	const law = fc.property(fc.string({ unit: "grapheme" }), (raw) => {
		const version = scheme.parse(raw);
		return version === null || scheme.compare(version, version) === 0;
	});
	fc.assert(law, { numRuns });
}
