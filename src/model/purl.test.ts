import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OperatingSystem, Package, PackageType } from "./index.ts";
import { purlOf } from "./index.ts";

const debian: OperatingSystem = { id: "debian", versionId: "12.7" };
const alpine: OperatingSystem = { id: "alpine", versionId: "3.20.3" };
const wolfi: OperatingSystem = { id: "wolfi", versionId: "" };

function purl(type: PackageType, text: string, os: OperatingSystem | null = null, arch?: string): string {
	const at = text.lastIndexOf("@");
	const named = { name: text.slice(0, at), version: text.slice(at + 1) };
	return purlOf({ type, ...named, path: "p", ...(arch === undefined ? {} : { arch }) }, os);
}

// package-url/purl-spec, purl-specification.md and types: https://github.com/package-url/purl-spec
describe("purls after the specification", () => {
	test.each([
		[
			"a version with a tilde and an epoch, whose colon stays",
			purl("deb", "zlib1g@1:1.3.dfsg-1~deb12u1", debian, "amd64"),
			"pkg:deb/debian/zlib1g@1:1.3.dfsg-1~deb12u1?arch=amd64&distro=debian-12.7",
		],
		[
			"a plus in name and version",
			purl("deb", "libstdc++6@12.2.0-14+deb12u1", debian, "arm64"),
			"pkg:deb/debian/libstdc%2B%2B6@12.2.0-14%2Bdeb12u1?arch=arm64&distro=debian-12.7",
		],
		["a package of an unknown system", purl("deb", "curl@7", null), "pkg:deb/curl@7"],
		[
			"Alpine",
			purl("apk", "libcrypto3@3.3.2-r1", alpine, "x86_64"),
			"pkg:apk/alpine/libcrypto3@3.3.2-r1?arch=x86_64&distro=alpine-3.20.3",
		],
		["a system without a release", purl("apk", "curl@8-r0", wolfi), "pkg:apk/wolfi/curl@8-r0?distro=wolfi"],
		["a language package knows no system", purl("npm", "left-pad@1.3.0", debian), "pkg:npm/left-pad@1.3.0"],
		[
			"an rpm package, whose epoch is a qualifier",
			purl("rpm", "openssl@1:3.0.7-18.el9_2", { id: "almalinux", versionId: "9.4" }, "x86_64"),
			"pkg:rpm/almalinux/openssl@3.0.7-18.el9_2?arch=x86_64&distro=almalinux-9.4&epoch=1",
		],
		[
			"Red Hat's vendor name",
			purl("rpm", "bash@5.1.8-6.el9", { id: "rhel", versionId: "9.4" }),
			"pkg:rpm/redhat/bash@5.1.8-6.el9?distro=rhel-9.4",
		],
		[
			"a Maven group",
			purl("maven", "org.apache.logging.log4j:log4j-core@2.14.1"),
			"pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
		],
		["an artifact whose group is not known", purl("maven", "app@1.0"), "pkg:maven/app@1.0"],
		["a Python name", purl("pypi", "Typing_Extensions@4.1.0"), "pkg:pypi/typing-extensions@4.1.0"],
		["a PHP vendor", purl("composer", "Monolog/Monolog@2.3.5"), "pkg:composer/monolog/monolog@2.3.5"],
		["a NuGet package", purl("nuget", "Newtonsoft.Json@13.0.1"), "pkg:nuget/Newtonsoft.Json@13.0.1"],
		["a program of its own", purl("generic", "node@20.11.0"), "pkg:generic/node@20.11.0"],
		["a scope", purl("npm", "@babel/core@7.24.0"), "pkg:npm/%40babel/core@7.24.0"],
		["an old npm name with capitals", purl("npm", "JSONStream@1.3.5"), "pkg:npm/jsonstream@1.3.5"],
		["build metadata", purl("npm", "a@1.0.0-rc.1+build.5"), "pkg:npm/a@1.0.0-rc.1%2Bbuild.5"],
		["no version", purl("golang", "example.com/a@"), "pkg:golang/example.com/a"],
		["Go's own library", purl("golang", "stdlib@v1.26.0"), "pkg:golang/stdlib@v1.26.0"],
		[
			"a module path of many parts, the last like a subpath",
			purl("golang", "github.com/cyphar/x/pkg/api/v2@v2.1.0"),
			"pkg:golang/github.com/cyphar/x/pkg/api/v2@v2.1.0",
		],
		[
			"a module in lower case",
			purl("golang", "github.com/Masterminds/Sprig@v2.22.0+incompatible"),
			"pkg:golang/github.com/masterminds/sprig@v2.22.0%2Bincompatible",
		],
		["a dot in a module's last part", purl("golang", "gopkg.in/yaml.v3@v3.0.1"), "pkg:golang/gopkg.in/yaml.v3@v3.0.1"],
		[
			"a Go version with two pluses",
			purl("golang", "example.com/a@v4.0.0+incompatible+dirty"),
			"pkg:golang/example.com/a@v4.0.0%2Bincompatible%2Bdirty",
		],
		["a Go version that is not semantic", purl("golang", "example.com/a@v1.2"), "pkg:golang/example.com/a@v1.2"],
	])("%s", (_what, actual, expected) => {
		expect(actual).toBe(expected);
	});
});

describe("hostile names", () => {
	test.each([
		["golang", "/@v1", "pkg:golang/%2F@v1"],
		["golang", "a//b/@v1.0.0", "pkg:golang/a/b@v1.0.0"],
		["golang", "..@v1", "pkg:golang/..@v1"],
		["golang", "a b?c=d#e@v1", "pkg:golang/a%20b%3Fc%3Dd%23e@v1"],
		["deb", "a/b@1?arch=x", "pkg:deb/debian/a%2Fb@1%3Farch%3Dx?distro=debian-12.7"],
	] as const)("%s %j stay one purl", (type, text, expected) => {
		expect(purl(type, text, debian)).toBe(expected);
	});

	test("never throw, and never add parts to the purl", () => {
		const text = fc.oneof(fc.string({ unit: "binary" }), fc.stringMatching(/^[v@a-z0-9./?#+ -]{0,12}$/));
		const type = fc.constantFrom<PackageType>("deb", "apk", "npm", "golang");
		const pkg: fc.Arbitrary<Package> = fc.record({ type, name: text, version: text, path: fc.constant("p") });
		const property = fc.property(pkg, fc.constantFrom(null, debian, wolfi), (one, os) => {
			const made = purlOf(one, os);
			expect(made).toMatch(/^pkg:[a-z]+\/[^?#@\s]*(?:@[^?#@\s]*)?(?:\?distro=[a-z0-9.-]+)?$/);
		});
		fc.assert(property, { numRuns: 2000 });
	});
});
