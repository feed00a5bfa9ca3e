import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { documentLimit, readSbom } from "./index.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const xml = (body: string) => `<bom xmlns="http://cyclonedx.org/schema/bom/1.5">${body}</bom>`;

function reason(content: string | Uint8Array): string {
	const sbom = readSbom(typeof content === "string" ? utf8(content) : content, "x");
	return sbom.kind === "unreadable" ? sbom.reason : `sbom of ${sbom.packages.length}`;
}

describe("what is no SBOM", () => {
	it.each([
		["", "is empty"],
		[" \n\t", "is empty"],
		["\0\0\0\0", "is neither CycloneDX nor SPDX"],
		["hello", "is neither CycloneDX nor SPDX"],
		["[]", "is neither CycloneDX nor SPDX"],
		["{}", "is JSON, but neither CycloneDX nor SPDX"],
		['{"bomFormat":"CycloneDX"', "is broken JSON"],
		['{"SchemaVersion":2,"Results":[]}', "is JSON, but neither CycloneDX nor SPDX"],
		['{"payload":"bm90IGpzb24="}', "is JSON, but neither CycloneDX nor SPDX"],
		['{"predicate":{"buildType":"x"}}', "is JSON, but neither CycloneDX nor SPDX"],
		["<html></html>", "is XML that breaks off or is not CycloneDX"],
		["<bom></bom>", "is XML, but not CycloneDX"],
		['<!DOCTYPE bom [<!ENTITY a "aa">]><bom></bom>', "is XML with a document type, which is refused"],
		[xml("<components><component><a>").slice(0, -6), "is XML that breaks off or is not CycloneDX"],
		[xml("<components><component><![CDATA["), "is broken XML"],
	])("%j is said to be so", (content, expected) => {
		expect(reason(content)).toBe(expected);
	});

	it.each(["trivy.cdx.json", "trivy.spdx.json", "syft.cdx.xml"])("%s in halves is one", (name) => {
		const whole = readFileSync(new URL(`testdata/${name}`, import.meta.url));
		for (const part of [0.1, 0.5, 0.9])
			expect(reason(whole.subarray(0, whole.length * part))).toMatch(/broken|breaks off/);
	});

	it("is what is larger than the limit, whatever it holds", () => {
		const sparse = new Uint8Array(documentLimit + 1);
		expect(reason(sparse)).toBe("is larger than 256 MiB");
	});
});

describe("warnings", () => {
	it("are short and without control characters, whatever a document calls things", () => {
		const purl = (namespace: string, name: string) => `pkg:deb/${encodeURIComponent(namespace)}/${name}@1`;
		const components = ["a\u001b[31m\nb\u202e", "c".repeat(3000)].map((namespace) => ({
			type: "library",
			name: "x",
			version: "1",
			purl: purl(namespace, "x"),
		}));
		const os = { type: "operating-system", name: "debian", version: "12" };
		const sbom = readSbom(
			Buffer.from(JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.5", components: [os, ...components] })),
			"bom.json",
		);
		const messages = sbom.kind === "sbom" ? sbom.warnings.map(({ message }) => message) : [];
		expect(messages.join("")).toContain("deb of a?[31m?b?");
		for (const message of messages) expect(message).toMatch(/^\P{C}{1,600}$/u);
	});
});

describe("hostile documents are read in time that grows with their size", () => {
	const head = '<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components>';
	const many = 300_000;
	it.each<[string, () => string]>([
		["deep JSON", () => `{"a":${"[".repeat(many)}`],
		["deep objects", () => '{"a":'.repeat(many)],
		[
			"components in components",
			() => `{"bomFormat":"CycloneDX","components":${'[{"components":'.repeat(1_000)}[]${"}]".repeat(1_000)}}`,
		],
		["deep XML", () => `${head}${"<component><components>".repeat(many)}</bom>`],
		["unclosed XML comments", () => `${head}${"<!--".repeat(many)}</bom>`],
		["attributes", () => `${head}<a ${"b='1' ".repeat(many)}/></components></bom>`],
		["broken attributes", () => `${head}<a ${"b=".repeat(many)}></components></bom>`],
		["ampersands", () => `${head}${"&#".repeat(many)}</components></bom>`],
		["blanks", () => `${head}${" ".repeat(10 * many)}</components></bom>`],
		["unclosed texts", () => `SPDXVersion: SPDX-2.3\n${"PackageName: <text>\n".repeat(many)}`],
		["one long line", () => `SPDXVersion: SPDX-2.3\n${"x".repeat(10 * many)}`],
		[
			"checksums of one package",
			() => `SPDXVersion: SPDX-2.3\nPackageName: a\n${"PackageChecksum: SHA1: a\n".repeat(many)}`,
		],
		[
			"one package a million times",
			() => `{"bomFormat":"CycloneDX","components":[${'{"purl":"pkg:npm/a@1"},'.repeat(many)}{}]}`,
		],
		[
			"a property a million times",
			() =>
				`{"bomFormat":"CycloneDX","components":[{"purl":"pkg:npm/a@1","properties":[${'{"name":"aquasecurity:trivy:FilePath","value":"x"},'.repeat(many)}{}]}]}`,
		],
		["a long purl", () => `{"bomFormat":"CycloneDX","components":[{"purl":"pkg:generic/${"a/".repeat(many)}b@1"}]}`],
	])("%s", (_, make) => {
		const start = performance.now();
		reason(make());
		// Some hundred milliseconds; quadratic time would be minutes.
		expect(performance.now() - start).toBeLessThan(15_000);
	});
});

it("says that nesting was cut", () => {
	const nested = `${'[{"purl":"pkg:npm/a@1","components":'.repeat(100)}[{"purl":"pkg:npm/hidden@1"}]${"}]".repeat(100)}`;
	const sbom = readSbom(utf8(`{"bomFormat":"CycloneDX","components":${nested}}`), "x");
	expect(sbom).toMatchObject({ packages: [{ name: "a" }], warnings: [{ code: "sbom_incomplete" }] });
});

it("keeps names like __proto__ apart from everything else", () => {
	const purls = ["__proto__", "constructor", "toString"].map(
		(name) => `{"purl":"pkg:npm/${name}@1","__proto__":{"purl":"x"}}`,
	);
	const sbom = readSbom(
		utf8(`{"bomFormat":"CycloneDX","components":[${purls.join()}],"dependencies":[{"ref":"__proto__"}]}`),
		"x",
	);
	expect(sbom.kind === "sbom" && sbom.packages.map((pkg) => pkg.name)).toEqual([
		"__proto__",
		"constructor",
		"toString",
	]);
	expect(
		readSbom(
			utf8('{"bomFormat":"CycloneDX","components":[{"purl":"pkg:constructor/a@1"},{"purl":"pkg:__proto__/a@1"}]}'),
			"x",
		),
	).toMatchObject({
		packages: [],
	});
});
