import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Sbom } from "./index.ts";
import { readSbom } from "./index.ts";

function testdata(name: string): Uint8Array {
	return readFileSync(new URL(`testdata/${name}`, import.meta.url));
}

function read(content: Uint8Array | string | object, name = "bom"): Sbom {
	const text = typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content);
	const sbom = readSbom(typeof text === "string" ? new TextEncoder().encode(text) : text, name);
	if (sbom.kind === "unreadable") throw new Error(sbom.reason);
	return sbom;
}

/** The same two-layer image, as real generators describe it. */
const base = "sha256:e4b6c12aae6e845e63d6ade5d61461113fc7d1ca7dacb2ab6c69c18a985051d4";
const app = "sha256:59c0fbaefc8137abaf1ce08f4f04d851148dd3d7ad1153709019b86780ee5e78";
const metadata = "usr/local/lib/python3.11/site-packages/Typing_Sample-4.1.dist-info/METADATA";

describe.each([
	["trivy.cdx.json", "cyclonedx-json", "1.5", "trivy dev", "12.5"],
	["trivy.spdx.json", "spdx-json", "2.3", "trivy-dev", "12.5"],
	["trivy.spdx", "spdx-tag-value", "2.3", "trivy-dev", "12.5"],
	["syft.cdx.json", "cyclonedx-json", "1.6", "syft [not provided]", "12"],
	["syft.cdx.xml", "cyclonedx-xml", "1.6", "syft [not provided]", "12"],
	["syft.spdx.json", "spdx-json", "2.3", "syft-[not provided]", "12"],
	["syft.spdx", "spdx-tag-value", "2.3", "syft-[not provided]", "12"],
])("a real document, %s", (name, format, specVersion, generator, release) => {
	const sbom = read(testdata(name), name);

	it("tells what it is", () => {
		expect(sbom.document).toMatchObject({ format, specVersion, generator });
		expect(sbom.document.created).toMatch(/^2026-11-23T/);
		expect(sbom.subject?.name).toBe("oci");
		expect(sbom.os).toMatchObject({ id: "debian", versionId: release });
		expect(sbom.warnings).toEqual([]);
	});

	it("lists every package with its own layer, as a scan of the image does", () => {
		const found = sbom.packages.map((pkg) => {
			const source = pkg.source ? ` ${pkg.source.name} ${pkg.source.version}` : "";
			return `${pkg.type} ${pkg.name} ${pkg.version} ${pkg.arch ?? "-"}${source} @${sbom.layers[pkg.layer]?.diffId}`;
		});
		expect(found).toEqual([
			`deb bsdutils 1:2.38.1-5+deb12u3 amd64 util-linux 2.38.1-5+deb12u3 @${base}`,
			`deb libc6 2.36-9+deb12u10 amd64 glibc 2.36-9+deb12u10 @${base}`,
			`deb tzdata 2024a-0+deb12u1 all tzdata 2024a-0+deb12u1 @${base}`,
			`npm @scope/web 2.1.0 - @${app}`,
			`npm mini 1.0.3 - @${app}`,
			expect.stringMatching(`^pypi [Tt]yping[-_][Ss]ample 4.1 - @${app}$`),
		]);
	});

	it("keeps the files of language packages", () => {
		expect(sbom.packages.filter((pkg) => pkg.type !== "deb").map((pkg) => pkg.path)).toEqual([
			"app/node_modules/@scope/web/package.json",
			"app/node_modules/mini/package.json",
			metadata,
		]);
	});
});

describe("dependencies", () => {
	it.each(["trivy.cdx.json", "syft.cdx.json", "syft.cdx.xml", "syft.spdx.json", "syft.spdx"])(
		"are read from %s",
		(name) => {
			const { packages, needs } = read(testdata(name));
			const libc = packages.findIndex((pkg) => pkg.name === "libc6");
			const bsdutils = packages.findIndex((pkg) => pkg.name === "bsdutils");
			expect(needs[bsdutils]).toEqual([libc]);
			expect(packages[bsdutils]?.requires).toEqual(["libc6"]);
			expect(needs.flat()).toEqual([libc]);
		},
	);
});

it("reads what cdxgen writes", () => {
	const { document, subject, packages, os, layers } = read(testdata("cdxgen.cdx.json"));
	expect(document.generator).toBe("cdxgen 11.11.0");
	expect([subject, os, layers]).toEqual([{ name: "sample-app", digest: "" }, null, []]);
	expect(packages.map(({ name, version, path, layer }) => [name, version, path, layer])).toEqual([
		["@scope/web", "2.1.0", "app/node_modules/@scope/web/package.json", 0],
		["mini", "1.0.3", "app/node_modules/mini/package.json", 0],
		["sample-app", "1.0.0", "bom", 0],
	]);
});

