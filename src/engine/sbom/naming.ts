import { isOsPackageType, type PackageType, runtimeName } from "#model";
import { nameLimit } from "./limits.ts";
import type { Purl } from "./purl.ts";
import type { Component } from "./types.ts";

/**
 * The ecosystem's own name of a package, from its purl (purl-spec, purl-types). Purls fold names (npm, pypi, golang to
 * lower case), so the component's own name is taken where it says the same in the package's own spelling.
 */
export function nameOf(type: PackageType, purl: Purl, component: Component): string {
	const derived = derivedName(type, purl);
	const own = component.name.trim();
	return own !== derived && folded(own) === folded(derived) ? own : derived;
}

function derivedName(type: PackageType, { namespace, name, subpath }: Purl): string {
	const within = (separator: string) => (namespace === "" ? name : `${namespace}${separator}${name}`);
	if (type === "maven") return within(":");
	if (type === "npm" || type === "composer") return within("/");
	// Syft cuts a module path after the repository: `github.com/a/b@v2.0.0#v2` is `github.com/a/b/v2`.
	if (type === "golang") return subpath === "" ? within("/") : `${within("/")}/${subpath}`;
	// The namespace is the author; a module's name is written as its distribution.
	if (type === "cpan") return name.replaceAll("::", "-");
	return type === "generic" ? runtimeName(within("/")) : name;
}

function folded(name: string): string {
	return name.toLowerCase().replaceAll("_", "-").replaceAll(".", "-");
}

/** The version as the ecosystem's package database writes it; empty when it is not told. */
export function versionOf(type: PackageType, purl: Purl, component: Component): string {
	const version = (purl.version || component.version).trim();
	if (type === "golang") return goVersion(version);
	return type === "deb" || type === "rpm" ? withEpoch(version, purl, component) : version;
}

/** Trivy keeps the epoch in a qualifier, Syft in both the qualifier and the component's own version. */
function withEpoch(version: string, purl: Purl, component: Component): string {
	if (version === "" || /^\d+:/.test(version)) return version;
	const own = component.version.endsWith(`:${version}`) ? (/^\d+(?=:)/.exec(component.version)?.[0] ?? "") : "";
	const epoch = purl.qualifiers.get("epoch") ?? own;
	return /^\d+$/.test(epoch) && Number(epoch) !== 0 ? `${epoch}:${version}` : version;
}

/** Modules have a `v` in front of their versions, which purls of Go itself and of older Trivys leave out. */
function goVersion(version: string): string {
	const bare = version.startsWith("go") ? version.slice(2) : version;
	if (bare === "(devel)" || bare === "UNKNOWN") return "";
	return /^\d+\.\d/.test(bare) ? `v${bare}` : bare;
}

/** The source package, as far as purl and generator tell; null when they do not. */
export function sourceOf(
	type: PackageType,
	purl: Purl,
	{ facts }: Component,
	version: string,
): { readonly name: string; readonly version: string } | null {
	if (!isOsPackageType(type)) return null;
	if (facts.sourceName) return { name: facts.sourceName, version: sourceVersion(facts) || version };
	const rpm = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(facts.sourceRpm ?? purl.qualifiers.get("upstream") ?? "");
	if (rpm?.[1] && rpm[2]) {
		// The name of a source rpm has no epoch; it is the binary's.
		const epoch = /^\d+:/.exec(version)?.[0] ?? "";
		return { name: rpm[1], version: `${epoch}${rpm[2]}` };
	}
	const [name = "", upstream = ""] = (purl.qualifiers.get("upstream") ?? "").split("@", 2);
	if (name === "") return null;
	return { name, version: upstream || version };
}

function sourceVersion({ sourceEpoch, sourceVersion, sourceRelease }: Component["facts"]): string {
	if (!sourceVersion) return "";
	const epoch = sourceEpoch && sourceEpoch !== "0" ? `${sourceEpoch}:` : "";
	return `${epoch}${sourceVersion}${sourceRelease ? `-${sourceRelease}` : ""}`;
}

/** Whether a text can be a name or a version at all: it goes into reports and database look-ups. */
export function isPlain(text: string): boolean {
	return text.length <= nameLimit && !unfit.test(text);
}

/** Control characters, and those that turn the direction of text. */
const unfit = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** Text of a document for a message: short, without control characters. */
export function shown(text: string): string {
	return text.slice(0, 80).replaceAll(/[\p{Cc}\p{Cf}]/gu, "?");
}
