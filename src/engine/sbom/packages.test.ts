import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSbom, type Sbom } from "./index.ts";

interface Given {
	readonly purl?: string;
	readonly name?: string;
	readonly version?: string;
	readonly type?: string;
	readonly group?: string;
	readonly properties?: Readonly<Record<string, string>>;
}

function read(components: readonly Given[], more: object = {}): Sbom {
	const listed = components.map(({ properties = {}, ...component }, index) => ({
		type: "library",
		"bom-ref": `r${index}`,
		...component,
		properties: Object.entries(properties).map(([name, value]) => ({ name, value })),
	}));
	const bom = { bomFormat: "CycloneDX", specVersion: "1.6", components: listed, ...more };
	const sbom = readSbom(new TextEncoder().encode(JSON.stringify(bom)), "bom.json");
	if (sbom.kind === "unreadable") throw new Error(sbom.reason);
	return sbom;
}

function only(component: Given) {
	const { packages } = read([component]);
	expect(packages).toHaveLength(1);
	return packages[0];
}

describe("a purl's package", () => {
	it.each([
		["pkg:npm/%40babel/core@7.24.0", {}, "npm @babel/core 7.24.0"],
		["pkg:npm/@babel/core@7.24.0", { group: "@babel", name: "core" }, "npm @babel/core 7.24.0"],
		["pkg:npm/jsonstream@1.3.5", { name: "JSONStream" }, "npm JSONStream 1.3.5"],
		["pkg:npm/a@1.0.0", { name: "something-else" }, "npm a 1.0.0"],
		["pkg:golang/github.com/a/b@v1.2.3", {}, "golang github.com/a/b v1.2.3"],
		["pkg:golang/github.com/a/b@1.2.3", {}, "golang github.com/a/b v1.2.3"],
		["pkg:golang/github.com/a/b@v22.5.0#v22", {}, "golang github.com/a/b/v22 v22.5.0"],
		[
			"pkg:golang/github.com/masterminds/sprig@v2.0.0",
			{ name: "github.com/Masterminds/sprig" },
			"golang github.com/Masterminds/sprig v2.0.0",
		],
		["pkg:golang/stdlib@1.22.1", { version: "go1.22.1" }, "golang stdlib v1.22.1"],
		["pkg:golang/example.com/a@%28devel%29", {}, "golang example.com/a "],
		["pkg:gobinary/example.com/a@1.0.0", {}, "golang example.com/a v1.0.0"],
		["pkg:pypi/typing-extensions@4.1", { name: "typing_extensions" }, "pypi typing_extensions 4.1"],
		["pkg:gem/nokogiri@1.15.0?platform=x86_64-linux", {}, "gem nokogiri 1.15.0"],
		["pkg:composer/symfony/console@5.4.0", {}, "composer symfony/console 5.4.0"],
		["pkg:cargo/rand@0.8.5", {}, "cargo rand 0.8.5"],
		["pkg:rustbinary/rand@0.8.5", {}, "cargo rand 0.8.5"],
		[
			"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1?type=jar",
			{},
			"maven org.apache.logging.log4j:log4j-core 2.14.1",
		],
		["pkg:maven/nogroup@1.0", {}, "maven nogroup 1.0"],
		["pkg:nuget/Newtonsoft.Json@13.0.1", {}, "nuget Newtonsoft.Json 13.0.1"],
		["pkg:cran/ggplot2@3.4-1", {}, "cran ggplot2 3.4-1"],
		["pkg:hex/phoenix@1.7.0", {}, "hex phoenix 1.7.0"],
		["pkg:cpan/GDT/URI-PackageURL@2.20", {}, "cpan URI-PackageURL 2.20"],
		["pkg:cpan/URI::PackageURL@2.20", {}, "cpan URI-PackageURL 2.20"],
		["pkg:conda/absl-py@0.4.1?build=py36h06a4308_0&channel=main", {}, "conda absl-py 0.4.1"],
		["pkg:bitnami/postgresql@18.6.0-3?arch=amd64&distro=photon-5", {}, "bitnami postgresql 18.6.0-3"],
		["pkg:generic/openssl@3.0.7", {}, "generic openssl 3.0.7"],
		["pkg:generic/php-cli@8.2.1", {}, "generic php 8.2.1"],
		["pkg:generic/sqlite@3.45", {}, "generic sqlite 3.45"],
		["pkg:generic/oracle/openjdk@17.0.9%2B9", {}, "generic openjdk 17.0.9+9"],
		["pkg:generic/github.com/someone/curl@1.0", { name: "curl" }, "generic github.com/someone/curl 1.0"],
		["pkg:npm/a", { version: "2.0.0" }, "npm a 2.0.0"],
		["pkg:npm/a", {}, "npm a "],
		["pkg:npm/@babel/core", {}, "npm @babel/core "],
		["PKG://NPM//a@1.0.0", {}, "npm a 1.0.0"],
		["pkg:npm/../a@1%zz", {}, "npm a 1%zz"],
		[
			"pkg:rpm/alma/a@1.9-4.module_el9+148+fb6?arch=noarch&modularitylabel=maven:3.9:8:0",
			{},
			"rpm a 1.9-4.module_el9+148+fb6",
		],
	])("%s %j is %j", (purl, component, expected) => {
		const pkg = only({ purl, ...component });
		expect(`${pkg?.type} ${pkg?.name} ${pkg?.version}`).toBe(expected);
	});

	it.each([
		[
			"Trivy's properties",
			"pkg:deb/debian/a@2-1+b1?epoch=1&arch=amd64",
			{
				"aquasecurity:trivy:SrcName": "b",
				"aquasecurity:trivy:SrcVersion": "2",
				"aquasecurity:trivy:SrcRelease": "1",
				"aquasecurity:trivy:SrcEpoch": "1",
			},
			"1:2-1+b1 from b 1:2-1",
		],
		["cdxgen's", "pkg:deb/debian/a@2-1?epoch=0", { SrcName: "b", SrcVersion: "2", SrcRelease: "1" }, "2-1 from b 2-1"],
		["Syft's property", "pkg:deb/debian/a@1%3A2-1", { "syft:metadata:source": "b" }, "1:2-1 from b 1:2-1"],
		[
			"Syft's property with a version",
			"pkg:deb/debian/a@2-1",
			{ "syft:metadata:source": "b", "syft:metadata:sourceVersion": "3" },
			"2-1 from b 3",
		],
		["Syft's purl", "pkg:deb/debian/a@2-1?upstream=b%403", {}, "2-1 from b 3"],
		["Syft's purl without a version", "pkg:apk/alpine/a@2-r1?upstream=b", {}, "2-r1 from b 2-r1"],
		["Syft's apk", "pkg:apk/alpine/a@2-r1", { "syft:metadata:originPackage": "b" }, "2-r1 from b 2-r1"],
		[
			"an RPM's file name",
			"pkg:rpm/rhel/a@2-1.el9?epoch=3&upstream=b-c-2-1.el9.src.rpm",
			{},
			"3:2-1.el9 from b-c 3:2-1.el9",
		],
		["a purl that says nothing", "pkg:deb/debian/a@2-1", {}, "2-1 from a 2-1"],
	])("has its source package by %s", (_, purl, properties, expected) => {
		const pkg = only({ purl, properties });
		expect(`${pkg?.version} from ${pkg?.source?.name} ${pkg?.source?.version}`).toBe(expected);
	});

	it("has an epoch that only the component tells", () => {
		expect(only({ purl: "pkg:rpm/rhel/a@2-1.el9", version: "4:2-1.el9" })?.version).toBe("4:2-1.el9");
	});

	it("has its module by any of three names", () => {
		const label = "nodejs:18:1:2";
		for (const component of [
			{ purl: `pkg:rpm/rhel/a@1-1?modularitylabel=${label}` },
			{ purl: `pkg:rpm/rhel/a@1-1?rpmmod=${label}` },
			{ purl: "pkg:rpm/rhel/a@1-1", properties: { "aquasecurity:trivy:Modularitylabel": label } },
		]) {
			expect(only(component)?.modularity).toBe(label);
		}
	});
});

