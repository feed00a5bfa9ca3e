/** Reports that have every field of the model: exploitation, descriptions, suppressions, a dependency graph. */
import { type Finding, type OperatingSystem, type Report, type ReportPackage, summarise } from "#model";
import { completeReport, imageReport, indexReportOf, sampleFinding } from "./sample-reports.ts";

const description =
	"A session that is renegotiated while data is pending is freed twice.\n\nAn attacker who can open a TLS connection may run code of his choice.\n\n  * servers with renegotiation switched off are not affected\n  * clients are affected as well";

const openssl: Finding = {
	...sampleFinding({
		id: "CVE-2026-1001",
		severity: "critical",
		name: "libssl3",
		version: "3.0.11-1~deb12u2",
		source: "openssl",
		fixed: "3.0.14-1~deb12u2",
		title: "Use after free in the handling of renegotiated sessions allows remote code execution",
	}),
	aliases: ["DSA-6001-1", "DEBIAN-CVE-2026-1001"],
	description,
	cwes: ["CWE-416", "CWE-672"],
	published: "2026-05-04T10:15:00Z",
	kev: { added: "2026-06-01", due: "2026-06-22", ransomware: true },
	epss: { score: 0.94312, percentile: 0.99871, date: "2026-11-22" },
	cvss: [
		{ source: "nvd", version: "3.1", vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", score: 9.8 },
		{
			source: "redhat",
			version: "4.0",
			vector: "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
			score: 9.3,
		},
	],
	references: ["https://security.example/CVE-2026-1001", "https://bugs.example/show?id=17&view=all"],
};

const cart: Finding = {
	...sampleFinding({
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
		parents: ["checkout@1.4.0", "shop-frontend@1.0.0"],
	}),
	package: { type: "npm", name: "@shop/cart", version: "2.1.0", purl: "pkg:npm/%40shop/cart@2.1.0" },
	cwes: ["CWE-1321"],
	published: "2026-02-11T00:00:00Z",
	epss: { score: 0.00042, percentile: 0.0513, date: "2026-11-22" },
	cvss: [
		{
			source: "GHSA-cart-cart-cart",
			version: "3.1",
			vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:H/A:N",
			score: 8.2,
		},
	],
	severitySource: "GHSA-cart-cart-cart",
};

const findings: readonly Finding[] = [
	openssl,
	{
		...openssl,
		package: { ...openssl.package, name: "openssl", purl: "pkg:deb/debian/openssl@3.0.11-1~deb12u2" },
		origin: { ...openssl.origin, layer: completeReport.findings[1]?.origin.layer ?? openssl.origin.layer },
	},
	cart,
	{
		...sampleFinding({
			id: "CVE-2026-7007",
			severity: "medium",
			type: "maven",
			name: "org.example:log-core",
			version: "2.14.0",
			fixed: "2.17.1",
			layer: 2,
			title: "Look-ups in messages reach the network",
			paths: ["srv/app/shop.jar/lib/log-core-2.14.0.jar"],
		}),
		package: {
			type: "maven",
			name: "org.example:log-core",
			version: "2.14.0",
			purl: "pkg:maven/org.example/log-core@2.14.0",
		},
		epss: { score: 0.31, percentile: 0.966, date: "2026-11-22" },
	},
	sampleFinding({
		id: "CVE-2026-3003",
		severity: "high",
		name: "libc6",
		version: "2.36-9+deb12u4",
		source: "glibc",
		title: "Buffer overflow in iconv",
		state: "wont_fix",
	}),
	sampleFinding({
		id: "CVE-2026-4004",
		severity: "unknown",
		name: "libc6",
		version: "2.36-9+deb12u4",
		source: "glibc",
		state: "under_investigation",
	}),
	{
		...sampleFinding({
			id: "CVE-2010-4756",
			severity: "negligible",
			name: "libc6",
			version: "2.36-9+deb12u4",
			source: "glibc",
			title: "Glob uses much memory",
		}),
		suppressed: {
			by: ".plimsollignore.yaml",
			reason: "Only our own code calls glob, with fixed patterns.",
			status: "accepted",
			owner: "shop-team@example.org",
			expires: "2027-06-30",
		},
	},
	{
		...cart,
		id: "GHSA-xxxx-yyyy-zzzz",
		aliases: [],
		severity: "low",
		cvss: [],
		severitySource: "ghsa",
		fixedVersion: "3.0.0-rc.1",
		title: "Prices are rounded twice",
		suppressed: {
			by: "vex/shop.openvex.json (Shop Security)",
			reason: "The rounding module is not bundled.",
			status: "not_affected",
			justification: "vulnerable_code_not_in_execute_path",
		},
	},
	{
		...cart,
		id: "CVE-2025-8008",
		aliases: [],
		severity: "medium",
		fixedVersion: null,
		state: "affected",
		title: "Carts are readable by others",
		suppressed: {
			by: "vex/shop.openvex.json (Shop Security)",
			reason: "Patched in the shop's own build.",
			status: "fixed",
		},
	},
];

function os(name: string, version: string, source: string, more: Partial<ReportPackage> = {}): ReportPackage {
	return {
		type: "deb",
		name,
		version,
		arch: "amd64",
		source: { name: source, version },
		path: "var/lib/dpkg/status",
		paths: ["var/lib/dpkg/status"],
		layer: 0,
		purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=amd64&distro=debian-12.5`,
		...more,
	};
}

function npm(name: string, version: string, folder: string, more: Partial<ReportPackage> = {}): ReportPackage {
	const path = `${folder}/package.json`;
	const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
	return { type: "npm", name, version, path, paths: [path], layer: 2, purl, ...more };
}

const app = "srv/app";
const packages: readonly ReportPackage[] = [
	os("libc6", "2.36-9+deb12u4", "glibc", { requires: ["libgcc-s1"] }),
	os("libgcc-s1", "12.2.0-14", "gcc-12", { requires: ["libc6"] }),
	os("libssl3", "3.0.11-1~deb12u2", "openssl", {
		requires: ["libc6"],
		purl: "pkg:deb/debian/libssl3@3.0.11-1~deb12u2",
	}),
	os("openssl", "3.0.11-1~deb12u2", "openssl", {
		requires: ["libc6", "libssl3", "perl:any"],
		layer: 1,
		purl: "pkg:deb/debian/openssl@3.0.11-1~deb12u2",
	}),
	os("docker-ce-cli", "5:27.3.1-1~debian.12~bookworm", "docker-ce", {
		thirdParty: "docker.com",
		layer: 1,
		requires: ["libc6"],
	}),
	{
		type: "rpm",
		name: "nodejs",
		version: "1:18.20.4-1.module+el8",
		arch: "x86_64",
		modularity: "nodejs:18:8080020230718083943:63b34585",
		path: "opt/base/var/lib/rpm/rpmdb.sqlite",
		paths: ["opt/base/var/lib/rpm/rpmdb.sqlite"],
		layer: 1,
		purl: "pkg:rpm/rhel/nodejs@18.20.4-1.module%2Bel8?arch=x86_64&epoch=1",
	},
	npm("shop-frontend", "1.0.0", app, { requires: ["checkout", "left"] }),
	npm("checkout", "1.4.0", `${app}/node_modules/checkout`, {
		requires: ["@shop/cart", "left"],
		parents: ["shop-frontend@1.0.0"],
	}),
	npm("@shop/cart", "2.1.0", `${app}/node_modules/checkout/node_modules/@shop/cart`, {
		paths: [
			`${app}/node_modules/@shop/cart/package.json`,
			`${app}/node_modules/checkout/node_modules/@shop/cart/package.json`,
		],
		parents: ["checkout@1.4.0", "shop-frontend@1.0.0"],
	}),
	npm("left", "1.0.0", `${app}/node_modules/left`, { parents: ["shop-frontend@1.0.0"] }),
	npm("left", "0.9.0", `${app}/node_modules/checkout/node_modules/left`, { ownedBy: "node-left" }),
	{
		type: "maven",
		name: "org.example:log-core",
		version: "2.14.0",
		path: `${app}/shop.jar/lib/log-core-2.14.0.jar`,
		paths: [`${app}/shop.jar/lib/log-core-2.14.0.jar`],
		layer: 2,
		purl: "pkg:maven/org.example/log-core@2.14.0",
	},
	{
		type: "golang",
		name: "stdlib",
		version: "",
		path: "usr/local/bin/tool",
		paths: ["usr/local/bin/tool"],
		layer: 1,
		purl: "pkg:golang/stdlib",
	},
];

const debian: OperatingSystem = {
	id: "debian",
	versionId: "12.5",
	prettyName: "Debian GNU/Linux 12 (bookworm)",
	eol: "2028-06-30",
	idLike: ["debian"],
	extended: "esm",
};

/** Every field of the model at least once. */
export const richReport: Report = richChild("amd64", "d");

/** Two platforms that share most of it; the second was read in part and lacks the npm findings. */
export const richIndexReport: Report = indexReportOf(
	[
		richChild("amd64", "1"),
		{
			...richChild("arm64", "2", findings.slice(0, 2)),
			status: "partial",
			warnings: [
				{
					code: "package_file_malformed",
					message: "A package.json is not valid JSON, so that package was not looked at.",
					layer: 2,
					path: "srv/app/node_modules/torn/package.json",
				},
			],
		},
	],
	{ status: "partial" },
);

function richChild(architecture: string, digit: string, some: readonly Finding[] = findings): Report {
	const image = imageReport(some, { packages, packageCount: packages.length });
	const base = { name: "docker.io/library/debian:12-slim", digest: `sha256:${"9".repeat(64)}` };
	const digest = `sha256:${digit.repeat(64)}`;
	return {
		...image,
		warnings: [{ code: "suppression_unused", message: "One statement in vex/shop.openvex.json fits no finding." }],
		judgedCount: packages.length - 2,
		summary: summarise(some),
		artifact: { ...image.artifact, digest, platform: `linux/${architecture}`, os: debian, base },
	};
}

const script = '<script>alert("x")</script>';

/** What an attacker writes into names and feeds to be obeyed by browsers, spreadsheets and Markdown. */
export const markupReport: Report = imageReport(
	[
		{
			...sampleFinding({
				id: `CVE-2026-8"><img src=x onerror=alert(1)>`,
				severity: "high",
				type: "npm",
				name: `=cmd|' /C calc'!A0`,
				version: `1.0${script}`,
				fixed: `"=1+1`,
				layer: 2,
				title: `[click](javascript:alert(1)) ${script} | **bold** \u0060code\u0060`,
				paths: [`srv/../../etc/${script}/a b#c?d%2e:e.json`, "\u202egpj.exe"],
				parents: ["@evil/parent", "\t=1+1"],
			}),
			description: `</style></summary><iframe src="//evil.example"></iframe>\n\n\u0060\u0060\u0060\n# heading\n<!-- -->`,
			cwes: ["CWE-79", "CWE-nonsense", `CWE-1" onclick="x`],
			references: ["javascript:alert(1)", "data:text/html,x", `https://ok.example/"><b>`, "not a url"],
			aliases: ["-2+3", "+1", "@SUM(1)", `'quoted'`],
		},
		{
			...sampleFinding({ id: "CVE-2026-9", severity: "low", name: `]]>&amp;</td>`, version: "1" }),
			suppressed: { by: `</section>${script}`, reason: `<b onmouseover=alert(1)>x</b>`, status: "accepted" },
		},
	],
	{
		status: "partial",
		warnings: [{ code: "entry_malformed", message: `${script} is skipped.`, layer: 0, path: `a/${script}` }],
		packages: [
			npm(`=cmd|' /C calc'!A0`, `1.0${script}`, `srv/${script}`, { purl: "pkg:npm/%3Dcmd@1.0" }),
			npm(`=cmd|' /C calc'!A0`, `1.0${script}`, `opt/${script}`, { purl: "pkg:npm/%3Dcmd@1.0" }),
			os(`]]>&amp;</td>`, "1", `</td>${script}`, { layer: 99 }),
		],
		packageCount: 3,
	},
);
