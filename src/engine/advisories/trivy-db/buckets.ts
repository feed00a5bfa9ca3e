/** Which ecosystem a top bucket of trivy-db holds, in the words of OSV and of our own feeds. */

export type Bucket =
	| { readonly kind: "distribution"; readonly ecosystem: string; readonly keepsUnfixed: boolean }
	| { readonly kind: "language"; readonly ecosystem: string }
	| { readonly kind: "red-hat" }
	/** Known, and of no use here: build lists, orchestrators. */
	| { readonly kind: "other" };

const languages: Readonly<Record<string, string>> = {
	bitnami: "Bitnami",
	cargo: "crates.io",
	cocoapods: "CocoaPods",
	composer: "Packagist",
	conan: "ConanCenter",
	erlang: "Hex",
	go: "Go",
	julia: "Julia",
	maven: "Maven",
	npm: "npm",
	nuget: "NuGet",
	pip: "PyPI",
	pub: "Pub",
	rubygems: "RubyGems",
	swift: "SwiftURL",
};

/** In each: the release as the bucket's name ends, and OSV's form of it. */
const distributions: readonly {
	readonly name: RegExp;
	readonly ecosystem: (release: string) => string;
	readonly unfixed?: true;
}[] = [
	{ name: /^alpine (\d.*)$/, ecosystem: (release) => `Alpine:v${release}` },
	{ name: /^alpine (edge)$/, ecosystem: (release) => `Alpine:${release}` },
	{ name: /^debian (.+)$/, ecosystem: (release) => `Debian:${release}`, unfixed: true },
	{ name: /^ubuntu (.+)$/, ecosystem: ubuntu, unfixed: true },
	{ name: /^alma (.+)$/, ecosystem: (release) => `AlmaLinux:${release}` },
	{ name: /^rocky (.+)$/, ecosystem: (release) => `Rocky Linux:${release}` },
	{ name: /^amazon linux (.+)$/, ecosystem: (release) => `Amazon Linux:${release}` },
	{ name: /^Oracle Linux (.+)$/, ecosystem: (release) => `Oracle Linux:${release}` },
	{ name: /^Photon OS (.+)$/, ecosystem: (release) => `Photon OS:${release}` },
	{ name: /^SUSE Linux Enterprise (\d.*)$/, ecosystem: (release) => `SUSE Linux Enterprise:${release}` },
	{ name: /^SUSE Linux Enterprise Micro (.+)$/, ecosystem: (release) => `SUSE Linux Enterprise Micro:${release}` },
	{ name: /^openSUSE (.+)$/, ecosystem: (release) => `openSUSE:${release}` },
	{ name: /^Azure Linux (.+)$/, ecosystem: (release) => `Azure Linux:${release.replace(/\.0$/, "")}`, unfixed: true },
	{ name: /^CBL-Mariner (.+)$/, ecosystem: (release) => `CBL-Mariner:${release}`, unfixed: true },
	{ name: /^(wolfi)$/, ecosystem: () => "Wolfi" },
	{ name: /^(chainguard)$/, ecosystem: () => "Chainguard" },
	{ name: /^(minimos)$/, ecosystem: () => "MinimOS" },
	{ name: /^(echo)$/, ecosystem: () => "Echo", unfixed: true },
	{ name: /^(bottlerocket)$/, ecosystem: () => "Bottlerocket" },
];

/** Null for a bucket that is not known. */
export function bucketOf(name: string): Bucket | null {
	if (name === "Red Hat") return { kind: "red-hat" };
	const colons = name.indexOf("::");
	if (colons >= 0) {
		const ecosystem = languages[name.slice(0, colons)];
		return ecosystem === undefined ? { kind: "other" } : { kind: "language", ecosystem };
	}
	for (const { name: pattern, ecosystem, unfixed } of distributions) {
		const release = pattern.exec(name)?.[1];
		if (release !== undefined)
			return { kind: "distribution", ecosystem: ecosystem(release), keepsUnfixed: unfixed ?? false };
	}
	return null;
}

/** Even years' April releases have long-term support; `-ESM` is what Ubuntu Pro adds. */
function ubuntu(release: string): string {
	const [version = release, extended] = release.split(/-(?=ESM$)/);
	const longTerm = /^\d[02468]\.04$/.test(version) ? ":LTS" : "";
	return extended === undefined ? `Ubuntu:${version}${longTerm}` : `Ubuntu ESM:${version}`;
}