describe("the operating system", () => {
	const system = (name: string, version: string) => ({ type: "operating-system", name, version });
	it.each([
		["alma", "9.4", "almalinux"],
		["redhat", "9.3", "rhel"],
		["amazon", "2023", "amzn"],
		["oracle", "8.8", "ol"],
		["opensuse.leap", "15.5", "opensuse-leap"],
		["Debian GNU/Linux", "12", "debian"],
		["wolfi", "20230201", "wolfi"],
	])("that generators call %s %s is %s", (name, version, id) => {
		expect(read([system(name, version)]).os).toEqual({ id, versionId: version });
	});

	it.each([
		["pkg:deb/debian/a@1?distro=debian-12.5", { id: "debian", versionId: "12.5" }],
		["pkg:apk/alpine/a@1?distro=3.18.9", { id: "alpine", versionId: "3.18.9" }],
		["pkg:rpm/opensuse/a@1?distro=opensuse-leap-15.5", { id: "opensuse-leap", versionId: "15.5" }],
		["pkg:rpm/redhat/a@1?distro=redhat-9.3", { id: "rhel", versionId: "9.3" }],
		["pkg:apk/alpine/a@1?distro=alpine-edge", { id: "alpine", versionId: "edge" }],
		["pkg:deb/ubuntu/a@1", { id: "ubuntu", versionId: "" }],
		["pkg:npm/a@1?distro=debian-12", null],
		["pkg:deb/a@1", null],
	])("is read from %s where nothing else tells", (purl, os) => {
		expect(read([{ purl }]).os).toEqual(os);
	});

	it("keeps CentOS Stream apart, which os-release only does by its name", () => {
		expect(read([system("centos-stream", "9")]).os).toEqual({
			id: "centos",
			versionId: "9",
			prettyName: "CentOS Stream",
		});
	});

	it("is the one that most packages name", () => {
		const purls = ["debian-11", "debian-12", "debian-12"].map((distro, i) => ({
			purl: `pkg:deb/debian/a${i}@1?distro=${distro}`,
		}));
		expect(read(purls).os).toEqual({ id: "debian", versionId: "12" });
	});

	it("takes no packages of another distribution, and says so", () => {
		const { packages, warnings } = read([
			system("alpine", "3.20"),
			{ purl: "pkg:apk/alpine/a@1?upstream=a" },
			{ purl: "pkg:deb/debian/b@1" },
			{ purl: "pkg:npm/c@1" },
		]);
		expect(packages.map((pkg) => pkg.name)).toEqual(["a", "c"]);
		expect(warnings).toMatchObject([
			{ code: "sbom_component_unread", message: expect.stringContaining("1 deb of debian on alpine") },
		]);
	});

	it("is the first of several, with a note", () => {
		const { os, warnings } = read([system("debian", "12"), system("alpine", "3"), { purl: "pkg:npm/a@1" }]);
		expect(os?.id).toBe("debian");
		expect(warnings).toMatchObject([{ code: "os_ambiguous" }]);
	});
});

