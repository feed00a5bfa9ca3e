import { describe, expect, it } from "vitest";
import { readPurl } from "./purl.ts";
import { foundPackage, matchesPackage } from "./purl-match.ts";
import { found } from "./report-fixture.ts";

function matches(asked: string, actual: string, source?: { name: string; version: string }): boolean {
	const purl = readPurl(asked);
	if (!purl) throw new Error(`${asked} is no package URL`);
	const finding = found({ purl: actual, ...(source ? { source } : {}) });
	return matchesPackage({ kind: "purl", purl }, foundPackage(finding, readPurl(actual)));
}

const libssl = "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64&distro=debian-12.5";

describe("a package URL of a statement", () => {
	it.each([
		["pkg:deb/debian/libssl3", true],
		["pkg:deb/debian/libssl3@3.0.11-1~deb12u2", true],
		["pkg:deb/debian/libssl3@3.0.11-1%7Edeb12u2?arch=amd64", true],
		["PKG:DEB/Debian/LibSSL3", true],
		["pkg://deb/debian/libssl3", true],
		["pkg:deb/debian/libssl3?arch=arm64", false],
		["pkg:deb/debian/libssl3@3.0.12", false],
		["pkg:deb/debian/libssl", false],
		["pkg:deb/ubuntu/libssl3", false],
		["pkg:deb/libssl3", false],
		["pkg:apk/debian/libssl3", false],
		["pkg:deb/debian/libssl3?upstream=openssl", false],
		["pkg:deb/debian/libssl3#usr/lib", false],
	])("%s", (asked, expected) => {
		expect(matches(asked, libssl)).toBe(expected);
	});

	it.each([
		["distro=debian-12.5", true],
		["distro=debian-12", true],
		["distro=bookworm", true],
		["distro=debian-bookworm", true],
		["distro=debian-1", false],
		["distro=debian-11", false],
		["distro=bullseye", false],
		["distro=constructor", false],
	])("limits to a release: %s", (qualifier, expected) => {
		expect(matches(`pkg:deb/debian/libssl3?${qualifier}`, libssl)).toBe(expected);
	});

	it("asks for a version that the report does not tell: no match", () => {
		expect(matches("pkg:npm/left@1.0.0", "pkg:npm/left")).toBe(false);
	});

	it.each([
		["pkg:npm/%40shop/cart@2.1.0", "pkg:npm/%40shop/cart@2.1.0", true],
		["pkg:npm/@shop/cart@2.1.0", "pkg:npm/%40shop/cart@2.1.0", true],
		["pkg:npm/@shop/cart", "pkg:npm/%40shop/cart@2.1.0", true],
		["pkg:npm/cart", "pkg:npm/%40shop/cart@2.1.0", false],
		["pkg:deb/debian/libstdc++6@12-1", "pkg:deb/debian/libstdc%2B%2B6@12-1", true],
		["pkg:golang/github.com/BurntSushi/toml@v1.2.0", "pkg:golang/github.com/burntsushi/toml@v1.2.0", true],
		["pkg:golang/github.com/burntsushi/toml@1.2.0", "pkg:golang/github.com/burntsushi/toml@v1.2.0", true],
		["pkg:golang/helm.sh/helm/v3", "pkg:golang/helm.sh/helm/v3@v3.1.0", true],
		["pkg:golang/helm.sh/helm", "pkg:golang/helm.sh/helm/v3@v3.1.0", false],
		["pkg:golang/a/b@v4.0.0%2Bincompatible%2Bdirty", "pkg:golang/a/b@v4.0.0%2Bincompatible%2Bdirty", true],
		["pkg:pypi/Ruamel_Yaml@0.17", "pkg:pypi/ruamel.yaml@0.17", true],
		["pkg:maven/org.a/B@1", "pkg:maven/org.a/b@1", false],
		["pkg:nuget/Newtonsoft.Json@13.0.1", "pkg:nuget/newtonsoft.json@13.0.1", true],
		["pkg:cran/ggplot2", "pkg:cran/ggplot2@3.4", true],
	])("%s for %s: %j", (asked, actual, expected) => {
		expect(matches(asked, actual)).toBe(expected);
	});
});

describe("rpm", () => {
	it.each([
		["pkg:rpm/redhat/openssl-libs@3.0.7-6.el9_2?arch=x86_64&epoch=1", true],
		["pkg:rpm/redhat/openssl-libs@1:3.0.7-6.el9_2", true],
		["pkg:rpm/rhel/openssl-libs@1:3.0.7-6.el9_2", true],
		["pkg:rpm/redhat/openssl-libs", true],
		["pkg:rpm/redhat/openssl-libs@3.0.7-6.el9_2", false],
		["pkg:rpm/redhat/openssl-libs@3.0.7-6.el9_2?epoch=2", false],
		["pkg:rpm/centos/openssl-libs", false],
	])("%s", (asked, expected) => {
		const source = { name: "openssl", version: "1:3.0.7-6.el9_2" };
		expect(matches(asked, "pkg:rpm/redhat/openssl-libs@3.0.7-6.el9_2?arch=x86_64&epoch=1", source)).toBe(expected);
		expect(matches(asked, "pkg:rpm/rhel/openssl-libs@1:3.0.7-6.el9_2?arch=x86_64", source)).toBe(expected);
	});

	it("an epoch of 0 is none", () => {
		expect(matches("pkg:rpm/fedora/curl@7.50-1?epoch=0", "pkg:rpm/fedora/curl@7.50-1")).toBe(true);
		expect(matches("pkg:rpm/fedora/curl@0:7.50-1", "pkg:rpm/fedora/curl@7.50-1?epoch=0")).toBe(true);
	});
});

describe("source packages", () => {
	const source = { name: "openssl", version: "3.0.11-1~deb12u2" };
	it.each([
		["pkg:deb/debian/openssl?arch=source", true],
		["pkg:deb/debian/openssl@3.0.11-1~deb12u2?arch=source&distro=bookworm", true],
		["pkg:deb/debian/openssl@3.0.11-1~deb12u1?arch=source", false],
		["pkg:deb/debian/openssl@3.0.11-1~deb12u2", false],
		["pkg:deb/debian/libssl3?arch=source", false],
	])("%s names the packages that were built from it", (asked, expected) => {
		expect(matches(asked, libssl, source)).toBe(expected);
	});

	it("a package without a source of its own is its own source", () => {
		expect(matches("pkg:deb/debian/libssl3?arch=source", libssl)).toBe(true);
		expect(matches("pkg:rpm/redhat/bash?arch=src", "pkg:rpm/redhat/bash@5-1?arch=x86_64")).toBe(true);
	});
});

describe("what is no package URL", () => {
	it.each([
		"",
		"pkg:",
		"pkg:deb",
		"pkg:deb/",
		"deb/debian/x",
		"pkg:deb/debian/%ZZ",
		"pkg://user:secret@deb/debian/x",
		`pkg:deb/${"a".repeat(3000)}`,
		"cpe:/a:openssl:openssl",
	])("%s", (text) => {
		expect(readPurl(text)).toBeNull();
	});

	it("keeps names that objects have, too, apart", () => {
		expect(matches("pkg:rpm/constructor/x", "pkg:rpm/tostring/x@1")).toBe(false);
		expect(matches("pkg:npm/x?__proto__=a", "pkg:npm/x@1")).toBe(false);
		expect(matches("pkg:npm/x?constructor=a", "pkg:npm/x@1")).toBe(false);
	});
});
