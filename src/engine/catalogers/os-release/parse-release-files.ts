import { cleanId, cleanName, cleanVersion, readAssignments } from "./parse-os-release.ts";
import type { ReleaseFact } from "./release-fact.ts";

/** `etc/alpine-release`: the version, nothing else. */
export function parseAlpineRelease(text: string, path: string): ReleaseFact | null {
	const versionId = cleanVersion(firstLine(text));
	return versionId ? { source: "alpine-release", path, id: "alpine", versionId } : null;
}

/** `etc/debian_version`: `12.15`, or `trixie/sid` before a release. Derivatives often keep Debian's. */
export function parseDebianVersion(text: string, path: string): ReleaseFact | null {
	const versionId = cleanVersion(firstLine(text));
	return versionId ? { source: "debian_version", path, id: "debian", versionId } : null;
}

/** `etc/lsb-release`: DISTRIB_ID, DISTRIB_RELEASE, DISTRIB_DESCRIPTION. */
export function parseLsbRelease(text: string, path: string): ReleaseFact | null {
	const fields = readAssignments(text);
	const id = cleanId(fields.get("DISTRIB_ID") ?? "");
	if (id === "") return null;
	const prettyName = cleanName(fields.get("DISTRIB_DESCRIPTION") ?? "");
	const versionId = cleanVersion(fields.get("DISTRIB_RELEASE") ?? "");
	return { source: "lsb-release", path, id, versionId, ...(prettyName ? { prettyName } : {}) };
}

export function firstLine(text: string): string {
	const [line = ""] = text.split("\n", 1);
	return line.trim();
}