describe("what is not listed", () => {
	it("is counted by kind", () => {
		const { packages, warnings } = read([
			{ purl: "pkg:npm/a@1" },
			{ purl: "pkg:swift/github.com/a/b@1" },
			{ purl: "pkg:swift/github.com/a/c@1" },
			{ purl: "pkg:conan/zlib@1.3" },
			{ name: "libfoo", version: "1" },
			{ purl: "not a purl" },
			{ purl: "pkg:npm/a%00b@1" },
			{ purl: `pkg:npm/${"a".repeat(2_000)}@1` },
		]);
		expect(packages).toHaveLength(1);
		expect(warnings).toEqual([
			{
				code: "sbom_component_unread",
				path: "bom.json",
				message:
					"7 components of the SBOM cannot be held against advisories and may hide vulnerabilities: 2 swift, 2 with a malformed name or version, 1 conan, 1 with a malformed package URL, 1 without a package URL.",
			},
		]);
	});

	it("hides nothing where it is no package", () => {
		const { packages, warnings } = read([
			{ purl: "pkg:npm/a@1" },
			{ type: "file", name: "/etc/passwd" },
			{ type: "data", name: "x" },
			{ type: "container", name: "x", purl: "pkg:oci/x@sha256:aa" },
			{ purl: "pkg:rpm/rhel/gpg-pubkey@fd431d51-4ae0493b" },
			{ purl: "pkg:docker/library/alpine@3" },
		]);
		expect([packages.length, warnings]).toEqual([1, []]);
	});

	it.each([
		["no packages at all", [], {}, "lists no packages"],
		["no source packages", [{ purl: "pkg:deb/debian/a@1" }], {}, "source packages"],
		["no module streams", [{ purl: "pkg:rpm/rhel/a@1-1.module_el9+1" }], {}, "module streams of 1"],
		[
			"its author's word",
			[{ purl: "pkg:npm/a@1" }],
			{ compositions: [{ aggregate: "incomplete_first_party_only", assemblies: ["r0"] }] },
			"author",
		],
	])("makes the document incomplete: %s", (_, components, more, message) => {
		expect(read(components, more).warnings).toEqual([
			{ code: "sbom_incomplete", path: "bom.json", message: expect.stringContaining(message) },
		]);
	});
});

