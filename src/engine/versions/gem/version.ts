import { compareText } from "#model";
import { compareNumerals, type Numeral, successor, toNumeral } from "../numeral.ts";

/** A run of digits or a run of letters, as `Gem::Version` cuts a version. */
type Segment = Numeral | string;

/** A version as `Gem::Version` reads it. */
export interface GemVersion {
	/** What is compared: zeros at the end of the leading numbers, and at the very end, are gone. */
	readonly segments: readonly Segment[];
	/** The numbers before the first letter, as written: the version that a pre-release leads to. */
	readonly leading: readonly Numeral[];
}

/** Longer texts are hostile, not versions. */
const MAX_LENGTH = 4096;

/** The pattern of `Gem::Version`. A hyphen means `.pre.`. */
const VERSION = /^\s*([0-9]+(?:\.[0-9A-Za-z]+)*(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)\s*$/;

/** Unlike RubyGems, which reads the empty text as 0, nothing is no version. */
export function parse(raw: string): GemVersion | null {
	if (raw.length > MAX_LENGTH) return null;
	const text = VERSION.exec(raw)?.[1];
	if (text === undefined) return null;
	const runs = text.replaceAll("-", ".pre.").match(/[0-9]+|[A-Za-z]+/g) ?? [];
	const segments = runs.map((run): Segment => (/^[0-9]/.test(run) ? toNumeral(run) : run));
	const letters = segments.findIndex((segment) => typeof segment === "string");
	const leading = segments.slice(0, letters < 0 ? segments.length : letters).filter(isNumeral);
	return { leading, segments: [...withoutZeros(leading), ...withoutZeros(segments.slice(leading.length))] };
}

/** Segment by segment, letters below numbers; a missing segment is 0. */
export function compare(a: GemVersion, b: GemVersion): -1 | 0 | 1 {
	return compareSegments(a.segments, b.segments);
}

/** Whether `~> bound` leaves room for the version above it: `~> 2.3.4` ends before 2.4, and so before its pre-releases. */
export function isBelowBump(version: GemVersion, bound: GemVersion): boolean {
	return compareSegments(version.leading, bump(bound)) < 0;
}

/** `2.3.4` gives 2.4, `2.3.rc1` gives 3, `2` gives 3. */
function bump({ leading }: GemVersion): readonly Numeral[] {
	const kept = leading.length > 1 ? leading.slice(0, -1) : leading;
	return kept.map((number, index) => (index === kept.length - 1 ? successor(number) : number));
}

function compareSegments(a: readonly Segment[], b: readonly Segment[]): -1 | 0 | 1 {
	const length = Math.max(a.length, b.length);
	for (let i = 0; i < length; i++) {
		const order = compareSegment(a[i] ?? 0, b[i] ?? 0);
		if (order !== 0) return order;
	}
	return 0;
}

function compareSegment(a: Segment, b: Segment): -1 | 0 | 1 {
	if (typeof a === "string") return typeof b === "string" ? compareText(a, b) : -1;
	return typeof b === "string" ? 1 : compareNumerals(a, b);
}

function withoutZeros<T extends Segment>(segments: readonly T[]): readonly T[] {
	let length = segments.length;
	while (length > 0 && isZero(segments[length - 1])) length--;
	return segments.slice(0, length);
}

function isZero(segment: Segment | undefined): boolean {
	return segment !== undefined && isNumeral(segment) && compareNumerals(segment, 0) === 0;
}

function isNumeral(segment: Segment): segment is Numeral {
	return typeof segment !== "string";
}
