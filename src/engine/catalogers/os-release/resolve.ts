import type { OperatingSystem, Warning } from "#model";
import type { OsFact } from "../types.ts";
import { endOfLife, releaseKey } from "./eol.ts";

/** Release files by what they are worth: os-release first, then files of one distribution, then shared ones. */
const ranks: readonly string[] = [
	"etc/os-release",
	"usr/lib/os-release",
	"x86_64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release",
	"aarch64-bottlerocket-linux-gnu/sys-root/usr/lib/os-release",
	"etc/alpine-release",
	"etc/lsb-release",
	"etc/almalinux-release",
	"etc/rocky-release",
	"etc/oracle-release",
	"etc/fedora-release",
	"usr/lib/fedora-release",
	"etc/centos-release",
	"etc/system-release",
	"usr/lib/system-release",
	"etc/redhat-release",
	"etc/debian_version",
];

/** Which package manager a distribution lives by: files of two families in one image do not belong together. */
const families: Readonly<Record<string, readonly string[]>> = {
	apk: ["alpine", "chainguard", "minimos", "postmarketos", "wolfi"],
	deb: ["debian", "devuan", "echo", "kali", "linuxmint", "pop", "raspbian", "ubuntu"],
	rpm: ["almalinux", "amzn", "azurelinux", "centos", "fedora", "mariner", "ol", "photon", "rhel", "rocky"],
};

/**
 * Decides on one operating system from the release files of a merged image, given in layer order: of two facts about
 * one path the later counts. The version becomes as exact as the distribution's own release file has it. Files that
 * contradict the chosen one (not merely a derivative's leftovers) make one `os_ambiguous` note. Null without facts.
 * Alpine's packages are judged by the release of their repositories, where that is another one.
 */
export function resolveOs(facts: readonly OsFact[]): { os: OperatingSystem | null; warnings: readonly Warning[] } {
	const byPath = new Map(facts.map((fact) => [fact.path, fact]));
	const ranked = [...byPath.values()]
		.filter((fact) => fact.source !== "apk-repositories")
		.sort((a, b) => rankOf(a) - rankOf(b));
	const [chosen, ...others] = ranked;
	if (!chosen) return { os: null, warnings: [] };
	const named = others.reduce((version, fact) => moreExact(version, fact, chosen.id), chosen.versionId);
	const origin = [...byPath.values()].find((fact) => isOtherOrigin(fact, chosen.id, named));
	const versionId = origin?.versionId ?? named;
	const eol = endOfLife(chosen.id, versionId);
	const os: OperatingSystem = {
		id: chosen.id,
		versionId,
		...(chosen.prettyName ? { prettyName: chosen.prettyName } : {}),
		...(eol ? { eol } : {}),
	};
	return { os, warnings: [...ambiguous(chosen, others), ...(origin ? [otherOrigin(origin, named)] : [])] };
}

function rankOf({ path }: OsFact): number {
	const rank = ranks.indexOf(path);
	return rank < 0 ? ranks.length : rank;
}

/** `12` and `12.15` give `12.15`; `13` and `trixie/sid` give `13`; nothing and `trixie/sid` give `trixie/sid`. */
function moreExact(version: string, fact: OsFact, id: string): string {
	if (fact.id !== id) return version;
	return version === "" || fact.versionId.startsWith(`${version}.`) ? fact.versionId : version;
}

/** Whether packages come from another release than the files name; `3.19` is where those of `3.19.1` come from. */
function isOtherOrigin({ source, id, versionId }: OsFact, chosenId: string, named: string): boolean {
	return source === "apk-repositories" && id === chosenId && named !== versionId && !named.startsWith(`${versionId}.`);
}

function otherOrigin({ path, id, versionId }: OsFact, named: string): Warning {
	const message = `The release files say ${id} ${named}, but packages come from the repositories of ${versionId}: the advisories of ${versionId} were taken.`;
	return { code: "os_ambiguous", message, path };
}

function ambiguous(chosen: OsFact, others: readonly OsFact[]): readonly Warning[] {
	const against = others.filter((fact) => contradicts(fact, chosen));
	const [first] = against;
	if (!first) return [];
	const said = against.map(describe).join(", ");
	const message = `The release files disagree: ${describe(chosen)}, but ${said}. The first was believed.`;
	return [{ code: "os_ambiguous", message, path: first.path }];
}

function contradicts(fact: OsFact, chosen: OsFact): boolean {
	if (fact.id === chosen.id) {
		const one = releaseKey(fact.id, fact.versionId);
		const other = releaseKey(chosen.id, chosen.versionId);
		return one !== "" && other !== "" && one !== other;
	}
	if (fact.source === "os-release") return true;
	const one = familyOf(fact.id);
	const other = familyOf(chosen.id);
	return one !== undefined && other !== undefined && one !== other;
}

function familyOf(id: string): string | undefined {
	return Object.keys(families).find((family) => families[family]?.includes(id));
}

function describe({ path, id, versionId }: OsFact): string {
	return `${path} says ${versionId ? `${id} ${versionId}` : id}`;
}
