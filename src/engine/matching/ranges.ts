import type { Affected, AffectedRange, RangeEvent } from "#model";
import { boundsOf, type Judgement, judgeConstraints } from "./constraints.ts";
import type { Ordering } from "./ordering.ts";

/**
 * Evaluation of OSV's `affected` entries, after the algorithm in the OSV schema ("Evaluation"):
 * a version is affected when it is listed, or when the last event at or below it in some range is `introduced`.
 * https://ossf.github.io/osv-schema/#evaluation
 */
export interface Verdict {
	readonly affected: boolean;
	/** The lowest version above the evaluated one that is called fixed and is not itself affected. */
	readonly fixed: string | null;
	/** An event's version that is malformed, where the answer hangs on it. */
	readonly undecided: string | null;
}

const unaffected: Verdict = { affected: false, fixed: null, undecided: null };

/** Judges `version` by all entries that one advisory has for one package. */
export function evaluate(entries: readonly Affected[], version: string, ordering: Ordering): Verdict {
	let undecided: string | null = null;
	for (const entry of entries) {
		const inside = judgeEntry(entry, version, ordering);
		if (inside === true) return { affected: true, fixed: lowestFix(entries, version, ordering), undecided: null };
		if (typeof inside === "string") undecided = inside;
	}
	return undecided === null ? unaffected : { ...unaffected, undecided };
}

/** Whether `version` is known to be affected: `evaluate` without the search for a fix, which takes longer by far. */
export function isAffected(entries: readonly Affected[], version: string, ordering: Ordering): boolean {
	return entries.some((entry) => judgeEntry(entry, version, ordering) === true);
}

function judgeEntry(entry: Affected, version: string, ordering: Ordering): Judgement {
	if (isListed(entry.versions, version, ordering)) return true;
	let answer: Judgement = entry.constraints ? judgeConstraints(entry.constraints, version, ordering) : false;
	if (answer === true) return true;
	for (const range of entry.ranges) {
		const inside = judgeRange(range, version, ordering);
		if (inside === true) return true;
		if (inside !== false) answer = inside;
	}
	return answer;
}

function isListed(versions: readonly string[], version: string, ordering: Ordering): boolean {
	return versions.includes(version) || versions.some((listed) => ordering.compare(listed, version) === 0);
}

/**
 * Each event is placed against the version: what is at or below it counts, the highest of those decides.
 * At the same place `introduced` yields to `fixed`, and `last_affected` ends the range only above itself.
 */
function judgeRange(range: AffectedRange, version: string, ordering: Ordering): Judgement {
	let highest: { at: string; opens: boolean } | null = null;
	let belowSomeLimit: boolean | null = null;
	for (const event of range.events) {
		if (event.limit !== undefined) {
			belowSomeLimit ||= event.limit === "*" || ordering.compare(version, event.limit) === -1;
			continue;
		}
		const at = versionOf(event);
		const order = at === "0" ? 1 : ordering.compare(version, at);
		if (order === null) return at;
		const reached = event.lastAffected === undefined ? order >= 0 : order > 0;
		if (!reached) continue;
		const opens = event.introduced !== undefined;
		const against = highest === null ? 1 : compareEvents(at, highest.at, ordering);
		if (against > 0 || (against === 0 && !opens)) highest = { at, opens };
	}
	return belowSomeLimit !== false && highest !== null && highest.opens;
}

/** `0` stands before every version (OSV schema, "introduced"). */
function compareEvents(a: string, b: string, ordering: Ordering): number {
	if (a === b) return 0;
	if (a === "0") return -1;
	if (b === "0") return 1;
	return ordering.compare(a, b) ?? 0;
}

function versionOf(event: RangeEvent): string {
	return event.introduced ?? event.fixed ?? event.lastAffected ?? "0";
}

function lowestFix(entries: readonly Affected[], version: string, ordering: Ordering): string | null {
	const candidates: string[] = [];
	const add = (fixed: string | undefined): void => {
		if (fixed !== undefined && ordering.compare(fixed, version) === 1) candidates.push(fixed);
	};
	for (const { ranges, constraints } of entries) {
		for (const { events } of ranges) for (const { fixed } of events) add(fixed);
		if (constraints) boundsOf(constraints).forEach(add);
	}
	candidates.sort((a, b) => ordering.compare(a, b) ?? 0);
	for (const candidate of candidates) {
		const stillAffected = entries.some((entry) => judgeEntry(entry, candidate, ordering) === true);
		if (!stillAffected) return candidate;
	}
	return null;
}