describe("Trivy of today", () => {
	const lines = (ref: string, ...facts: string[]) =>
		facts.map((fact) => ({ annotator: "Tool: trivy-0.74.0", annotationType: "OTHER", comment: fact, ref }));
	const document = {
		spdxVersion: "SPDX-2.3",
		SPDXID: "SPDXRef-DOCUMENT",
		name: "quay.io/almalinux/almalinux:9",
		creationInfo: { creators: ["Organization: aquasecurity", "Tool: trivy-0.74.0"], created: "2026-08-21T08:00:00Z" },
		packages: [
			{
				SPDXID: "SPDXRef-ContainerImage-1",
				name: "quay.io/almalinux/almalinux:9",
				primaryPackagePurpose: "CONTAINER",
				annotations: lines("", `DiffID: ${base}`, `DiffID: ${app}`),
			},
			{
				SPDXID: "SPDXRef-OperatingSystem-1",
				name: "alma",
				versionInfo: "9.4",
				primaryPackagePurpose: "OPERATING-SYSTEM",
			},
			{
				SPDXID: "SPDXRef-Package-1",
				name: "nodejs",
				versionInfo: "18.20.4-1.module_el9.4.0+118+9dcc77f2",
				sourceInfo: "built package from: nodejs 1:18.20.4-1.module_el9.4.0+118+9dcc77f2",
				externalRefs: [
					{
						referenceCategory: "PACKAGE-MANAGER",
						referenceType: "purl",
						referenceLocator:
							"pkg:rpm/alma/nodejs@18.20.4-1.module_el9.4.0%2B118%2B9dcc77f2?arch=x86_64&distro=alma-9.4&epoch=1&modularitylabel=nodejs%3A18%3A9040020240807131341%3Ae0d7ab62",
					},
				],
				annotations: lines("", "PkgType: alma", `LayerDiffID: ${app}`, "LayerDigest: sha256:aa"),
			},
		],
		relationships: [
			{
				spdxElementId: "SPDXRef-DOCUMENT",
				relatedSpdxElement: "SPDXRef-ContainerImage-1",
				relationshipType: "DESCRIBES",
			},
		],
	};

	it("writes its facts as annotations", () => {
		const { os, packages, layers, warnings } = read(document);
		expect([os, warnings]).toEqual([{ id: "almalinux", versionId: "9.4" }, []]);
		expect(layers).toEqual([
			{ digest: "", diffId: base },
			{ digest: "sha256:aa", diffId: app },
		]);
		expect(packages).toEqual([
			{
				type: "rpm",
				name: "nodejs",
				version: "1:18.20.4-1.module_el9.4.0+118+9dcc77f2",
				arch: "x86_64",
				source: { name: "nodejs", version: "1:18.20.4-1.module_el9.4.0+118+9dcc77f2" },
				modularity: "nodejs:18:9040020240807131341:e0d7ab62",
				path: "bom",
				paths: ["bom"],
				layer: 1,
			},
		]);
	});

	it("names their package in tag-value text", () => {
		const text = [
			"SPDXVersion: SPDX-2.3",
			"##### Package: zlib",
			"PackageName: zlib",
			"SPDXID: SPDXRef-Package-2",
			"PackageVersion: 1.3.1-r0",
			"PackageComment: <text>PackageName: not a package",
			"ExternalRef: PACKAGE-MANAGER purl pkg:npm/neither@1</text>",
			"ExternalRef: PACKAGE-MANAGER purl pkg:apk/alpine/zlib@1.3.1-r0?arch=x86_64&distro=3.20.3",
			"PackageSourceInfo: <text>built package from: zlib 1.3.1-r0</text>",
			"##### Annotations",
			"Annotator: Tool: trivy-0.74.0",
			"SPDXREF: SPDXRef-Package-2",
			`AnnotationComment: <text>LayerDiffID: ${base}</text>`,
		].join("\r\n");
		const { os, packages, layers } = read(text);
		expect(os).toEqual({ id: "alpine", versionId: "3.20.3" });
		expect(packages.map(({ name, version }) => `${name} ${version}`)).toEqual(["zlib 1.3.1-r0"]);
		expect(layers).toEqual([{ digest: "", diffId: base }]);
	});

	it("hangs the packages of an executable below the executable", () => {
		const property = (name: string, value: string) => ({ name: `aquasecurity:trivy:${name}`, value });
		const { packages } = read({
			bomFormat: "CycloneDX",
			specVersion: "1.6",
			components: [
				{
					"bom-ref": "a",
					type: "application",
					name: "usr/bin/caddy",
					properties: [property("Class", "lang-pkgs"), property("Type", "gobinary")],
				},
				{ "bom-ref": "b", type: "library", name: "stdlib", version: "v1.22.1", purl: "pkg:golang/stdlib@v1.22.1" },
			],
			dependencies: [{ ref: "a", dependsOn: ["b"] }],
		});
		expect(packages).toMatchObject([{ name: "stdlib", version: "v1.22.1", path: "usr/bin/caddy" }]);
	});
});

