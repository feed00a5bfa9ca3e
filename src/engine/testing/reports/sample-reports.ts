import {
	type Finding,
	type FindingState,
	type PackageType,
	purlOf,
	type Report,
	type ReportLayer,
	type ReportPackage,
	type Severity,
	summarise,
	type Warning,
} from "#model";

/** Hand-made reports for the report formats' tests: fixed times and digests, made-up vulnerabilities. */

function digestOf(digit: string): string {
	return `sha256:${digit.repeat(64)}`;
}

export interface FindingFacts {
	readonly id: string;
	readonly severity: Severity;
	readonly name: string;
	readonly version: string;
	readonly type?: PackageType;
	readonly source?: string;
	readonly fixed?: string;
	readonly state?: FindingState;
	readonly layer?: number;
	readonly title?: string;
	readonly paths?: readonly string[];
	readonly parents?: readonly string[];
}

/** One finding; what is not told has a plain value. */
export function sampleFinding(facts: FindingFacts, layers: readonly ReportLayer[] = debianLayers): Finding {
	const { id, severity, name, version, type = "deb", source, fixed, layer = 0, title } = facts;
	const from = layers[layer] ?? { index: layer, digest: digestOf("0"), createdBy: "" };
	return {
		id,
		aliases: [`DEBIAN-${id}`],
		severity,
		severitySource: severity === "unknown" ? null : "nvd",
		cvss:
			severity === "unknown"
				? []
				: [{ source: "nvd", version: "3.1", vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", score: 9.8 }],
		...(title === undefined ? {} : { title }),
		package: {
			name,
			version,
			type,
			purl: /^[\w@/.:~+-]*$/.test(name + version)
				? `pkg:${type}/${type === "deb" ? "debian/" : ""}${name}@${version}`
				: purlOf({ type, name, version, path: "" }, null),
			...(source === undefined ? {} : { source: { name: source, version } }),
		},
		fixedVersion: fixed ?? null,
		state: facts.state ?? (fixed === undefined ? "affected" : "fixed"),
		origin: {
			layer: { index: from.index, digest: from.digest, createdBy: from.createdBy },
			kind: "unknown",
			paths: facts.paths ?? ["var/lib/dpkg/status"],
			parents: facts.parents ?? [],
		},
		references: [`https://security.example/${id}`],
	};
}

const debianLayers: readonly ReportLayer[] = [
	{
		index: 0,
		digest: digestOf("a"),
		diffId: digestOf("1"),
		createdBy: "/bin/sh -c #(nop) ADD file:4b1be1de1a1e5aa608c688cad2824587262081866180d7368feb79d33ca05953 in / ",
		size: 29_150_000,
	},
	{
		index: 1,
		digest: digestOf("b"),
		diffId: digestOf("2"),
		createdBy:
			"RUN /bin/sh -c set -eux; \tapt-get update; \n\tapt-get install -y --no-install-recommends ca-certificates curl netbase; rm -rf /var/lib/apt/lists/* # buildkit",
		size: 12_400_000,
	},
	{
		index: 2,
		digest: digestOf("c"),
		diffId: digestOf("3"),
		createdBy: "COPY node_modules /srv/app/node_modules # buildkit",
		size: 48_000_000,
	},
];

export function imageReport(findings: readonly Finding[], over: Partial<Report> = {}): Report {
	return {
		schemaVersion: "1",
		kind: "image",
		createdAt: "2026-11-23T18:00:00.000Z",
		artifact: {
			name: "registry.example/shop/web:1.4.2",
			digest: digestOf("d"),
			mediaType: "application/vnd.oci.image.manifest.v1+json",
			platform: "linux/amd64",
			os: { id: "debian", versionId: "12.5", prettyName: "Debian GNU/Linux 12 (bookworm)", eol: "2028-06-30" },
			layers: debianLayers,
			base: null,
		},
		scanner: { name: "plimsoll", version: "0.1.0" },
		advisories: {
			digest: digestOf("e"),
			builtAt: "2026-11-23T04:00:00.000Z",
			sources: [
				{ ecosystem: "Debian:12", records: 31_204, newest: "2026-11-22T21:10:00Z" },
				{ ecosystem: "npm", records: 18_000, newest: "2026-11-22T20:00:00Z" },
			],
		},
		status: "complete",
		warnings: [],
		summary: summarise(findings),
		findings,
		packageCount: 143,
		judgedCount: over.packageCount ?? 143,
		...over,
	};
}

const openssl = { version: "3.0.11-1~deb12u2", source: "openssl" };

/** Ten findings in four packages: a source package with two binaries, an npm package in two places, no fix, not to be fixed. */
export const debianFindings: readonly Finding[] = [
	sampleFinding({
		id: "CVE-2026-1001",
		severity: "critical",
		name: "libssl3",
		fixed: "3.0.14-1~deb12u2",
		title: "Use after free in the handling of renegotiated sessions allows remote code execution",
		...openssl,
	}),
	sampleFinding({
		id: "CVE-2026-1001",
		severity: "critical",
		name: "openssl",
		fixed: "3.0.14-1~deb12u2",
		title: "Use after free in the handling of renegotiated sessions allows remote code execution",
		layer: 1,
		...openssl,
	}),
	sampleFinding({
		id: "CVE-2026-22",
		severity: "medium",
		name: "libssl3",
		fixed: "3.0.13-1~deb12u1",
		title: "Slow check of excessively long keys",
		...openssl,
	}),
	sampleFinding({
		id: "CVE-2025-9",
		severity: "medium",
		name: "openssl",
		layer: 1,
		title: "Command line tool leaks memory",
		state: "wont_fix",
		...openssl,
	}),
	sampleFinding({
		id: "CVE-2026-3003",
		severity: "high",
		name: "libc6",
		version: "2.36-9+deb12u4",
		source: "glibc",
		title: "Buffer overflow in iconv",
	}),
	sampleFinding({
		id: "CVE-2010-4756",
		severity: "negligible",
		name: "libc6",
		version: "2.36-9+deb12u4",
		source: "glibc",
		title: "Glob uses much memory",
	}),
	sampleFinding({
		id: "CVE-2026-4004",
		severity: "unknown",
		name: "libc6",
		version: "2.36-9+deb12u4",
		source: "glibc",
		state: "under_investigation",
	}),
	sampleFinding({
		id: "CVE-2026-5005",
		severity: "high",
		type: "npm",
		name: "@shop/cart",
		version: "2.1.0",
		fixed: "2.1.4",
		layer: 2,
		title: "Prototype pollution through crafted cart items",
		paths: [
			"srv/app/node_modules/@shop/cart/package.json",
			"srv/app/node_modules/checkout/node_modules/@shop/cart/package.json",
		],
		parents: ["checkout", "shop-frontend"],
	}),
	sampleFinding({
		id: "GHSA-xxxx-yyyy-zzzz",
		severity: "low",
		type: "npm",
		name: "@shop/cart",
		version: "2.1.0",
		fixed: "3.0.0-rc.1",
		layer: 2,
		paths: ["srv/app/node_modules/@shop/cart/package.json"],
	}),
	sampleFinding({
		id: "CVE-2026-6006",
		severity: "low",
		type: "npm",
		name: "left",
		version: "1.0.0",
		layer: 2,
		title: "Pads too far",
		paths: ["srv/app/node_modules/left/package.json"],
	}),
];

const partialWarnings: readonly Warning[] = [
	{
		code: "packages_unsupported",
		message: "RPM packages are in this image and cannot be read yet, so their vulnerabilities are not listed.",
		layer: 1,
		path: "var/lib/rpm/rpmdb.sqlite",
	},
	{
		code: "package_file_malformed",
		message: "A package.json is not valid JSON, so that package was not looked at.",
		layer: 2,
		path: "srv/app/node_modules/broken/package.json",
	},
	{
		code: "package_file_malformed",
		message: "A package.json is not valid JSON, so that package was not looked at.",
		layer: 2,
		path: "srv/app/node_modules/torn/package.json",
	},
	{ code: "advisories_old", message: "The advisory database is 9 days old; run `plimsoll db update`." },
];

export const completeReport = imageReport(debianFindings);
export const partialReport = imageReport(debianFindings, {
	status: "partial",
	warnings: partialWarnings,
	judgedCount: 131,
});
export const partialReportWithoutFindings = imageReport([], {
	status: "partial",
	warnings: partialWarnings,
	packageCount: 12,
	judgedCount: 0,
});
export const cleanReport = imageReport([]);
export const failedReport = imageReport([], {
	status: "failed",
	packageCount: 0,
	advisories: null,
	warnings: [
		{
			code: "layer_unreadable",
			message: "Layer 0 is neither gzip, zstd nor tar, so nothing in it could be read.",
			layer: 0,
		},
	],
});

const packages: readonly ReportPackage[] = [
	{
		type: "deb",
		name: "libssl3",
		version: "3.0.11-1~deb12u2",
		arch: "amd64",
		source: { name: "openssl", version: "3.0.11-1~deb12u2" },
		path: "var/lib/dpkg/status",
		paths: ["var/lib/dpkg/status"],
		layer: 0,
		purl: "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12.5",
	},
	{
		type: "npm",
		name: "left",
		version: "1.0.0",
		path: "srv/app/node_modules/left/package.json",
		paths: ["srv/app/node_modules/left/package.json", "opt/left/package.json"],
		ownedBy: "node-left",
		layer: 2,
		purl: "pkg:npm/left@1.0.0",
	},
];

export const packageListReport = imageReport(debianFindings.slice(9), { packages, packageCount: packages.length });

function childReport(
	architecture: string,
	digit: string,
	findings: readonly Finding[],
	over: Partial<Report> = {},
): Report {
	const image = imageReport(findings, over);
	return { ...image, artifact: { ...image.artifact, digest: digestOf(digit), platform: `linux/${architecture}` } };
}

/** An index of three: amd64 has all findings, arm64 lacks the npm ones and was read in part, s390x failed. */
export const indexReport: Report = indexReportOf(
	[
		childReport("amd64", "1", debianFindings),
		childReport("arm64", "2", debianFindings.slice(0, 7), { status: "partial", warnings: partialWarnings.slice(0, 1) }),
		childReport("s390x", "3", [], { status: "failed", packageCount: 0, warnings: failedReport.warnings }),
	],
	{
		status: "partial",
		warnings: [{ code: "child_skipped", message: "An attestation (unknown/unknown) is not an image and was skipped." }],
	},
);

/** An index that is complete: every child has the same findings. */
export const evenIndexReport: Report = indexReportOf(
	[childReport("amd64", "1", debianFindings.slice(0, 5)), childReport("arm64", "2", debianFindings.slice(0, 5))],
	{},
);

/** An index over children: its summary is their sum. */
export function indexReportOf(manifests: readonly Report[], over: Partial<Report>): Report {
	const every = manifests.flatMap((child) => child.findings);
	const seen = new Map(every.map((finding) => [`${finding.id} ${finding.package.purl}`, finding]));
	const report = imageReport([], over);
	return {
		...report,
		kind: "index",
		artifact: {
			...report.artifact,
			mediaType: "application/vnd.oci.image.index.v1+json",
			platform: "",
			os: null,
			layers: [],
		},
		summary: summarise(every),
		packageCount: manifests.reduce((sum, child) => sum + child.packageCount, 0),
		judgedCount: manifests.reduce((sum, child) => sum + child.judgedCount, 0),
		manifests,
		unionSummary: summarise([...seen.values()]),
	};
}

const reset = "\u001b[0m";
/** Everything an attacker can write into an image's metadata, where a terminal would obey it. */
export const hostileReport: Report = imageReport(
	[
		sampleFinding({
			id: "CVE-2026-7\u001b[2J",
			severity: "high",
			type: "npm",
			name: `\u001b]0;owned\u0007evil${reset}\r\nCOMPLETE: no findings\u202egnp.exe`,
			version: `1.0.0${"9".repeat(180)}`,
			fixed: "1.0.1\u009b31m",
			title: `Line one\nLine two\u2028Line three \u200b${"Z\u0301\u0302\u0303\u0304\u0305\u0306".repeat(4)}`,
			paths: [`srv/${"漢字".repeat(60)}/package.json`, "srv/\u2066hidden\u2069/\u001b[1Apackage.json"],
			parents: ["a\tb\u0000c"],
		}),
	],
	{
		artifact: {
			...imageReport([]).artifact,
			name: `registry.example/\u001b[31mshop${reset}:tag`,
			os: { id: "debian", versionId: "12", prettyName: "Debian\u001b[5m blink\u202e" },
			layers: [],
		},
		status: "partial",
		warnings: [
			{ code: "entry_malformed", message: "An entry \u001b[8mhides\u001b[28m itself.\nIt is skipped.", path: "a\rb" },
		],
	},
);
