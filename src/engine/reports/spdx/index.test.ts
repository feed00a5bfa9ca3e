import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import type { Report } from "#model";
import { markupReport, richIndexReport, richReport } from "../../testing/reports/rich-report.ts";
import * as samples from "../../testing/reports/sample-reports.ts";
import { renderSpdx } from "./index.ts";

const reports: Readonly<Record<string, Report>> = {
	rich: richReport,
	"rich-index": richIndexReport,
	markup: markupReport,
	partial: samples.partialReport,
	failed: samples.failedReport,
	index: samples.indexReport,
	hostile: samples.hostileReport,
	packages: samples.packageListReport,
};

interface SpdxPackage {
	readonly SPDXID: string;
	readonly name: string;
	readonly versionInfo?: string;
	readonly primaryPackagePurpose: string;
	readonly sourceInfo?: string;
	readonly comment?: string;
	readonly checksums?: readonly object[];
	readonly externalRefs?: readonly {
		readonly referenceCategory: string;
		readonly referenceType: string;
		readonly referenceLocator: string;
		readonly comment?: string;
	}[];
}
interface SpdxDocument {
	readonly SPDXID: string;
	readonly documentNamespace: string;
	readonly comment: string;
	readonly packages: readonly SpdxPackage[];
	readonly relationships: readonly {
		readonly spdxElementId: string;
		readonly relationshipType: string;
		readonly relatedSpdxElement: string;
	}[];
}

function documentOf(report: Report): SpdxDocument {
	return JSON.parse(renderSpdx(report)) as SpdxDocument;
}

function packageNamed(document: SpdxDocument, name: string): SpdxPackage {
	const found = document.packages.find((pkg) => pkg.name === name);
	if (!found) throw new Error(`${name} is not in the document`);
	return found;
}

/**
 * What SPDX 2.3 asks of the elements that we write (clauses 6, 7 and 11), and nothing that it does not know: no registry
 * has its schema as a package.
 */