it("takes an SBOM out of BuildKit's attestation, with the image that it is about", () => {
	const { document, subject, packages } = read({
		_type: "https://in-toto.io/Statement/v0.1",
		predicateType: "https://spdx.dev/Document",
		subject: [{ name: "pkg:docker/alpine@3.20?platform=linux%2Famd64", digest: { sha256: "ab".repeat(32) } }],
		predicate: JSON.parse(new TextDecoder().decode(testdata("syft.spdx.json"))) as unknown,
	});
	expect(document.format).toBe("spdx-json");
	expect(subject).toEqual({
		name: "pkg:docker/alpine@3.20?platform=linux%2Famd64",
		digest: `sha256:${"ab".repeat(32)}`,
	});
	expect(packages).toHaveLength(6);
});

it("takes an SBOM out of a signed envelope", () => {
	const statement = {
		_type: "https://in-toto.io/Statement/v1",
		subject: [{ digest: { sha256: "cd".repeat(32) } }],
		predicate: JSON.parse(new TextDecoder().decode(testdata("trivy.cdx.json"))) as unknown,
	};
	const payload = Buffer.from(JSON.stringify(statement)).toString("base64");
	const { subject, packages } = read({ payloadType: "application/vnd.in-toto+json", payload, signatures: [] });
	expect(subject).toEqual({ name: "oci", digest: `sha256:${"cd".repeat(32)}` });
	expect(packages).toHaveLength(6);
});

it("reads SPDX 3", () => {
	const element = (type: string, spdxId: string, fields: object) => ({ type, spdxId, creationInfo: "_:c", ...fields });
	const { document, subject, os, packages, needs } = read({
		"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
		"@graph": [
			{ type: "CreationInfo", "@id": "_:c", specVersion: "3.0.1", created: "2026-01-02T03:04:05Z" },
			element("Tool", "urn:t", { name: "syft-1.40.0" }),
			element("software_Sbom", "urn:s", { rootElement: ["urn:image"] }),
			element("software_Package", "urn:image", {
				name: "shop",
				software_primaryPurpose: "container",
				software_packageVersion: `sha256:${"ab".repeat(32)}`,
			}),
			element("software_Package", "urn:os", {
				name: "alpine",
				software_primaryPurpose: "operatingSystem",
				software_packageVersion: "3.20.3",
			}),
			element("software_Package", "urn:curl", {
				name: "curl",
				software_packageVersion: "8.9.0-r0",
				software_packageUrl: "pkg:apk/alpine/curl@8.9.0-r0?arch=x86_64&distro=alpine-3.20.3&upstream=curl",
			}),
			element("software_Package", "urn:libcurl", {
				name: "libcurl",
				software_packageVersion: "8.9.0-r0",
				software_sourceInfo: "acquired package info from APK DB: /lib/apk/db/installed",
				externalIdentifier: [
					{
						type: "ExternalIdentifier",
						externalIdentifierType: "packageUrl",
						identifier: "pkg:apk/alpine/libcurl@8.9.0-r0?arch=x86_64&upstream=curl",
					},
				],
			}),
			element("Relationship", "urn:r1", { from: "urn:curl", relationshipType: "dependsOn", to: ["urn:libcurl"] }),
			element("Relationship", "urn:r2", { from: "urn:image", relationshipType: "contains", to: ["urn:curl"] }),
			element("LifecycleScopedRelationship", "urn:r3", {
				from: "urn:libcurl",
				relationshipType: "dependsOn",
				scope: "development",
				to: ["urn:curl"],
			}),
		],
	});
	expect(document).toEqual({
		format: "spdx3-json",
		specVersion: "3.0.1",
		generator: "syft-1.40.0",
		created: "2026-01-02T03:04:05Z",
	});
	expect(subject).toEqual({ name: "shop", digest: `sha256:${"ab".repeat(32)}` });
	expect(os).toEqual({ id: "alpine", versionId: "3.20.3" });
	expect(packages.map(({ name, source, path }) => [name, source?.name, path])).toEqual([
		["curl", "curl", "bom"],
		["libcurl", "curl", "lib/apk/db/installed"],
	]);
	expect(needs).toEqual([[1], []]);
});

it("reads text in UTF-16, as PowerShell saves it", () => {
	const text = JSON.stringify({ bomFormat: "CycloneDX", components: [{ name: "a", purl: "pkg:npm/a@1.0.0" }] });
	const little = Buffer.from(`\ufeff${text}`, "utf16le");
	const big = Buffer.from(little).swap16();
	for (const bytes of [little, big, Buffer.from(`\ufeff${text}`)]) expect(read(bytes).packages).toHaveLength(1);
});
