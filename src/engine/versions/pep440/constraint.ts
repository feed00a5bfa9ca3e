/**
 * Version specifiers of PEP 440, as advisories write them: clauses joined by commas must all hold, groups joined by `||`
 * (which is no part of the PEP) are alternatives; `=` and no operator at all mean `==`.
 * Pre-releases are looked at like any other version, and a local label (`+cu118`) counts only where the specifier has one.
 * One deviation: `<2.0` takes in 2.0rc1 and `>1.0` takes in 1.0.post1. The PEP leaves them out lest an installer choose
 * them; an advisory speaks of the order of versions, as OSV's ranges do, and what is fixed in 2.0 may be in 2.0rc1.
 * `===` compares texts, not versions; no advisory has it, and it is not understood here.
 * Specification: https://peps.python.org/pep-0440/#version-specifiers
 */
import { orderSatisfies } from "../comparators.ts";
import { compareNumerals, toNumeral } from "../numeral.ts";
import { compare, comparePublic, type Pep440Version, parse, releaseNumbers } from "./version.ts";

type Clause = (version: Pep440Version) => boolean;

/** Longer texts are hostile: no advisory's constraint has more than some hundred characters. */
const MAX_LENGTH = 16_384;

const CLAUSE = /^(~=|==?|!=|<=?|>=?)?\s*([^\s=~!<>].*)$/;
const PREFIX = /^v?(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)\.\*$/i;

/** Null when the version or any part of the constraint cannot be understood. An empty constraint allows every version. */
export function satisfies(version: string, constraint: string): boolean | null {
	const subject = parse(version);
	if (subject === null || constraint.length > MAX_LENGTH) return null;
	if (constraint.trim() === "") return true;
	let answer = false;
	for (const group of constraint.split("||")) {
		const clauses = parseGroup(group);
		if (clauses === null) return null;
		answer ||= clauses.every((holds) => holds(subject));
	}
	return answer;
}

function parseGroup(text: string): readonly Clause[] | null {
	const clauses: Clause[] = [];
	for (const part of text.split(",")) {
		const trimmed = part.trim();
		if (trimmed === "") continue;
		const clause = parseClause(trimmed);
		if (clause === null) return null;
		clauses.push(clause);
	}
	return clauses.length === 0 ? null : clauses;
}

function parseClause(text: string): Clause | null {
	const [, operator = "==", target = ""] = CLAUSE.exec(text) ?? [];
	const prefix = PREFIX.exec(target);
	if (prefix !== null) return prefixClause(operator, prefix[1], prefix[2] ?? "");
	const bound = parse(target);
	if (bound === null) return null;
	if (operator === "~=") return compatible(bound, target);
	return (version) => compareBy(operator, version, bound);
}

/** `==1.4.*` and `!=1.4.*`: missing numbers of the version are zeros. */
function prefixClause(operator: string, epoch: string | undefined, release: string): Clause | null {
	if (operator === "!=") {
		const starts = startsWith(epoch, release);
		return (version) => !starts(version);
	}
	return operator === "==" || operator === "=" ? startsWith(epoch, release) : null;
}

function startsWith(epoch: string | undefined, release: string): Clause {
	const wanted = releaseNumbers(release);
	const era = toNumeral(epoch ?? "0");
	return (version) =>
		compareNumerals(version.epoch, era) === 0 &&
		wanted.every((number, index) => compareNumerals(version.release[index] ?? 0, number) === 0);
}

/** `~=2.2.1` is `>=2.2.1, ==2.2.*`: the last number of the release may grow, so that it needs two of them. */
function compatible(bound: Pep440Version, target: string): Clause | null {
	const [, epoch, release] = /^\s*v?(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)/i.exec(target) ?? [];
	const dot = release?.lastIndexOf(".") ?? -1;
	if (release === undefined || dot < 0) return null;
	const starts = startsWith(epoch, release.slice(0, dot));
	return (version) => compareBy(">=", version, bound) && starts(version);
}

function compareBy(operator: string, version: Pep440Version, bound: Pep440Version): boolean {
	const order = bound.local === null ? comparePublic(version, bound) : compare(version, bound);
	return orderSatisfies(order, operator) === true;
}
