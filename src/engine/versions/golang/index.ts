/**
 * Versions of Go modules and of Go itself, in one semantic order.
 * Modules: `v1.2.3`, pseudo-versions, `+incompatible` and `+dirty` (build metadata, no part of the order), with or
 * without the `v` that OSV leaves out. Go itself (package `stdlib`): `go1.21rc1` is `1.21.0-rc.1`, `go1.20` is `1.20.0`;
 * what follows a space, or a hyphen after the `go` form, names the build (`X:boringcrypto`, `-bigcorp`), not the version.
 * `(devel)`, `devel …` and the empty text say nothing and are no versions.
 * Specification: https://go.dev/ref/mod#versions, https://go.dev/doc/toolchain#version, https://go.dev/doc/toolchain#name
 */
import { satisfiesBy } from "../comparators.ts";
import { compareSemver, MAX_SEMVER_LENGTH, type SemverCore, toSemverCore } from "../semver-order.ts";
import type { VersionScheme } from "../types.ts";

const MODULE = /^v?([0-9]+)\.([0-9]+)\.([0-9]+)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.+-]*)?$/;

/** Go's own releases, and the short forms `v1` and `v1.2` that Go's tools read as `v1.0.0` and `v1.2.0`. */
const RELEASE = /^(?:go|v)?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:(alpha|beta|rc)([0-9]*))?$/;

function parseModule(text: string): SemverCore | null {
	const [, major, minor, patch, prerelease = ""] = MODULE.exec(text) ?? [];
	if (major === undefined || minor === undefined || patch === undefined) return null;
	return toSemverCore(major, minor, patch, prerelease);
}

function parseRelease(text: string): SemverCore | null {
	const [, major, minor = "0", patch = "0", kind, count] = RELEASE.exec(text) ?? [];
	if (major === undefined) return null;
	const prerelease = [kind, count].filter((part) => part !== undefined && part !== "").join(".");
	return toSemverCore(major, minor, patch, prerelease);
}

/** The text up to the first character of `ends`, whole when there is none. */
function before(text: string, ends: RegExp): string {
	const end = text.search(ends);
	return end === -1 ? text : text.slice(0, end);
}

function parse(raw: string): SemverCore | null {
	if (raw.length > MAX_SEMVER_LENGTH) return null;
	const version = before(raw.trim(), /\s/);
	if (version.startsWith("go")) return parseRelease(before(version, /[-+]/));
	return parseModule(version) ?? parseRelease(version);
}

/** The scheme of Go modules and of the Go standard library. */
export const golang: VersionScheme<SemverCore> = {
	id: "golang",
	parse,
	compare: compareSemver,
	satisfies: satisfiesBy({ parse, compare: compareSemver }),
};
