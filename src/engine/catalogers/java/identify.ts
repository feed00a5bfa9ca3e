import type { JavaArchive } from "./archive.ts";
import { parseFileName, stemOf } from "./file-name.ts";
import { knownJar } from "./known-jars.ts";
import type { Manifest } from "./manifest.ts";
import type { Coordinates } from "./pom-properties.ts";

/** Name and version of a package: `group:artifact`, the artifact alone where the group is not told. */
export interface Identified {
	readonly name: string;
	readonly version: string;
}

/**
 * What an archive holds, without what is nested in it: every artifact that left its `pom.properties`, and the archive
 * itself, when none of those is its own. There is no list of all published files to look it up in, so its artifact and
 * version are those of its file name, the manifest filling in a missing version. Its group is told by what is known of
 * the jars that come without `pom.properties`, or by rule; else it is left out, and no advisory is found: a wrong one
 * would say the same with less honesty.
 */
export function identify(archive: JavaArchive, path: string): readonly Identified[] {
	const found = new Map<string, Identified>();
	for (const coordinates of archive.coordinates) {
		const { group, artifact } = coordinates;
		const version = coordinates.version || versionFor(artifact, archive, path);
		found.set(`${group}:${artifact}@${version}`, { name: `${group}:${artifact}`, version });
	}
	const own = archive.coordinates.some((one) => isOwn(one, archive, path)) ? null : identifyOwn(archive, path);
	if (own !== null) found.set(`${own.name}@${own.version}`, own);
	return [...found.values()];
}

/** Whether coordinates found in an archive are those of the archive itself. */
function isOwn({ artifact, version }: Coordinates, { manifest, coordinates }: JavaArchive, path: string): boolean {
	const stem = stemOf(path);
	const named = parseFileName(path);
	if (artifact === stem || artifact === named.artifact || stem.startsWith(`${artifact}-${version}`)) return true;
	if (artifact === manifest["implementation-title"]) return true;
	if (named.version === "" && version === manifestVersion(manifest)) return true;
	return coordinates.length === 1 && (named.version === "" || named.version === version);
}

/** A version that the build did not fill in: the archive's own, when the artifact is. */
function versionFor(artifact: string, { manifest, coordinates }: JavaArchive, path: string): string {
	const named = parseFileName(path);
	if (artifact === named.artifact && named.version !== "") return named.version;
	return artifact === named.artifact || coordinates.length === 1 ? manifestVersion(manifest) : "";
}

const identifier = /^[A-Za-z0-9_.+-]{1,256}$/;

/** An archive without classes is no program: resources, sources, a web application's shell around its libraries. */
function identifyOwn(archive: JavaArchive, path: string): Identified | null {
	if (archive.folders.common === null) return null;
	const named = parseFileName(path);
	if (!identifier.test(named.artifact)) return null;
	const version = named.version || manifestVersion(archive.manifest);
	const known = knownJar(named.artifact, version, archive.folders);
	if (known !== null) return { name: `${known.group}:${known.artifact}`, version };
	const group = groupByRule(named.artifact, archive);
	return { name: group === null ? named.artifact : `${group}:${named.artifact}`, version };
}

/** The version that a manifest gives; some write more into it: `1.5.0-release-749 (1.5.0)`, `"1.6"`. */
function manifestVersion(manifest: Manifest): string {
	const values = [
		manifest["implementation-version"],
		manifest["bundle-version"],
		manifest["specification-version"],
	].map((value) => /^"?v?(\d[\w.+~-]{0,127})(?=["\s]|$)/.exec(value ?? "")?.[1]);
	return values.find((value) => value !== undefined) ?? "";
}

/** Makers of many things: their name alone is no group of a jar. */
const umbrellas = new Set([
	"org.apache",
	"org.eclipse",
	"org.codehaus",
	"com.google",
	"com.sun",
	"com.github",
	"io.github",
]);

const groupName = /^[a-z][a-z0-9_-]*(?:\.[a-z0-9_-]+)+$/i;

/**
 * A group that the manifest names and whose folder holds all classes; or else the folder that holds all classes, when its
 * last word is the artifact's first (`org.example.shop` for `shop-core`).
 */
function groupByRule(artifact: string, { manifest, folders }: JavaArchive): string | null {
	const common = (folders.common ?? "").replaceAll("/", ".");
	const symbolicName = manifest["bundle-symbolicname"]?.split(";")[0]?.trim() ?? "";
	const named = [
		manifest["implementation-vendor-id"] ?? "",
		symbolicName.endsWith(`.${artifact}`) ? symbolicName.slice(0, -artifact.length - 1) : "",
	].filter((group) => `${common}.`.startsWith(`${group}.`));
	const [product] = artifact.toLowerCase().split(/[-_.]/, 1);
	const spelt = common.slice(common.lastIndexOf(".") + 1).toLowerCase() === product ? [common] : [];
	return [...named, ...spelt].find((group) => groupName.test(group) && !umbrellas.has(group)) ?? null;
}
