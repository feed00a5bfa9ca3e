import { cleanId, cleanName, cleanVersion, readAssignments, servicePack } from "./parse-os-release.ts";
import { firstLine } from "./parse-release-files.ts";
import type { ReleaseFact } from "./release-fact.ts";

/** Names in `…-release` files, with the os-release `ID` of the same distribution. The first that fits counts. */
const distributions: readonly (readonly [prefix: string, id: string])[] = [
	["Alibaba Cloud Linux", "alinux"],
	["Aliyun Linux", "alinux"],
	["AlmaLinux", "almalinux"],
	["Amazon Linux", "amzn"],
	["Anolis OS", "anolis"],
	["CentOS", "centos"],
	["CloudLinux", "cloudlinux"],
	["EulerOS", "euleros"],
	["EuroLinux", "eurolinux"],
	["Fedora", "fedora"],
	["Kylin Linux", "kylin"],
	["Mageia", "mageia"],
	["OpenCloudOS", "opencloudos"],
	["openEuler", "openeuler"],
	["Oracle Linux", "ol"],
	["Red Hat Enterprise Linux", "rhel"],
	["Rocky Linux", "rocky"],
	["Scientific Linux", "scientific"],
	["TencentOS", "tencentos"],
	["Virtuozzo", "virtuozzo"],
];

/**
 * `etc/redhat-release` and its kin: `AlmaLinux release 9.4 (Seafoam Ocelot)`. A name that is not known becomes its own
 * `ID` (`Example Linux` is `example-linux`): such an image runs a system, though not one that is judged.
 */
export function parseSystemRelease(text: string, path: string): ReleaseFact | null {
	const line = firstLine(text);
	const [, name, number, rest = ""] =
		/^([^\p{Cc}]{1,100}?) release (V?\d[\d.]{0,40})(?: (\([^)]{1,40}\)))?/u.exec(line) ?? [];
	if (name === undefined || number === undefined) return null;
	const id = distributions.find(([prefix]) => name.startsWith(prefix))?.[1] ?? idOfName(name);
	if (id === "") return null;
	const versionId = id === "openeuler" ? servicePack(number, rest) : number;
	const source = path.endsWith("/redhat-release") ? "redhat-release" : "system-release";
	return { source, path, id, versionId, prettyName: cleanName(line) };
}

/** `VMware Photon OS 5.0`, `CBL-Mariner 2.0.20240123`, `Azure Linux 3.0.20240801`: whose it is, the path tells. */
export function versionAfterName(id: string): (text: string, path: string) => ReleaseFact | null {
	return (text, path) => {
		const line = firstLine(text);
		const [, versionId] = /^[^\d\p{Cc}]{1,60} (\d[\d.]{0,40})$/u.exec(line) ?? [];
		return versionId === undefined
			? null
			: { source: "system-release", path, id, versionId, prettyName: cleanName(line) };
	};
}

/** `etc/SuSE-release`, which SUSE gave up after SLES 12: a name, `VERSION = 11` and, for SLES, `PATCHLEVEL = 4`. */
export function parseSuseRelease(text: string, path: string): ReleaseFact | null {
	const name = firstLine(text);
	const fields = readAssignments(text.replace(/^(VERSION|PATCHLEVEL) = /gm, "$1="));
	const version = cleanVersion(fields.get("VERSION") ?? "");
	const id = suseId(name, version);
	if (id === "") return null;
	const patchLevel = cleanVersion(fields.get("PATCHLEVEL") ?? "");
	const versionId = /^[1-9]\d?$/.test(patchLevel) ? `${version}.${patchLevel}` : version;
	return { source: "system-release", path, id, versionId, prettyName: cleanName(name) };
}

function suseId(name: string, version: string): string {
	if (name.startsWith("SUSE Linux Enterprise Server")) return "sles";
	if (name.startsWith("SUSE Linux Enterprise Desktop")) return "sled";
	if (!name.startsWith("openSUSE")) return "";
	return version.startsWith("42.") ? "opensuse-leap" : "opensuse";
}

function idOfName(name: string): string {
	const words = name.toLowerCase().match(/[a-z0-9._]+/g) ?? [];
	return cleanId(words.join("-"));
}
