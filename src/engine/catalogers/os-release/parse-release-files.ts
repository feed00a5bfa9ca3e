import type { OsFact } from "../types.ts";
import { cleanId, cleanName, cleanVersion, readAssignments } from "./parse-os-release.ts";

/** `etc/alpine-release`: the version, nothing else. */
export function parseAlpineRelease(text: string, path: string): OsFact | null {
	const versionId = cleanVersion(firstLine(text));
	return versionId ? { source: "alpine-release", path, id: "alpine", versionId } : null;
}

/** `etc/debian_version`: `12.15`, or `trixie/sid` before a release. Derivatives often keep Debian's. */
export function parseDebianVersion(text: string, path: string): OsFact | null {
	const versionId = cleanVersion(firstLine(text));
	return versionId ? { source: "debian_version", path, id: "debian", versionId } : null;
}

/** `etc/lsb-release`: DISTRIB_ID, DISTRIB_RELEASE, DISTRIB_DESCRIPTION. */
export function parseLsbRelease(text: string, path: string): OsFact | null {
	const fields = readAssignments(text);
	const id = cleanId(fields.get("DISTRIB_ID") ?? "");
	if (id === "") return null;
	const prettyName = cleanName(fields.get("DISTRIB_DESCRIPTION") ?? "");
	const versionId = cleanVersion(fields.get("DISTRIB_RELEASE") ?? "");
	return { source: "lsb-release", path, id, versionId, ...(prettyName ? { prettyName } : {}) };
}

/** Names in `…-release` files, with the os-release `ID` of the same distribution. The first that fits counts. */
const distributions: readonly (readonly [prefix: string, id: string])[] = [
	["AlmaLinux", "almalinux"],
	["Amazon Linux", "amzn"],
	["CentOS", "centos"],
	["Fedora", "fedora"],
	["Oracle Linux", "ol"],
	["Red Hat Enterprise Linux", "rhel"],
	["Rocky Linux", "rocky"],
];

/** `etc/redhat-release` and its kin: `AlmaLinux release 9.4 (Seafoam Ocelot)`. Other distributions say nothing here. */
export function parseSystemRelease(text: string, path: string): OsFact | null {
	const line = firstLine(text);
	const [, name, version] = /^(.{1,100}?) release (\d[\d.]*)/.exec(line) ?? [];
	if (name === undefined || version === undefined) return null;
	const found = distributions.find(([prefix]) => name.startsWith(prefix));
	if (!found) return null;
	return { source: "system-release", path, id: found[1], versionId: version, prettyName: cleanName(line) };
}

function firstLine(text: string): string {
	const [line = ""] = text.split("\n", 1);
	return line.trim();
}
