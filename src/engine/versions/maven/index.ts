/**
 * Maven versions, ordered as Maven 3.9 orders them (`ComparableVersion`), but for versions that Maven orders in circles.
 * For Maven `1-snapshot` < `1` < `1.foo.1` < `1-snapshot`. Here what is below the release that two versions have in
 * common comes before what is above it, and only then are their elements compared: so it is a total order.
 * Any text without blanks is a version. Only 0 to 9 are digits; Maven takes those of other scripts as well.
 * Specification: https://maven.apache.org/pom.html#version-order-specification
 */
import { compareText } from "#model";
import { satisfiesBy } from "../comparators.ts";
import type { VersionScheme } from "../types.ts";
import { type MavenElement, readElements } from "./elements.ts";

/** Longer texts are hostile, not versions. */
const MAX_LENGTH = 4096;

/** Qualifiers with a meaning, in their order; "" is the release itself. All others come behind, by their text. */
const QUALIFIERS = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];
const RELEASE = QUALIFIERS.indexOf("");

function parse(raw: string): readonly MavenElement[] | null {
	const text = raw.trim();
	if (text === "" || text.length > MAX_LENGTH || /\s/.test(text)) return null;
	return readElements(text);
}

function compare(a: readonly MavenElement[], b: readonly MavenElement[]): -1 | 0 | 1 {
	for (let at = 0; ; at++) {
		const left = a[at];
		const right = b[at];
		if (left === undefined && right === undefined) return 0;
		if (left !== undefined && right !== undefined && compareElements(left, right) === 0) continue;
		const sides = toOrder(sideOf(a, at) - sideOf(b, at));
		if (sides !== 0 || left === undefined || right === undefined) return sides;
		return compareElements(left, right);
	}
}

/** Whether what a version says from an element on lies below (-1) or above (1) the version that ends there. */
function sideOf(elements: readonly MavenElement[], from: number): -1 | 0 | 1 {
	for (let at = from; at < elements.length; at++) {
		const element = elements[at];
		if (element?.kind === "number" && element.digits !== "0") return 1;
		if (element?.kind === "qualifier" && element.text !== "") return toOrder(rankOf(element.text) - RELEASE);
	}
	return 0;
}

const kinds = ["qualifier", "list", "number"];

function compareElements(a: MavenElement, b: MavenElement): -1 | 0 | 1 {
	if (a.kind === "number" && b.kind === "number") return compareNumbers(a.digits, b.digits);
	if (a.kind === "qualifier" && b.kind === "qualifier") return compareQualifiers(a.text, b.text);
	return toOrder(kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
}

/** Without leading zeros the longer number is the larger one. */
function compareNumbers(a: string, b: string): -1 | 0 | 1 {
	return toOrder(a.length - b.length) || compareText(a, b);
}

function compareQualifiers(a: string, b: string): -1 | 0 | 1 {
	return toOrder(rankOf(a) - rankOf(b)) || compareText(a, b);
}

function rankOf(qualifier: string): number {
	const known = QUALIFIERS.indexOf(qualifier);
	return known === -1 ? QUALIFIERS.length : known;
}

function toOrder(difference: number): -1 | 0 | 1 {
	return difference === 0 ? 0 : difference < 0 ? -1 : 1;
}

/** The scheme of Maven Central and of everything else that installs with Maven, Gradle or sbt. */
export const maven: VersionScheme<readonly MavenElement[]> = {
	id: "maven",
	parse,
	compare,
	satisfies: satisfiesBy({ parse, compare }),
};
