import type { OperatingSystem, Warning } from "#model";
import type { OsFact } from "../types.ts";
import { endOfLife, releaseKey } from "./eol.ts";
import { familyOf } from "./families.ts";
import type { ReleaseFact } from "./release-fact.ts";

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
	"etc/azurelinux-release",
	"etc/mariner-release",
	"etc/photon-release",
	"etc/mageia-release",
	"etc/openEuler-release",
	"etc/SuSE-release",
	"etc/system-release",
	"usr/lib/system-release",
	"etc/redhat-release",
	"etc/debian_version",
];

/** Facts that add to what the others name, and name no system themselves. */
const additions: ReadonlySet<OsFact["source"]> = new Set<OsFact["source"]>(["apk-repositories", "ubuntu-advantage"]);

/**
 * Decides on one operating system from the release files of a merged image, given in layer order: of two facts about
 * one path the later counts. The version becomes as exact as the distribution's own release file has it. Files that
 * contradict the chosen one (not merely a derivative's leftovers) make one `os_ambiguous` note. Null without facts.
 * Alpine's packages are judged by the release of their repositories, where that is another one.
 */
export function resolveOs(facts: readonly ReleaseFact[]): {
	os: OperatingSystem | null;
	warnings: readonly Warning[];
} {
	const byPath = new Map(facts.map((fact) => [fact.path, fact]));
	const all = [...byPath.values()];
	const [chosen, ...others] = all.filter((fact) => !additions.has(fact.source)).sort((a, b) => rankOf(a) - rankOf(b));
	if (!chosen) return { os: null, warnings: [] };
	const named = others.reduce((version, fact) => moreExact(version, fact, chosen.id), chosen.versionId);
	const origin = all.find((fact) => isOtherOrigin(fact, chosen.id, named));
	const extended = all.find((fact) => fact.extended !== undefined && fact.id === chosen.id)?.extended;
	const release = { ...chosen, versionId: origin?.versionId ?? named, ...(extended ? { extended } : {}) };
	const eol = endOfLife(release);
	const os: OperatingSystem = {
		id: release.id,
		versionId: release.versionId,
		...(release.prettyName ? { prettyName: release.prettyName } : {}),
		...(eol ? { eol } : {}),
		...(release.idLike ? { idLike: release.idLike } : {}),
		...(extended ? { extended } : {}),
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
	const one = familyOf(fact);
	const other = familyOf(chosen);
	return one !== undefined && other !== undefined && one !== other;
}

function describe({ path, id, versionId }: OsFact): string {
	return `${path} says ${versionId ? `${id} ${versionId}` : id}`;
}
