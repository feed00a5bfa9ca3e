import type { FindingState, PackageType, Severity, Suppression } from "#model";

/** Trivy's words for what the model calls otherwise (reference: pkg/fanal/types and pkg/types of aquasecurity/trivy). */

/** os-release IDs that Trivy spells its own way. */
const families: ReadonlyMap<string, string> = new Map([
	["rhel", "redhat"],
	["almalinux", "alma"],
	["ol", "oracle"],
	["amzn", "amazon"],
	["mariner", "cbl-mariner"],
	["sles", "suse linux enterprise server"],
	["sle-micro", "slem"],
	["sl-micro", "slem"],
]);

export function familyOf(id: string): string {
	return families.get(id) ?? id;
}

/** How packages of one type are reported. */
export interface Kind {
	readonly type: string;
	/** The target of all of them; null: each file is a target of its own. */
	readonly target: string | null;
}

export const kinds: Readonly<Record<Exclude<PackageType, "deb" | "apk" | "rpm">, Kind>> = {
	npm: { type: "node-pkg", target: "Node.js" },
	pypi: { type: "python-pkg", target: "Python" },
	conda: { type: "conda-pkg", target: "Conda" },
	gem: { type: "gemspec", target: "Ruby" },
	maven: { type: "jar", target: "Java" },
	golang: { type: "gobinary", target: null },
	cargo: { type: "rustbinary", target: null },
	composer: { type: "composer-vendor", target: null },
	nuget: { type: "dotnet-core", target: null },
	hex: { type: "hex", target: null },
	bitnami: { type: "bitnami", target: "Bitnami" },
	// Trivy knows none of these.
	cran: { type: "cran", target: null },
	cpan: { type: "cpan", target: null },
	generic: { type: "generic", target: null },
};

export const severityWords: Readonly<Record<Severity, string>> = {
	critical: "CRITICAL",
	high: "HIGH",
	medium: "MEDIUM",
	low: "LOW",
	negligible: "LOW",
	unknown: "UNKNOWN",
};

export const severityNumbers: Readonly<Record<Severity, number>> = {
	unknown: 0,
	negligible: 1,
	low: 1,
	medium: 2,
	high: 3,
	critical: 4,
};

export const statusWords: Readonly<Record<FindingState, string>> = {
	fixed: "fixed",
	affected: "affected",
	wont_fix: "will_not_fix",
	deferred: "fix_deferred",
	end_of_life: "end_of_life",
	under_investigation: "under_investigation",
};

export const suppressionWords: Readonly<Record<Suppression["status"], string>> = {
	not_affected: "not_affected",
	fixed: "fixed",
	accepted: "ignored",
};

/** A version as Trivy takes it apart: `1:2.3-4` is epoch 1, version 2.3, release 4; Alpine's and languages' stay whole. */
export function versionParts(type: PackageType, text: string): { Version?: string; Release?: string; Epoch?: number } {
	if (type !== "deb" && type !== "rpm") return text === "" ? {} : { Version: text };
	const [, epoch, rest = ""] = /^(?:(\d{1,9}):)?(.*)$/s.exec(text) ?? [];
	const dash = rest.lastIndexOf("-");
	const [version, release] = dash < 0 ? [rest, ""] : [rest.slice(0, dash), rest.slice(dash + 1)];
	return {
		...(version === "" ? {} : { Version: version }),
		...(release === "" ? {} : { Release: release }),
		...(Number(epoch ?? 0) > 0 ? { Epoch: Number(epoch) } : {}),
	};
}
