import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { applySuppressions } from "../apply.ts";
import { readJson } from "../json.ts";
import { bytesOf, digestA, found, imageReport, now } from "../report-fixture.ts";
import type { Suppressions } from "../types.ts";
import { cycloneDxVex } from "./index.ts";

const good = readFileSync(new URL("testdata/good", import.meta.url));
const libssl = "pkg:deb/debian/libssl3@3.0.11-1~deb12u2?arch=amd64";

function read(content: Uint8Array | object): Suppressions {
	return cycloneDxVex.read(
		readJson(content instanceof Uint8Array ? content : bytesOf(content), "vex.json"),
		"vex.json",
	);
}

function document(vulnerability: object, over: object = {}): object {
	return {
		bomFormat: "CycloneDX",
		specVersion: "1.5",
		version: 1,
		...over,
		vulnerabilities: [
			{ id: "CVE-2026-1000", analysis: { state: "not_affected" }, affects: [{ ref: libssl }], ...vulnerability },
		],
	};
}

function suppressed(content: object, report = imageReport([found()])) {
	return applySuppressions(report, read(content), now).findings[0]?.suppressed ?? null;
}

describe("a document with its components", () => {
	const findings = [
		found(),
		found({ id: "CVE-2026-1001", purl: "pkg:npm/inner@1.0.0" }),
		found({ id: "CVE-2026-1002", purl: "pkg:npm/anything@1.0.0" }),
		...["3", "4", "5", "6"].map((digit) => found({ id: `CVE-2026-100${digit}` })),
	];

	it("suppresses what its analyses say", () => {
		const by = "vex.json (Release Team)";
		const report = applySuppressions(imageReport(findings), read(good), now);
		expect(report.findings.map((finding) => finding.suppressed)).toEqual([
			{
				by,
				reason: "Data flow analysis shows no path to the code.",
				status: "not_affected",
				justification: "vulnerable_code_not_in_execute_path",
			},
			{ by, reason: "requires configuration", status: "not_affected" },
			{ by, reason: "The product contains the fix.", status: "fixed" },
			undefined,
			undefined,
			undefined,
			undefined,
		]);
	});

	it("says nothing of other images, though they hold the same packages", () => {
		const other = imageReport(findings, { digest: `sha256:${"c".repeat(64)}` });
		expect(applySuppressions(other, read(good), now).summary.suppressed).toBe(0);
	});

	it("names what it could not apply", () => {
		expect(read(good).problems).toEqual([
			"vex.json: 1 product is named neither by a package URL nor as an image, so what the file says of it was not applied: Acme Product 2.",
		]);
	});

	it("takes the date of the analysis, else the document's", () => {
		expect(read(good).statements.map(({ time }) => time && new Date(time).toISOString().slice(0, 10))).toEqual([
			"2026-10-04",
			...Array.from({ length: 5 }, () => "2026-10-03"),
		]);
	});
});

describe("a document without components", () => {
	it.each([
		[libssl, true],
		["pkg:deb/debian/libssl3", true],
		[`urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#${libssl}`, true],
		[`urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#${encodeURIComponent(libssl)}`, true],
		["urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#product-ABC", false],
		["urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1", false],
		["product-ABC", false],
		[`pkg:oci/web@${digestA}`, true],
		["pkg:oci/api", false],
	])("refers to %s", (ref, expected) => {
		expect(suppressed(document({ affects: [{ ref }] })) !== null).toBe(expected);
	});
});

describe("the image that a document is about", () => {
	it.each([
		["by its version, a digest", { type: "container", name: "shop/web", version: digestA }, true],
		[
			"by another digest",
			{ type: "container", name: "registry.example/shop/web:1.2", version: `sha256:${"c".repeat(64)}` },
			false,
		],
		["by a hash", { type: "container", name: "x", hashes: [{ alg: "SHA-256", content: "a".repeat(64) }] }, true],
		["by its reference", { type: "container", name: "registry.example/shop/web:1.2", version: "1.2" }, true],
		["by another reference", { type: "container", name: "registry.example/shop/api:1.2" }, false],
		["by a package URL", { type: "container", name: "x", purl: "pkg:oci/api" }, false],
		[
			"by a package URL and a digest, which is narrower",
			{ type: "container", purl: "pkg:oci/web", version: `sha256:${"c".repeat(64)}` },
			false,
		],
		// No image: the packages count wherever they are.
		["not at all", { type: "application", name: "shop" }, true],
	])("%s", (_what, component, expected) => {
		expect(suppressed(document({}, { metadata: { component } })) !== null).toBe(expected);
	});
});

