import type { OperatingSystem } from "#model";
import { apk } from "../catalogers/apk/index.ts";
import { dpkg } from "../catalogers/dpkg/index.ts";
import { redhatContentSets } from "../catalogers/redhat-content-sets/index.ts";
import { rpm } from "../catalogers/rpm/index.ts";
import { orderingOf } from "../matching/ordering.ts";
import { apk as apkVersions } from "../versions/apk/index.ts";
import { deb as debVersions } from "../versions/deb/index.ts";
import { rpm as rpmVersions } from "../versions/rpm/index.ts";
import { amazonRelease, isStream, major, majorMinor, suseRelease, ubuntuEcosystems } from "./release.ts";
import type { Distribution, Identity, Subject } from "./types.ts";

const upstreamToo = ["aliases", "upstream"] as const;
/** Errata of the Enterprise Linux family name their CVEs there (AlmaLinux/osv-database). */
const relatedToo = ["aliases", "upstream", "related"] as const;

const deb = {
	kind: "distribution",
	packageType: "deb",
	catalogers: [dpkg],
	ordering: orderingOf(debVersions),
	identifiers: upstreamToo,
	subjects: bySource,
} as const;

const apkRow = { ...deb, packageType: "apk", catalogers: [apk], ordering: orderingOf(apkVersions) } as const;

const rpmRow = {
	...deb,
	packageType: "rpm",
	catalogers: [rpm, redhatContentSets],
	ordering: orderingOf(rpmVersions),
	identifiers: relatedToo,
	// Built for a module, as its release says, but of which stream is not told: the same package outside it is another one.
	incomplete: (pkg: Identity) => (!pkg.modularity && /\.module[+_]/.test(pkg.version) ? "module" : null),
} as const;

/** Red Hat's advisories and those of its rebuilds name binary packages. */
const enterpriseLinux = { ...rpmRow, subjects: byName } as const;

/**
 * Which distributions Plimsoll judges, and what their advisories are called. Whether a feed names source or binary
 * packages decides its findings wholesale; the facts are in docs/ecosystems.md.
 */
export const distributions: readonly Distribution[] = [
	{ ...deb, id: "debian", ids: ["debian"], name: "Debian", ...named("Debian", major) },
	{
		...deb,
		id: "ubuntu",
		ids: ["ubuntu"],
		name: "Ubuntu",
		// The second is what a trivy-db has of Ubuntu Pro.
		feeds: ["Ubuntu", "Ubuntu ESM"],
		advisoryEcosystems: ubuntuEcosystems,
		firstEcosystemDecides: true,
	},
	{ ...deb, id: "echo", ids: ["echo"], name: "Echo", ...rolling("Echo") },
	{
		...apkRow,
		id: "alpine",
		ids: ["alpine"],
		name: "Alpine",
		feeds: ["Alpine"],
		advisoryEcosystems: (os) => only(majorMinor(os), (release) => `Alpine:v${release}`),
	},
	{ ...apkRow, id: "wolfi", ids: ["wolfi"], name: "Wolfi", ...rolling("Wolfi") },
	{ ...apkRow, id: "chainguard", ids: ["chainguard"], name: "Chainguard", ...rolling("Chainguard") },
	{ ...apkRow, id: "minimos", ids: ["minimos"], name: "MinimOS", ...rolling("MinimOS") },
	{ ...apkRow, id: "alpaquita", ids: ["alpaquita"], name: "Alpaquita", ...named("Alpaquita", bellSoftRelease) },
	{
		...enterpriseLinux,
		id: "rhel",
		ids: ["rhel"],
		name: "Red Hat Enterprise Linux",
		feeds: ["Red Hat"],
		subjects: byNameAndSource,
		advisoryEcosystems: redHat,
		products: redHatProducts,
	},
	{
		...enterpriseLinux,
		id: "centos",
		ids: ["centos"],
		name: "CentOS Linux",
		feeds: ["Red Hat"],
		advisoryEcosystems: (os) => (isStream(os) ? [] : redHat(os)),
		products: redHatProducts,
	},
	{ ...enterpriseLinux, id: "almalinux", ids: ["almalinux"], name: "AlmaLinux", ...named("AlmaLinux", major) },
	{
		...rpmRow,
		id: "rocky",
		ids: ["rocky"],
		name: "Rocky Linux",
		subjects: byNameAndSource,
		...named("Rocky Linux", major),
	},
	{
		...enterpriseLinux,
		id: "oracle",
		ids: ["ol"],
		name: "Oracle Linux",
		flavourOf: oracleFlavour,
		...named("Oracle Linux", major),
	},
	{ ...enterpriseLinux, id: "amazon", ids: ["amzn"], name: "Amazon Linux", ...named("Amazon Linux", amazonRelease) },
	{
		...rpmRow,
		id: "suse",
		ids: ["sles", "sled", "sles_sap", "sle_hpc"],
		name: "SUSE Linux Enterprise",
		subjects: byNameAndSource,
		feeds: ["SUSE", "SUSE Linux Enterprise"],
		advisoryEcosystems: (os) => [
			...only(suseRelease(os), (release) => `SUSE:${release}`),
			// Modules of SUSE Linux Enterprise 12 are published for all of its service packs.
			...(major(os) === "12" && suseRelease(os) !== "12" ? ["SUSE:12"] : []),
			...only(os.versionId || null, (release) => `SUSE Linux Enterprise:${release}`),
		],
	},
	{
		...rpmRow,
		id: "suse-micro",
		ids: ["sle-micro", "sl-micro", "sle-micro-rancher"],
		name: "SUSE Linux Micro",
		subjects: byNameAndSource,
		feeds: ["SUSE", "SUSE Linux Enterprise Micro"],
		advisoryEcosystems: (os) => [
			...only(majorMinor(os), (release) => `SUSE:Micro ${release}`),
			...only(majorMinor(os), (release) => `SUSE Linux Enterprise Micro:${release}`),
		],
	},
	{
		...rpmRow,
		id: "opensuse-leap",
		ids: ["opensuse-leap", "opensuse"],
		name: "openSUSE Leap",
		subjects: byNameAndSource,
		feeds: ["openSUSE"],
		advisoryEcosystems: (os) => only(majorMinor(os), (release) => `openSUSE:Leap ${release}`),
	},
	{
		...rpmRow,
		id: "opensuse-tumbleweed",
		ids: ["opensuse-tumbleweed"],
		name: "openSUSE Tumbleweed",
		subjects: byNameAndSource,
		feeds: ["openSUSE"],
		advisoryEcosystems: () => ["openSUSE:Tumbleweed"],
	},
	{
		...rpmRow,
		id: "photon",
		ids: ["photon"],
		name: "Photon OS",
		subjects: (pkg) => [{ name: pkg.source?.name ?? pkg.name, version: pkg.version }],
		...named("Photon OS", majorMinor),
	},
	{
		...rpmRow,
		id: "azurelinux",
		ids: ["azurelinux"],
		name: "Azure Linux",
		subjects: withoutEpoch,
		...named("Azure Linux", major),
	},
	{
		...rpmRow,
		id: "mariner",
		ids: ["mariner"],
		name: "CBL-Mariner",
		subjects: withoutEpoch,
		feeds: ["Azure Linux", "CBL-Mariner"],
		advisoryEcosystems: (os) => [
			...only(major(os), (release) => `Azure Linux:${release}`),
			...only(majorMinor(os), (release) => `CBL-Mariner:${release}`),
		],
	},
	{
		...rpmRow,
		id: "openeuler",
		ids: ["openeuler"],
		name: "openEuler",
		...named("openEuler", ({ versionId }) => (/^\d\d\.\d\d(?:-LTS(?:-SP\d+)?)?$/.test(versionId) ? versionId : null)),
	},
	{ ...rpmRow, id: "mageia", ids: ["mageia"], name: "Mageia", ...named("Mageia", major) },
	{
		...enterpriseLinux,
		id: "bottlerocket",
		ids: ["bottlerocket"],
		name: "Bottlerocket",
		...rolling("Bottlerocket"),
	},
];

