/**
 * Semantic versions as npm, Cargo and their like publish them: the order of semver.org 2.0.0 with the leniency of npm's
 * loose parsing (`v` and `=` in front, space around, leading zeros, `1.2.3beta` for `1.2.3-beta`).
 * The test holds it against the `semver` package, which is not called: it gives up where an answer exists (numbers above
 * 2^53 it refuses or takes for equal, 256 characters are its limit) and its loose form reads `1.2.34.5` as `1.2.3-4.5`,
 * below 1.2.3. Here such a text is no version.
 * Specification: https://semver.org/spec/v2.0.0.html
 */
import { compareSemver, MAX_SEMVER_LENGTH, type SemverCore, toSemverCore } from "../semver-order.ts";
import type { VersionScheme } from "../types.ts";

/**
 * Three numbers, then a pre-release: after a hyphen anything, without one only what starts with a letter (or is npm's
 * reading of a bare `1.2.3-`: the pre-release `-`). Build metadata must be well formed and is dropped.
 */
const VERSION =
	/^[v=\s]*([0-9]+)\.([0-9]+)\.([0-9]+)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)|([A-Za-z-][0-9A-Za-z-]*(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?\s*$/;

function parse(raw: string): SemverCore | null {
	if (raw.length > MAX_SEMVER_LENGTH) return null;
	const [, major, minor, patch, hyphened, bare] = VERSION.exec(raw) ?? [];
	if (major === undefined || minor === undefined || patch === undefined) return null;
	return toSemverCore(major, minor, patch, hyphened ?? bare ?? "");
}

/** The scheme of npm, crates.io and everything else that promises Semantic Versioning. */
export const semver: VersionScheme<SemverCore> = { id: "semver", parse, compare: compareSemver };
