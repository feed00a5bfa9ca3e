/**
 * Requirements of RubyGems, as advisories write them: clauses joined by commas must all hold, groups joined by `||`
 * (which RubyGems does not know) are alternatives; no operator means `=`.
 * Specification: https://guides.rubygems.org/patterns/#declaring-dependencies, `Gem::Requirement`.
 */
import { orderSatisfies } from "../comparators.ts";
import { compare, type GemVersion, isBelowBump, parse } from "./version.ts";

/** Longer texts are hostile: no advisory's constraint has more than some hundred characters. */
const MAX_LENGTH = 16_384;

const CLAUSE = /^\s*(~>|!=|>=?|<=?|=)?\s*([0-9][^\s]*)\s*$/;

type Clause = (version: GemVersion) => boolean;

/** Null when the version or any part of the constraint cannot be understood. */
export function satisfies(version: string, constraint: string): boolean | null {
	const subject = parse(version);
	if (subject === null || constraint.length > MAX_LENGTH) return null;
	let answer = false;
	for (const group of constraint.split("||")) {
		const clauses = group.split(",").map(parseClause);
		if (!clauses.every((clause) => clause !== null)) return null;
		answer ||= clauses.every((holds) => holds(subject));
	}
	return answer;
}

function parseClause(text: string): Clause | null {
	const [, operator = "=", target = ""] = CLAUSE.exec(text) ?? [];
	const bound = parse(target);
	return bound === null ? null : (version) => holds(operator, version, bound);
}

function holds(operator: string, version: GemVersion, bound: GemVersion): boolean {
	const order = compare(version, bound);
	if (operator === "~>") return order >= 0 && isBelowBump(version, bound);
	return orderSatisfies(order, operator) === true;
}
