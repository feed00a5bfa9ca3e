import type { Finding } from "#model";
import { matchesGlob } from "./glob.ts";
import { distributionName, type Purl } from "./purl.ts";
import type { PackageMatch } from "./types.ts";

/** What a finding says of its package, read once. */
export interface FoundPackage {
	readonly name: string;
	/** Null when the report's package URL cannot be read: it then matches by name only. */
	readonly purl: Purl | null;
	/** The source package that it was built from, as a package URL without architecture. */
	readonly sourcePurl: Purl | null;
}

export function foundPackage({ package: pkg }: Finding, purl: Purl | null): FoundPackage {
	return { name: pkg.name, purl, sourcePurl: purl && sourceOf(purl, pkg.source) };
}

export function matchesPackage(asked: PackageMatch, found: FoundPackage): boolean {
	if (asked.kind === "name") return matchesGlob(asked.pattern, found.name);
	if (asked.kind === "purl") {
		const actual = namesSource(asked.purl) ? found.sourcePurl : found.purl;
		return actual !== null && matchesPurl(asked.purl, actual);
	}
	const { purl } = found;
	if (purl === null || asked.type !== purl.type) return false;
	const path = purl.namespace === "" ? purl.name : `${purl.namespace}/${purl.name}`;
	return matchesGlob(asked.path, path) && (asked.version === null || matchesGlob(asked.version, purl.version ?? ""));
}

/**
 * Whether `actual` is what `asked` names: type, namespace and name are equal, and so are version and every qualifier
 * that `asked` gives. What it leaves out may be anything.
 */
function matchesPurl(asked: Purl, actual: Purl): boolean {
	if (asked.type !== actual.type || asked.namespace !== actual.namespace || asked.name !== actual.name) return false;
	if (asked.version !== null && asked.version !== actual.version) return false;
	if (asked.subpath !== "" && asked.subpath !== actual.subpath) return false;
	for (const [key, value] of asked.qualifiers) {
		if (key === "arch" && namesSource(asked)) continue;
		const given = actual.qualifiers.get(key);
		if (given === undefined || !(key === "distro" ? sameDistro(value, given) : value === given)) return false;
	}
	return true;
}

/** `arch=src` (rpm) and `arch=source` (deb): all packages that were built from that source. */
function namesSource({ type, qualifiers }: Purl): boolean {
	const arch = qualifiers.get("arch");
	return (type === "rpm" && arch === "src") || (type === "deb" && arch === "source");
}

function sourceOf(purl: Purl, source: Finding["package"]["source"]): Purl {
	const qualifiers = new Map([...purl.qualifiers].filter(([key]) => key !== "arch"));
	if (!source) return { ...purl, qualifiers };
	// Package databases write an epoch of 0 seldom, statements sometimes.
	const version = purl.type === "rpm" ? source.version.replace(/^0:/, "") : source.version;
	return { ...purl, name: source.name, version, qualifiers };
}

/** `debian-12` names `debian-12.5`, too; so does its code name. */
function sameDistro(asked: string, actual: string): boolean {
	const wanted = releaseNamed(asked.toLowerCase());
	const given = releaseNamed(actual.toLowerCase());
	return given === wanted || given.startsWith(`${wanted}.`);
}

function releaseNamed(distro: string): string {
	const [id = "", ...rest] = distro.split("-");
	const release = codeNames.get(rest.length > 0 ? rest.join("-") : id);
	if (release !== undefined) return release;
	return [distributionName(id), ...rest].join("-");
}

/** https://www.debian.org/releases/, https://wiki.ubuntu.com/Releases: those that are in use. */
const codeNames: ReadonlyMap<string, string> = new Map([
	["stretch", "debian-9"],
	["buster", "debian-10"],
	["bullseye", "debian-11"],
	["bookworm", "debian-12"],
	["trixie", "debian-13"],
	["trusty", "ubuntu-14.04"],
	["xenial", "ubuntu-16.04"],
	["bionic", "ubuntu-18.04"],
	["focal", "ubuntu-20.04"],
	["jammy", "ubuntu-22.04"],
	["noble", "ubuntu-24.04"],
]);