it("merges what lies at several paths, and keeps layers apart", () => {
	const at = (path: string, layer: string) => ({
		purl: "pkg:npm/a@1.0.0",
		properties: { "aquasecurity:trivy:FilePath": path, "aquasecurity:trivy:LayerDiffID": layer },
	});
	const { packages, layers } = read([
		at("/c", "sha256:1"),
		at("b", "sha256:1"),
		at("d", "sha256:2"),
		{ purl: "pkg:npm/b@1" },
	]);
	expect(packages.map(({ name, paths, layer }) => [name, paths, layer])).toEqual([
		["a", ["b", "c"], 0],
		["a", ["d"], 1],
		["b", ["bom.json"], 2],
	]);
	expect(layers.map(({ diffId }) => diffId)).toEqual(["sha256:1", "sha256:2", ""]);
});

it("reads components within components", () => {
	const { packages } = read([], {
		components: [
			{ type: "application", name: "app", purl: "pkg:npm/app@1", components: [{ purl: "pkg:npm/inner@1" }] },
		],
	});
	expect(packages.map((pkg) => pkg.name)).toEqual(["app", "inner"]);
});

it("reads any component without throwing, and lists names that are fit to print", () => {
	const texts = fc.oneof(
		fc.string({ unit: "binary", maxLength: 12 }),
		fc.constantFrom("pkg:", "deb", "/", "@", "?epoch=1", "#", "%00", "debian"),
	);
	const purl = fc.array(texts, { maxLength: 8 }).map((parts) => `pkg:${parts.join("")}`);
	const component = fc.record({
		purl,
		name: fc.anything(),
		version: fc.anything(),
		type: fc.anything(),
		properties: fc.anything(),
		group: fc.anything(),
	});
	fc.assert(
		fc.property(fc.array(component, { maxLength: 4 }), fc.anything(), (components, dependencies) => {
			const text = JSON.stringify(
				{ bomFormat: "CycloneDX", components, dependencies, metadata: dependencies },
				(_, value: unknown) => (typeof value === "bigint" ? String(value) : value),
			);
			const sbom = readSbom(new TextEncoder().encode(text), "x");
			expect(sbom.kind).toBe("sbom");
			if (sbom.kind === "sbom")
				for (const pkg of sbom.packages) expect(`${pkg.name}${pkg.version}`).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
		}),
	);
});
