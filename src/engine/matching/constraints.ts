import type { VersionConstraints } from "#model";
import type { Ordering } from "./ordering.ts";

/** True, false, or the text that keeps it from being told. */
export type Judgement = boolean | string;

/**
 * Whether a version is affected by constraints in a package manager's own words, as trivy-db and several language
 * feeds keep them. An empty constraint means every version.
 */
export function judgeConstraints(constraints: VersionConstraints, version: string, ordering: Ordering): Judgement {
	const { vulnerable, patched, unaffected } = constraints;
	if (vulnerable.includes("") || patched.includes("")) return true;
	const safe = [...patched, ...unaffected];
	if (vulnerable.length === 0 && safe.length === 0) return false;
	const inside = vulnerable.length === 0 || anyOf(vulnerable, version, ordering);
	if (inside !== true || safe.length === 0) return inside;
	const out = anyOf(safe, version, ordering);
	return typeof out === "string" ? out : !out;
}

/** Whether one of them is satisfied; when none is, the first that cannot be understood. */
function anyOf(constraints: readonly string[], version: string, ordering: Ordering): Judgement {
	let malformed: string | null = null;
	for (const constraint of constraints) {
		const answer = ordering.satisfies(version, constraint);
		if (answer === true) return true;
		if (answer === null) malformed ??= constraint;
	}
	return malformed ?? false;
}

/** Constraints live as long as a store keeps them, and are asked again for each version of their package. */
const boundsBefore = new WeakMap<VersionConstraints, readonly string[]>();

/** Versions that the constraints name as bounds, which the lowest fixed version is one of. */
export function boundsOf(constraints: VersionConstraints): readonly string[] {
	const known = boundsBefore.get(constraints);
	if (known) return known;
	const { vulnerable, patched } = constraints;
	const bounds = [
		...patched.flatMap(versionsIn),
		...vulnerable.flatMap((text) => versionsIn(text.replaceAll(/<=\s*[^\s,|]+/g, ""))),
	];
	boundsBefore.set(constraints, bounds);
	return bounds;
}

function versionsIn(constraint: string): string[] {
	return constraint.match(/[^\s,|<>=~^!()[\]]+/g) ?? [];
}