/** Advisories are written on source packages; where a package has none, on the package itself. */
function bySource(pkg: Identity): readonly [Subject] {
	return [pkg.source ?? pkg];
}

function byName({ name, version }: Identity): readonly [Subject] {
	return [{ name, version }];
}

/** The feed names binary packages for what is fixed and source packages for what is not, or does not say which. */
function byNameAndSource(pkg: Identity): readonly [Subject, ...Subject[]] {
	const { source } = pkg;
	return source ? [...byName(pkg), { ...source, isSource: true }] : byName(pkg);
}

/** The feed's versions have no epoch. */
function withoutEpoch(pkg: Identity): readonly [Subject] {
	const { name, version } = pkg.source ?? pkg;
	return [{ name, version: version.replace(/^\d+:/, "") }];
}

type Release = (os: OperatingSystem) => string | null;

/** A feed with one ecosystem a release: `Debian:12`. */
function named(feed: string, release: Release): Pick<Distribution, "feeds" | "advisoryEcosystems"> {
	return { feeds: [feed], advisoryEcosystems: (os) => only(release(os), (text) => `${feed}:${text}`) };
}

/** A feed for a distribution without releases. */
function rolling(feed: string): Pick<Distribution, "feeds" | "advisoryEcosystems"> {
	return { feeds: [feed], advisoryEcosystems: () => [feed] };
}

function only(release: string | null, name: (release: string) => string): readonly string[] {
	return release === null ? [] : [name(release)];
}

function bellSoftRelease({ versionId }: OperatingSystem): string | null {
	return /^(?:stream|\d+)$/.test(versionId) ? versionId : null;
}

/** All releases are told apart by products (`AffectedOnly.products`). */
function redHat(os: OperatingSystem): readonly string[] {
	return major(os) === null ? [] : ["Red Hat"];
}

/** Oracle's ksplice and FIPS builds have versions of their own line (trivy.md §1.8). */
function oracleFlavour(version: string): string | null {
	if (/\.ksplice\d/.test(version)) return "ksplice";
	return version.includes("_fips") ? "fips" : null;
}

/** The repositories that every system has (trivy.md §1.8, "default sets"). */
function redHatProducts(os: OperatingSystem): readonly string[] {
	const release = major(os) ?? "";
	const base = `redhat:enterprise_linux:${release}`;
	return [`cpe:/o:${base}`, `cpe:/o:${base}::baseos`, `cpe:/a:${base}`, `cpe:/a:${base}::appstream`];
}
