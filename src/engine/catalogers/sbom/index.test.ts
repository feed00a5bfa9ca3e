import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runCataloger, testdata, utf8 } from "../testing.ts";
import { sbom } from "./index.ts";

const bitnami = "opt/bitnami/postgresql/.spdx-postgresql.spdx";

function read(content: Uint8Array | string, path = bitnami) {
	return runCataloger(sbom, { path, bytes: typeof content === "string" ? utf8(content) : content, chunk: 13 });
}

describe("sbom", () => {
	it.each([
		[bitnami, true],
		["usr/share/app/bom.cdx.json", true],
		["usr/share/app/bom.spdx.json", true],
		["app.cdx", true],
		["app.spdx", true],
		["usr/lib/python3/site-packages/a-1.dist-info/sboms/a.cdx.json", false],
		["var/lib/db/sbom/curl-8.9.0-r0.spdx.json", false],
		["app/bom.json", false],
		["app/bom.xml", false],
		["app/spdx", false],
	])("wants %s: %s", (path, wanted) => {
		expect(sbom.wants({ path, size: 1, mode: 0o644 })).toBe(wanted);
	});

	it("lists Bitnami's components and language packages, but no OS packages", () => {
		const { packages, warnings } = read(testdata(import.meta.url, "good"));
		expect(packages).toEqual([
			{ type: "bitnami", name: "geos", version: "3.14.1", path: bitnami },
			{ type: "bitnami", name: "postgresql", version: "18.6.0-3", requires: ["geos"], path: bitnami },
			{ type: "maven", name: "org.postgresql:pljava", version: "1.6.10", path: bitnami },
		]);
		expect(warnings).toEqual([]);
	});

	it("does not mind OS packages, of whatever distribution", () => {
		const purls = ["pkg:deb/debian/a@1", "pkg:rpm/redhat/b@1-1", "pkg:apk/alpine/c@1", "pkg:npm/d@1"];
		const components = [
			{ type: "operating-system", name: "debian", version: "12" },
			...purls.map((purl) => ({ purl })),
		];
		const { packages, warnings } = read(JSON.stringify({ bomFormat: "CycloneDX", components }), "a.cdx");
		expect(packages).toEqual([{ type: "npm", name: "d", version: "1", path: "a.cdx" }]);
		expect(warnings).toEqual([]);
	});

	it.each(["empty", "truncated"])("warns of a document that is %s", (name) => {
		const { packages, warnings } = read(testdata(import.meta.url, name));
		expect(packages).toEqual([]);
		expect(warnings).toMatchObject([{ code: "package_file_malformed", path: bitnami }]);
	});

	it("counts what it cannot read of a hostile document", () => {
		const { packages, warnings } = read(testdata(import.meta.url, "hostile"), "a.cdx.json");
		expect(packages).toEqual([
			{ type: "npm", name: "%zz", version: "%zz", path: "a.cdx.json" },
			{ type: "npm", name: "etc/passwd", version: "1", path: "a.cdx.json" },
		]);
		expect(warnings).toMatchObject([
			{ code: "sbom_component_unread", path: "a.cdx.json", message: expect.stringMatching(/^5 components .* 1 conan/) },
		]);
	});

	it.each(["VjCD0100\x04\x03\x02\x01", "SPDX-License-Identifier: MIT\n", '{"some":"json"}', "<drawing></drawing>"])(
		"says nothing of a file that only has the name, %j",
		(content) => {
			expect(read(content, "molecule.cdx")).toEqual({ packages: [], warnings: [] });
		},
	);

	it("warns of broken CycloneDX XML", () => {
		const { warnings } = read('<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components>', "a.cdx");
		expect(warnings).toMatchObject([{ code: "package_file_malformed" }]);
	});

	it("does not hold a document over 32 MiB", () => {
		const { warnings } = runCataloger(sbom, { path: "a.spdx", bytes: new Uint8Array(32 * 1024 * 1024 + 1) });
		expect(warnings).toMatchObject([{ code: "file_too_large", path: "a.spdx" }]);
	});

	it("does not throw, whatever the bytes", () => {
		fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void read(bytes)));
		fc.assert(fc.property(fc.json(), (text) => void read(text)));
	});
});