const text = { type: "string", minLength: 1 } as const;
const id = { type: "string", pattern: "^SPDXRef-[A-Za-z0-9.-]+$" } as const;
const faultsOf = (() => {
	const strict = (required: readonly string[], optional: Readonly<Record<string, object>>, more: object): object => ({
		type: "object",
		additionalProperties: false,
		required,
		properties: { ...optional, ...more },
	});
	const reference = strict(
		["referenceCategory", "referenceType", "referenceLocator"],
		{ comment: text },
		{
			referenceCategory: { enum: ["SECURITY", "PACKAGE-MANAGER", "PERSISTENT-ID", "OTHER"] },
			referenceType: { enum: ["purl", "advisory"] },
			referenceLocator: { type: "string", pattern: "^(?:pkg:|https://)\\S+$" },
		},
	);
	const checksum = strict(
		["algorithm", "checksumValue"],
		{},
		{ algorithm: { enum: ["SHA256", "SHA512"] }, checksumValue: { type: "string", pattern: "^[0-9a-f]{64,128}$" } },
	);
	const moment = { type: "string", pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$" };
	const tool = { type: "string", pattern: "^Tool: \\S+$" };
	const annotation = strict(
		["annotationDate", "annotationType", "annotator", "comment"],
		{},
		{ annotationDate: moment, annotationType: { enum: ["OTHER", "REVIEW"] }, annotator: tool, comment: text },
	);
	const element = strict(
		["SPDXID", "name", "downloadLocation", "filesAnalyzed"],
		{
			versionInfo: text,
			sourceInfo: text,
			summary: text,
			comment: text,
			checksums: { type: "array", items: checksum },
			annotations: { type: "array", items: annotation },
			externalRefs: { type: "array", minItems: 1, items: reference },
		},
		{
			SPDXID: id,
			name: text,
			downloadLocation: { const: "NOASSERTION" },
			filesAnalyzed: { const: false },
			licenseConcluded: { const: "NOASSERTION" },
			licenseDeclared: { const: "NOASSERTION" },
			copyrightText: { const: "NOASSERTION" },
			primaryPackagePurpose: { enum: ["CONTAINER", "OPERATING_SYSTEM", "LIBRARY"] },
		},
	);
	const relationship = strict(
		["spdxElementId", "relationshipType", "relatedSpdxElement"],
		{},
		{
			spdxElementId: id,
			relationshipType: { enum: ["DESCRIBES", "CONTAINS", "DEPENDS_ON"] },
			relatedSpdxElement: id,
		},
	);
	const creation = strict(
		["created", "creators"],
		{},
		{
			created: moment,
			creators: { type: "array", minItems: 1, items: tool },
		},
	);
	const validate = new Ajv({ allErrors: true }).compile(
		strict(
			["spdxVersion", "dataLicense", "SPDXID", "name", "documentNamespace", "creationInfo"],
			{ comment: text },
			{
				spdxVersion: { const: "SPDX-2.3" },
				dataLicense: { const: "CC0-1.0" },
				SPDXID: { const: "SPDXRef-DOCUMENT" },
				name: text,
				documentNamespace: { type: "string", pattern: "^[a-z]+:[^#\\s]+$" },
				creationInfo: creation,
				packages: { type: "array", items: element },
				relationships: { type: "array", items: relationship },
			},
		),
	);
	return (document: unknown) => (validate(document) ? null : validate.errors);
})();

describe("renderSpdx", () => {
	it.each(Object.entries(reports))("%s is what SPDX 2.3 asks", (_, report) => {
		expect(faultsOf(documentOf(report))).toBeNull();
	});

	it.each(Object.entries(reports))(
		"%s: identifiers are unique, and every relationship leads somewhere",
		(_, report) => {
			const document = documentOf(report);
			const ids = [document.SPDXID, ...document.packages.map((pkg) => pkg.SPDXID)];
			expect(new Set(ids).size).toBe(ids.length);
			for (const { spdxElementId, relatedSpdxElement } of document.relationships) {
				expect(ids).toContain(spdxElementId);
				expect(ids).toContain(relatedSpdxElement);
			}
			const reached = new Set(["SPDXRef-DOCUMENT"]);
			for (const from of reached) {
				for (const each of document.relationships)
					if (each.spdxElementId === from) reached.add(each.relatedSpdxElement);
			}
			expect(reached.size, "all elements are reached from the document").toBe(ids.length);
		},
	);

	it("describes one thing, and the operating system contains its own packages", () => {
		const document = documentOf(richReport);
		const described = document.relationships.filter((each) => each.relationshipType === "DESCRIBES");
		expect(described.map((each) => each.relatedSpdxElement)).toEqual(["SPDXRef-Image"]);
		const contents = (from: string): readonly string[] =>
			document.relationships
				.filter((each) => each.spdxElementId === from && each.relationshipType === "CONTAINS")
				.map((each) => document.packages.find((pkg) => pkg.SPDXID === each.relatedSpdxElement)?.name ?? "");
		expect(contents("SPDXRef-OperatingSystem")).toEqual(
			expect.arrayContaining(["libc6", "libssl3", "openssl", "docker-ce-cli", "nodejs"]),
		);
		expect(contents("SPDXRef-Image")).toEqual(expect.arrayContaining(["debian", "@shop/cart", "org.example:log-core"]));
		expect(contents("SPDXRef-Image")).not.toContain("libc6");
	});

	it("says which package needs which", () => {
		const document = documentOf(richReport);
		const checkout = packageNamed(document, "checkout").SPDXID;
		const needed = document.relationships
			.filter((each) => each.spdxElementId === checkout && each.relationshipType === "DEPENDS_ON")
			.map((each) => document.packages.find((pkg) => pkg.SPDXID === each.relatedSpdxElement))
			.map((pkg) => `${pkg?.name}@${pkg?.versionInfo}`);
		expect(needed).toEqual(["@shop/cart@2.1.0", "left@0.9.0"]);
	});

	it("has the advisories on a package, suppressed ones with the reason", () => {
		const refs = packageNamed(documentOf(richReport), "@shop/cart").externalRefs ?? [];
		expect(refs.map((ref) => ref.referenceLocator)).toEqual([
			"pkg:npm/%40shop/cart@2.1.0",
			"https://nvd.nist.gov/vuln/detail/CVE-2026-5005",
			"https://github.com/advisories/GHSA-xxxx-yyyy-zzzz",
			"https://nvd.nist.gov/vuln/detail/CVE-2025-8008",
		]);
		expect(refs[2]?.comment).toContain("suppressed as not_affected by vex/shop.openvex.json");
		const openssl = packageNamed(documentOf(richReport), "openssl");
		expect(openssl.externalRefs?.[1]?.comment).toMatch(
			/CVE-2026-1001 \(critical\).*fixed in 3\.0\.14.*known to be exploited/,
		);
		expect(openssl.sourceInfo).toBe("built package from: openssl 3.0.11-1~deb12u2");
	});

	it("tells in its comment what a reader must know", () => {
		expect(documentOf(samples.partialReport).comment).toMatch(
			/PARTIAL[^]*Only packages with findings[^]*packages_unsupported/,
		);
		expect(documentOf(samples.failedReport).comment).toContain("FAILED");
		expect(documentOf({ ...richReport, warnings: [] }).comment).toBe("The scan is complete.");
	});

	it("is the same bytes for the same report, and has another namespace for another one", () => {
		expect(renderSpdx(richReport)).toBe(renderSpdx(richReport));
		const later = { ...richReport, createdAt: "2026-11-24T18:00:00.000Z" };
		expect(documentOf(later).documentNamespace).not.toBe(documentOf(richReport).documentNamespace);
	});

	it.each(["rich", "rich-index", "partial"])("golden: %s", (name) => {
		const file = new URL(`../../../../test/golden/report-${name}.spdx.json`, import.meta.url);
		const rendered = renderSpdx(reports[name] ?? samples.cleanReport);
		if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, rendered);
		expect(existsSync(file), `${file.pathname} is missing: run with UPDATE_GOLDEN=1`).toBe(true);
		expect(rendered).toBe(readFileSync(file, "utf8"));
	});
});
