/**
 * Package URLs of statements, read leniently but compared strictly
 * (https://github.com/package-url/purl-spec). Only the library's splitting is used: its constructor refuses real Go
 * versions with two `+` and CRAN packages without a version.
 */
import { PackageURL } from "packageurl-js";
import { mostPurlLength } from "./limits.ts";

export interface Purl {
	readonly type: string;
	/** Empty when there is none. */
	readonly namespace: string;
	readonly name: string;
	/** With the epoch before it for rpm (`1:2.3-4`), without Go's `v`; null when none is given. */
	readonly version: string | null;
	readonly qualifiers: ReadonlyMap<string, string>;
	readonly subpath: string;
}

/** Null when the text is no package URL. Parts are decoded and in the case that their type prescribes. */
export function readPurl(text: string): Purl | null {
	if (text.length > mostPurlLength || !/^pkg:/i.test(text)) return null;
	try {
		const [type, namespace, name, version, qualifiers, subpath] = PackageURL.parseString(text);
		if (!type || !name) return null;
		return normalised({
			type: type.toLowerCase(),
			namespace: trimSlashes(namespace ?? ""),
			name,
			version: version || null,
			qualifiers: qualifiersIn(qualifiers),
			subpath: trimSlashes(subpath ?? ""),
		});
	} catch {
		return null;
	}
}

/** The same package whatever its version and architecture. */
export function purlKey({ type, namespace, name }: Purl): string {
	return `${type}\0${namespace}\0${name}`;
}

/** Distributions that several makers of package URLs name differently; ours is os-release's `ID`. */
const distributionNames: ReadonlyMap<string, string> = new Map([
	["redhat", "rhel"],
	["oracle", "ol"],
	["amazon", "amzn"],
	["alma", "almalinux"],
	["rocky-linux", "rocky"],
]);

/** One name for a distribution. */
export function distributionName(name: string): string {
	return distributionNames.get(name) ?? name;
}

const lowerCaseNames: ReadonlySet<string> = new Set([
	"apk",
	"bitnami",
	"composer",
	"deb",
	"docker",
	"golang",
	"hex",
	"npm",
	"nuget",
	"oci",
	"pypi",
]);

function normalised(purl: Purl): Purl {
	const { type } = purl;
	const lower = lowerCaseNames.has(type);
	const name = lower ? purl.name.toLowerCase() : purl.name;
	const namespace = lower || type === "rpm" ? purl.namespace.toLowerCase() : purl.namespace;
	const named = { ...purl, name, namespace };
	if (type === "pypi") return { ...named, name: name.replaceAll(/[-_.]+/g, "-") };
	if (type === "golang") return { ...named, version: purl.version?.replace(/^v(?=\d)/, "") ?? null };
	if (type === "rpm") return withEpoch({ ...named, namespace: distributionName(namespace) });
	return named;
}

/** rpm's epoch stands before the version, or in a qualifier; none is 0. */
function withEpoch(purl: Purl): Purl {
	if (purl.version === null) return purl;
	const [, written, rest] = /^(\d+):(.*)$/.exec(purl.version) ?? [null, "0", purl.version];
	const { epoch = written, ...others } = Object.fromEntries(purl.qualifiers);
	const version = epoch === undefined || /^0*$/.test(epoch) ? rest : `${epoch}:${rest}`;
	return { ...purl, version: version ?? null, qualifiers: new Map(Object.entries(others)) };
}

function qualifiersIn(given: unknown): ReadonlyMap<string, string> {
	const found = new Map<string, string>();
	if (!(given instanceof URLSearchParams)) return found;
	for (const [key, value] of given) if (value !== "") found.set(key.toLowerCase(), value);
	return found;
}

function trimSlashes(text: string): string {
	return text
		.split("/")
		.filter((segment) => segment !== "")
		.join("/");
}
