import { compareText } from "#model";
import { compareNumerals, type Numeral, toNumeral } from "../numeral.ts";

/**
 * A version after PEP 440, in the form in which it compares: a field that is absent holds the value that sorts where the
 * absence does.
 */
export interface Pep440Version {
	readonly epoch: Numeral;
	/** The numbers between the dots, without zeros at the end: `1.0` is `1`. */
	readonly release: readonly Numeral[];
	readonly phase: Phase;
	/** The number behind `a`, `b` or `rc`; 0 for other phases. */
	readonly pre: Numeral;
	/** -1 when it is no post-release. */
	readonly post: Numeral;
	/** Infinity when it is no development release. */
	readonly dev: Numeral;
	/** What stands behind the plus, null when there is none. */
	readonly local: readonly (Numeral | string)[] | null;
}

/** In their order: nothing but a development release, alpha, beta, candidate, the release itself. */
type Phase = 0 | 1 | 2 | 3 | 4;

const DEVELOPMENT: Phase = 0;
const RELEASE: Phase = 4;
const NO_POST = -1;
const NO_DEV = Number.POSITIVE_INFINITY;

/** Longer texts are hostile, not versions; Python itself reads no number of more than 4,300 digits. */
const MAX_LENGTH = 4096;

/** The pattern of PEP 440's appendix B: case does not count, separators are optional, numbers default to 0. */
const VERSION =
	/^\s*v?(?:([0-9]+)!)?([0-9]+(?:\.[0-9]+)*)(?:[-_.]?(alpha|beta|preview|pre|a|b|c|rc)[-_.]?([0-9]*))?(?:-([0-9]+)|[-_.]?(post|rev|r)[-_.]?([0-9]*))?(?:[-_.]?(dev)[-_.]?([0-9]*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*$/i;

/** Null for what PEP 440 does not know, the legacy versions of old tools included: those have no order of their own. */
export function parse(raw: string): Pep440Version | null {
	if (raw.length > MAX_LENGTH) return null;
	const match = VERSION.exec(raw);
	if (match === null) return null;
	const [, epoch, release = "", word, pre, bare, postWord, post, devWord, dev, local] = match;
	const isPost = bare !== undefined || postWord !== undefined;
	const isDev = devWord !== undefined;
	return {
		epoch: numberOf(epoch),
		release: withoutTrailingZeros(releaseNumbers(release)),
		phase: phaseOf(word, isPost, isDev),
		pre: numberOf(pre),
		post: isPost ? numberOf(bare ?? post) : NO_POST,
		dev: isDev ? numberOf(dev) : NO_DEV,
		local: local === undefined ? null : local.split(/[-_.]/).map(localPart),
	};
}

export function compare(a: Pep440Version, b: Pep440Version): -1 | 0 | 1 {
	return comparePublic(a, b) || compareLocal(a.local, b.local);
}

/** The order of everything before the plus. */
export function comparePublic(a: Pep440Version, b: Pep440Version): -1 | 0 | 1 {
	return (
		compareNumerals(a.epoch, b.epoch) ||
		compareReleases(a.release, b.release) ||
		compareNumerals(a.phase, b.phase) ||
		compareNumerals(a.pre, b.pre) ||
		compareNumerals(a.post, b.post) ||
		compareNumerals(a.dev, b.dev)
	);
}

function compareReleases(a: readonly Numeral[], b: readonly Numeral[]): -1 | 0 | 1 {
	const length = Math.max(a.length, b.length);
	for (let i = 0; i < length; i++) {
		const order = compareNumerals(a[i] ?? 0, b[i] ?? 0);
		if (order !== 0) return order;
	}
	return 0;
}

export function releaseNumbers(release: string): readonly Numeral[] {
	return release.split(".").map(toNumeral);
}

/** Alphanumeric parts are below numbers, and a beginning is below what goes on. */
function compareLocal(a: Pep440Version["local"], b: Pep440Version["local"]): -1 | 0 | 1 {
	if (a === null || b === null) return compareNumerals(a === null ? 0 : 1, b === null ? 0 : 1);
	const shared = Math.min(a.length, b.length);
	for (let i = 0; i < shared; i++) {
		const left = a[i] ?? 0;
		const right = b[i] ?? 0;
		const order = compareLocalPart(left, right);
		if (order !== 0) return order;
	}
	return compareNumerals(a.length, b.length);
}

function compareLocalPart(a: Numeral | string, b: Numeral | string): -1 | 0 | 1 {
	if (typeof a === "string") return typeof b === "string" ? compareText(a, b) : -1;
	return typeof b === "string" ? 1 : compareNumerals(a, b);
}

function localPart(text: string): Numeral | string {
	return /^[0-9]+$/.test(text) ? toNumeral(text) : text.toLowerCase();
}

function phaseOf(word: string | undefined, isPost: boolean, isDev: boolean): Phase {
	const letter = word?.[0]?.toLowerCase();
	if (letter === undefined) return isDev && !isPost ? DEVELOPMENT : RELEASE;
	if (letter === "a") return 1;
	return letter === "b" ? 2 : 3;
}

function numberOf(digits: string | undefined): Numeral {
	return digits ? toNumeral(digits) : 0;
}

function withoutTrailingZeros(numbers: readonly Numeral[]): readonly Numeral[] {
	let length = numbers.length;
	while (length > 0 && compareNumerals(numbers[length - 1] ?? 0, 0) === 0) length--;
	return length === numbers.length ? numbers : numbers.slice(0, length);
}
