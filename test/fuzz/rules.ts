/** What parsers promise of their results, whatever they were given. */
import { isDeepStrictEqual } from "node:util";
import {
	type Advisory,
	type Affected,
	type Package,
	purlOf,
	type Vulnerability,
	type Warning,
	warningCodes,
} from "#model";
import {
	decodeAdvisory,
	decodeAffected,
	encodeAdvisory,
	encodeAffected,
} from "../../src/engine/advisories/database/rows.ts";
import { decodeVulnerability, encodeVulnerability } from "../../src/engine/advisories/database/vulnerability-rows.ts";
import type { FeedItem } from "../../src/engine/advisories/feed-types.ts";
import type { CatalogResult } from "../../src/engine/catalogers/types.ts";
import { hold, holdText } from "./target.ts";

/** Characters of a name or version, of a path, and of a sentence for people. */
const most = { name: 1024, path: 8192, sentence: 2000 } as const;

export function holdCatalogResult(result: CatalogResult, path: string): void {
	for (const pkg of result.packages) holdPackage(pkg, path);
	for (const warning of result.warnings) holdWarning(warning, path);
	for (const { owner } of result.owned ?? []) holdText(owner, "an owner", most.name);
	for (const set of result.contentSets ?? []) holdText(set, "a content set", most.name);
	if (result.os) for (const field of [result.os.id, result.os.versionId]) holdText(field, "an OS fact", most.name);
	if (result.os?.prettyName !== undefined) holdText(result.os.prettyName, "the OS's name", most.name);
}

/** `path` null: an SBOM tells its packages' files itself. */
export function holdPackage(pkg: Package, path: string | null): void {
	hold(pkg.name !== "", () => `a package has no name: ${JSON.stringify(pkg)}`);
	const texts = { ...pkg, sourceName: pkg.source?.name, sourceVersion: pkg.source?.version };
	for (const field of ["name", "version", "arch", "modularity", "thirdParty", "sourceName", "sourceVersion"] as const)
		if (texts[field] !== undefined) holdText(texts[field], `the package's ${field}`, most.name);
	for (const name of pkg.requires ?? []) holdText(name, "what the package requires", most.name);
	const inside = path === null || pkg.path === path || pkg.path.startsWith(`${path}/`);
	hold(inside, () => `the package names ${pkg.path}, but the file is ${path}`);
	// Paths are the image's own; reports escape what is in them.
	hold(pkg.path.length <= most.path, () => `the package's path has ${pkg.path.length} characters`);
	hold(purlOf(pkg, null).startsWith("pkg:"), () => `no package URL: ${purlOf(pkg, null)}`);
}

export function holdWarning(warning: Warning, path: string): void {
	hold(Object.hasOwn(warningCodes, warning.code), () => `there is no warning ${warning.code}`);
	holdText(warning.message, "a warning", most.sentence);
	if (warning.path === undefined) return;
	const inside = warning.path === path || warning.path.startsWith(`${path}/`);
	hold(inside, () => `a warning names ${warning.path}, but the file is ${path}`);
}

export function holdFeedItem(item: FeedItem): void {
	switch (item.kind) {
		case "advisory":
			holdAdvisory(item.advisory, item.affected);
			break;
		case "vulnerability":
			holdVulnerability(item.vulnerability);
			break;
		case "kev":
		case "epss":
			hold(/^CVE-\d{4}-\d{4,}$/.test(item.id), () => `${item.id} is no CVE`);
			break;
		case "products":
			holdText(item.contentSet, "a content set", most.name);
			for (const cpe of item.cpes) holdText(cpe, "a CPE", most.name);
			break;
		case "malformed":
			holdText(item.name, "a malformed record's name", most.sentence);
			holdText(item.problem, "a problem", most.sentence);
	}
}

export function holdAdvisory(advisory: Advisory, affected: readonly Affected[]): void {
	const { id, aliases, upstream, related } = advisory;
	for (const name of [id, ...aliases, ...upstream, ...related]) holdText(name, "an identifier", 256);
	hold(id !== "", () => "an advisory has no id");
	if (advisory.summary !== undefined) holdText(advisory.summary, "a summary", most.sentence);
	for (const date of [advisory.modified, advisory.published, advisory.withdrawn])
		hold(date === undefined || !Number.isNaN(Date.parse(date)), () => `${date} is no date`);
	for (const url of advisory.references) hold(/^https?:\/\//.test(url), () => `${url} is no web address`);
	const { withdrawn: _, ...kept } = advisory;
	holdSame(decodeAdvisory(id, advisory.modified, encodeAdvisory(advisory)), kept, "the advisory");
	for (const one of affected) {
		holdText(one.ecosystem, "an ecosystem", 256);
		holdText(one.name, "a name", most.name);
		hold(one.name !== "", () => "an affected package has no name");
		for (const { events } of one.ranges)
			for (const event of events) for (const version of Object.values(event)) holdText(version, "a version", most.name);
		for (const version of one.versions) holdText(version, "a version", most.name);
		holdSame(decodeAffected(one.ecosystem, one.name, encodeAffected(one)), one, "an affected package");
	}
}

export function holdVulnerability(vulnerability: Vulnerability): void {
	holdText(vulnerability.id, "an identifier", 256);
	for (const text of [vulnerability.title, vulnerability.description])
		if (text !== undefined) holdText(text, "a description", most.sentence);
	const stored = decodeVulnerability(vulnerability.id, [encodeVulnerability(vulnerability)]);
	hold(stored !== null, () => "a vulnerability cannot be stored");
}

/** Two ways to the same answer. */
export function holdSame(a: unknown, b: unknown, what: string): void {
	hold(isDeepStrictEqual(a, b), () => `${what} is not the same: ${cut(a)} and ${cut(b)}`);
}

function cut(value: unknown): string {
	return (JSON.stringify(value) ?? String(value)).slice(0, 400);
}