describe("versions", () => {
	const refs = { ref: "pkg:deb/debian/libssl3" };
	const version = "3.0.11-1~deb12u2";
	it.each([
		["not_affected", [{ version }], true],
		["not_affected", [{ version, status: "affected" }], true],
		["not_affected", [{ version, status: "unaffected" }], true],
		["not_affected", [{ version, status: "unknown" }], false],
		["not_affected", [{ version: "4" }], false],
		["not_affected", [{ version: "4" }, { version }], true],
		["not_affected", { version }, true],
		["not_affected", [{ range: "vers:deb/>=3|<4" }], false],
		["resolved", [{ version }], true],
		["exploitable", [{ version }], false],
	])("%s at %j: %j", (state, versions, expected) => {
		const content = document({ analysis: { state }, affects: [{ ...refs, versions }] });
		expect(suppressed(content) !== null).toBe(expected);
	});

	it("ranges are named", () => {
		const content = document({ affects: [{ ...refs, versions: [{ version }, { range: "vers:deb/<4" }] }] });
		expect(read(content).problems).toEqual([
			"vex.json: 1 product is named by a range of versions, which is not read, so what the file says of it was not applied: pkg:deb/debian/libssl3.",
		]);
	});

	it("a version of an image is not one of its packages", () => {
		const content = document({ affects: [{ ref: "pkg:oci/web", versions: [{ version: "1.2" }] }] });
		expect(suppressed(content)).toBeNull();
		expect(read(content).problems).toHaveLength(1);
	});
});

describe("analysis", () => {
	it.each([
		["resolved_with_pedigree", true],
		["false_positive", true],
		["in_triage", false],
		["exploitable", false],
	])("%s suppresses: %j", (state, expected) => {
		expect(suppressed(document({ analysis: { state } })) !== null).toBe(expected);
	});

	it("a later one overrides", () => {
		const vulnerabilities = [
			{
				id: "CVE-2026-1000",
				analysis: { state: "not_affected" },
				affects: [{ ref: libssl }],
				updated: "2026-02-01T00:00:00Z",
			},
			{
				id: "CVE-2026-1000",
				analysis: { state: "exploitable" },
				affects: [{ ref: libssl }],
				updated: "2026-03-01T00:00:00Z",
			},
		];
		expect(suppressed({ ...document({}), vulnerabilities })).toBeNull();
		const [older, newer] = vulnerabilities.map(({ updated }) => updated);
		const turned = [
			{ ...vulnerabilities[0], updated: newer },
			{ ...vulnerabilities[1], updated: older },
		];
		expect(suppressed({ ...document({}), vulnerabilities: turned })).not.toBeNull();
	});

	it.each([
		[{ affects: [] }, "1 statement names no product, so it applies to nothing: vulnerability 1."],
		[{ id: "" }, "1 statement does not name its vulnerability and was not applied: vulnerability 1."],
		[
			{ analysis: { state: "constructor" } },
			"1 statement has a status that is unknown and was not applied: vulnerability 1 (constructor).",
		],
	])("%j is named", (over, problem) => {
		expect(read(document(over)).problems).toEqual([`vex.json: ${problem}`]);
		expect(suppressed(document(over))).toBeNull();
	});
});

describe("hostile documents", () => {
	it("other things than texts, lists and objects read as absent", () => {
		const content = read({
			bomFormat: "CycloneDX",
			serialNumber: 5,
			metadata: [],
			components: [null, 5, { "bom-ref": "a", components: 7, services: [{}] }],
			vulnerabilities: [
				null,
				{ analysis: "not_affected" },
				{
					id: "CVE-1",
					analysis: { state: "not_affected" },
					affects: [null, {}, { ref: 5 }, { ref: "a" }, { ref: "%ZZ" }],
				},
			],
		});
		expect(content.statements.flatMap(({ scopes }) => scopes)).toEqual([]);
	});

	it("components deep in components are found", () => {
		let component: object = { "bom-ref": "deepest", purl: libssl };
		for (let depth = 0; depth < 60; depth += 1) component = { components: [component] };
		const content = document({ affects: [{ ref: "deepest" }] }, { components: [component] });
		expect(suppressed(content)).not.toBeNull();
	});
});
