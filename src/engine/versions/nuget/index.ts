/**
 * NuGet versions: Semantic Versioning 2.0.0 with one to four numbers, where missing ones are 0, and pre-release labels
 * that are equal in upper and lower case. Leading zeros and build metadata do not count.
 * Numbers may be of any length; NuGet itself stops at 2147483647.
 * Specification: https://learn.microsoft.com/nuget/concepts/package-versioning
 */
import { satisfiesBy } from "../comparators.ts";
import { compareSemver, MAX_SEMVER_LENGTH, type SemverCore, toSemverCore } from "../semver-order.ts";
import type { VersionScheme } from "../types.ts";

/** The first three numbers, then the fourth as the first number of a version that has the pre-release. */
export interface NugetVersion {
	readonly numbers: SemverCore;
	readonly rest: SemverCore;
}

const VERSION =
	/^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

function parse(raw: string): NugetVersion | null {
	if (raw.length > MAX_SEMVER_LENGTH) return null;
	const [, major, minor = "0", patch = "0", revision = "0", prerelease = ""] = VERSION.exec(raw.trim()) ?? [];
	if (major === undefined) return null;
	return {
		numbers: toSemverCore(major, minor, patch, ""),
		rest: toSemverCore(revision, "0", "0", prerelease.toLowerCase()),
	};
}

function compare(a: NugetVersion, b: NugetVersion): -1 | 0 | 1 {
	return compareSemver(a.numbers, b.numbers) || compareSemver(a.rest, b.rest);
}

/** The scheme of nuget.org. */
export const nuget: VersionScheme<NugetVersion> = {
	id: "nuget",
	parse,
	compare,
	satisfies: satisfiesBy({ parse, compare }),
};
