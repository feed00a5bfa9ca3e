/**
 * Semantic versions as npm, Cargo and their like publish them: the order of semver.org 2.0.0 with the leniency of npm's
 * loose parsing (`v` and `=` in front, space around, leading zeros, `1.2.3beta` for `1.2.3-beta`).
 * The test holds it against the `semver` package, which is not called: it gives up where an answer exists (numbers above
 * 2^53 it refuses or takes for equal, 256 characters are its limit) and its loose form reads `1.2.34.5` as `1.2.3-4.5`,
 * below 1.2.3. Here such a text is no version.
 * Specification: https://semver.org/spec/v2.0.0.html
 */
import { compareSemver, type SemverCore } from "../semver-order.ts";
import type { VersionScheme } from "../types.ts";
import { satisfies } from "./constraint.ts";
import { parse } from "./version.ts";

/** The scheme of npm, crates.io and everything else that promises Semantic Versioning. */
export const semver: VersionScheme<SemverCore> = { id: "semver", parse, compare: compareSemver, satisfies };
