import { runtimeName, runtimeProducts } from "#model";
import { composer } from "../catalogers/composer/index.ts";
import { dotnet } from "../catalogers/dotnet/index.ts";
import { erlang } from "../catalogers/erlang/index.ts";
import { goBinary } from "../catalogers/go-binary/index.ts";
import { java } from "../catalogers/java/index.ts";
import { npm } from "../catalogers/npm/index.ts";
import { python } from "../catalogers/python/index.ts";
import { normalisePythonName } from "../catalogers/python/name.ts";
import { r } from "../catalogers/r/index.ts";
import { ruby } from "../catalogers/ruby/index.ts";
import { runtime } from "../catalogers/runtime/index.ts";
import { rust } from "../catalogers/rust/index.ts";
import { sbom } from "../catalogers/sbom/index.ts";
import { orderingOf } from "../matching/ordering.ts";
import { composer as composerVersions } from "../versions/composer/index.ts";
import { cran } from "../versions/cran/index.ts";
import { gem } from "../versions/gem/index.ts";
import { golang } from "../versions/golang/index.ts";
import { hex } from "../versions/hex/index.ts";
import { maven } from "../versions/maven/index.ts";
import { nuget } from "../versions/nuget/index.ts";
import { pep440 } from "../versions/pep440/index.ts";
import { release } from "../versions/release/index.ts";
import { semver } from "../versions/semver/index.ts";
import type { Identity, Language, Subject } from "./types.ts";

const base = { kind: "language", identifiers: ["aliases", "upstream"], subjects: itself } as const;

/** Which language ecosystems Plimsoll judges. */
export const languages: readonly Language[] = [
	{
		...base,
		id: "npm",
		name: "Node.js",
		packageType: "npm",
		catalogers: [npm],
		ordering: orderingOf(semver),
		feeds: ["npm"],
		// Old names have capitals, and feeds disagree on them.
		nameOf: lowerCase,
	},
	{
		...base,
		id: "go",
		name: "Go",
		packageType: "golang",
		catalogers: [goBinary],
		ordering: orderingOf(golang),
		feeds: ["Go"],
		identifiers: ["aliases"],
	},
	{
		...base,
		id: "pypi",
		name: "Python",
		packageType: "pypi",
		catalogers: [python],
		ordering: orderingOf(pep440),
		feeds: ["PyPI"],
		nameOf: normalisePythonName,
		subjects: publicVersion,
	},
	{
		...base,
		id: "rubygems",
		name: "Ruby",
		packageType: "gem",
		catalogers: [ruby],
		ordering: orderingOf(gem),
		feeds: ["RubyGems"],
		nameOf: lowerCase,
	},
	{
		...base,
		id: "packagist",
		name: "PHP",
		packageType: "composer",
		catalogers: [composer],
		ordering: orderingOf(composerVersions),
		feeds: ["Packagist"],
		nameOf: lowerCase,
	},
	{
		...base,
		id: "maven",
		name: "Java",
		packageType: "maven",
		catalogers: [java],
		ordering: orderingOf(maven),
		feeds: ["Maven"],
		nameOf: lowerCase,
		// Advisories go by group and artifact.
		incomplete: ({ name }) => (name.includes(":") ? null : "group"),
	},
	{
		...base,
		id: "nuget",
		name: ".NET",
		packageType: "nuget",
		catalogers: [dotnet],
		ordering: orderingOf(nuget),
		feeds: ["NuGet"],
		nameOf: lowerCase,
	},
	{
		...base,
		id: "crates.io",
		name: "Rust",
		packageType: "cargo",
		catalogers: [rust],
		ordering: orderingOf(semver),
		feeds: ["crates.io"],
		nameOf: lowerCase,
	},
	{
		...base,
		id: "cran",
		name: "R",
		packageType: "cran",
		catalogers: [r],
		ordering: orderingOf(cran),
		feeds: ["CRAN"],
	},
	{
		...base,
		id: "hex",
		name: "Erlang and Elixir",
		packageType: "hex",
		catalogers: [erlang],
		ordering: orderingOf(hex),
		feeds: ["Hex"],
	},
	{
		...base,
		id: "bitnami",
		name: "Bitnami",
		packageType: "bitnami",
		catalogers: [sbom],
		ordering: orderingOf(semver),
		feeds: ["Bitnami"],
		subjects: withoutRevision,
	},
	{
		...base,
		id: "programs",
		name: "programs without a package manager",
		packageType: "generic",
		catalogers: [runtime],
		ordering: orderingOf(release),
		feeds: ["NVD", "Bitnami"],
		subjects: byProductNames,
	},
];

/** Bitnami's advisories leave its own revision (`18.6.0-3`) out. */
function withoutRevision({ name, version }: Identity): readonly [Subject] {
	return [{ name, version: version.replace(/-\d+$/, "") }];
}

/** What NVD's advisories call it here, and what Bitnami calls it. */
function byProductNames({ name, version }: Identity): readonly [Subject, ...Subject[]] {
	const product = runtimeProducts.find((known) => known.name === runtimeName(name));
	const { bitnami } = product ?? {};
	return [
		{ name: product?.name ?? name, version, ecosystems: ["NVD"] },
		...(bitnami ? [{ name: bitnami, version, ecosystems: ["Bitnami"] }] : []),
	];
}

/** Advisories speak of public versions; a local label (`2.0.1+cu118`) is a rebuild of one (PEP 440). */
function publicVersion({ name, version }: Identity): readonly [Subject] {
	return [{ name, version: version.replace(/\+.*$/, "") }];
}

function lowerCase(name: string): string {
	return name.toLowerCase();
}

function itself(pkg: Identity): readonly [Subject] {
	return [pkg];
}
