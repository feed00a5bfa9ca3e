import {
	counted,
	type InstalledPackage,
	makesPartial,
	type OperatingSystem,
	type Warning,
	type WarningCode,
} from "#model";
import { distributionNames } from "./ecosystems.ts";

/** Why a package was not judged. */
export type LeftoverKind =
	| "os"
	| "thirdParty"
	| "owned"
	| "versionless"
	| "group"
	| "module"
	| "malformed"
	| "unadvised";

/** What is said of them; `os` is `os_unknown` where the image names none. */
const codes: Readonly<Record<LeftoverKind, WarningCode>> = {
	os: "os_unsupported",
	unadvised: "advisories_missing",
	malformed: "version_malformed",
	thirdParty: "third_party_packages",
	versionless: "version_unknown",
	group: "name_incomplete",
	module: "module_unknown",
	owned: "packages_os_owned",
};

/** Whether an image with such a package was not looked at as a whole. */
export function isGap(kind: LeftoverKind): boolean {
	return makesPartial({ code: codes[kind], message: "" });
}

/** Packages that were found but not judged, gathered so that each reason makes one sentence. */
export class Leftovers {
	readonly #kinds = new Map<LeftoverKind, { pkg: InstalledPackage; detail: string }[]>();

	add(kind: LeftoverKind, pkg: InstalledPackage, detail: string): void {
		const list = this.#kinds.get(kind);
		if (list) list.push({ pkg, detail });
		else this.#kinds.set(kind, [{ pkg, detail }]);
	}

	warnings(os: OperatingSystem | null): Warning[] {
		return [
			...this.#warn("os", (count) => ({
				code: os ? codes.os : "os_unknown",
				message: os
					? `${counted(count, "OS package")} could not be judged: ${describeOs(os)} has no advisories here (supported: ${distributionNames.join(", ")}).`
					: `${counted(count, "OS package")} could not be judged: the image does not say which operating system it is.`,
			})),
			...this.#warn("unadvised", (count, details) => ({
				code: codes.unadvised,
				message: `${counted(count, "package")} could not be judged: the advisory database has no records for ${details.join(", ")}.`,
			})),
			...this.#warn("malformed", (count, _details, names) => ({
				code: codes.malformed,
				message: `${counted(count, "package")} could not be judged: the version is malformed: ${some(names)}.`,
			})),
			...this.#warn("thirdParty", (count, details, names) => ({
				code: codes.thirdParty,
				message: `${counted(count, "package")} from other vendors (${some(details)}) could not be judged, the distribution has no advisories for ${count === 1 ? "it" : "them"}: ${some(names)}.`,
			})),
			...this.#warn("versionless", (count, _details, names) => ({
				code: codes.versionless,
				message: `${counted(count, "package")} could not be judged, since the version is not recorded: ${some(names)}.`,
			})),
			...this.#warn("group", (count, _details, names) => ({
				code: codes.group,
				message: `${counted(count, "Java package")} could not be judged, since ${count === 1 ? "its archive does" : "their archives do"} not tell the group: ${some(names)}.`,
			})),
			...this.#warn("module", (count, _details, names) => ({
				code: codes.module,
				message: `${counted(count, "package")} of a module could not be judged, since the package database does not tell which module and stream: ${some(names)}.`,
			})),
			...this.#warn("owned", (count, details) => ({
				code: codes.owned,
				message: `${counted(count, "language package")} came with OS packages (${some(details)}) and ${count === 1 ? "is" : "are"} judged by the distribution's advisories.`,
			})),
		];
	}

	#warn(kind: LeftoverKind, describe: (count: number, details: string[], names: string[]) => Warning): Warning[] {
		const list = this.#kinds.get(kind);
		if (!list) return [];
		const details = [...new Set(list.map((entry) => entry.detail))].sort();
		return [describe(list.length, details, [...new Set(list.map(({ pkg }) => `${pkg.name} ${pkg.version}`.trim()))])];
	}
}

/** `Debian GNU/Linux 12 (bookworm)`, or what there is. */
export function describeOs(os: OperatingSystem): string {
	return os.prettyName ?? `${os.id} ${os.versionId}`.trim();
}

/** Up to five names, and how many more. */
export function some(names: readonly string[]): string {
	const shown = names.slice(0, 5).join(", ");
	return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
