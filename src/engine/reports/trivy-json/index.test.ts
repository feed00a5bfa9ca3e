import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Report } from "#model";
import { markupReport, richIndexReport, richReport } from "../../testing/reports/rich-report.ts";
import * as samples from "../../testing/reports/sample-reports.ts";
import { renderTrivyJson } from "./index.ts";
import { versionParts } from "./kinds.ts";

const reports: Readonly<Record<string, Report>> = {
	rich: richReport,
	"rich-index": richIndexReport,
	markup: markupReport,
	partial: samples.partialReport,
	clean: samples.cleanReport,
	failed: samples.failedReport,
	index: samples.indexReport,
	hostile: samples.hostileReport,
};

interface Vulnerability {
	readonly VulnerabilityID: string;
	readonly PkgID: string;
	readonly PkgName: string;
	readonly PkgPath?: string;
	readonly InstalledVersion: string;
	readonly Status: string;
	readonly Severity: string;
}
interface TrivyReport {
	readonly SchemaVersion: number;
	readonly ArtifactType: string;
	readonly Metadata: Readonly<Record<string, unknown>>;
	readonly Results: readonly {
		readonly Target: string;
		readonly Class: string;
		readonly Type: string;
		readonly Packages?: readonly Readonly<Record<string, unknown>>[];
		readonly Vulnerabilities?: readonly Vulnerability[];
		readonly CustomResources?: readonly object[];
		readonly ExperimentalModifiedFindings?: readonly { readonly Status: string; readonly Finding: Vulnerability }[];
	}[];
}

function trivyOf(report: Report): TrivyReport {
	return JSON.parse(renderTrivyJson(report)) as TrivyReport;
}

/** Every field that Trivy's own reader knows, by the object it stands in. */
const known: Readonly<Record<string, readonly string[]>> = {
	"": ["SchemaVersion", "CreatedAt", "ArtifactName", "ArtifactType", "Metadata", "Results"],
	Metadata: ["OS", "DiffIDs", "RepoTags", "RepoDigests", "Reference", "ImageConfig", "Layers"],
	OS: ["Family", "Name", "EOSL"],
	Results: [
		"Target",
		"Class",
		"Type",
		"Packages",
		"Vulnerabilities",
		"ExperimentalModifiedFindings",
		"CustomResources",
	],
	Packages:
		"ID Name Identifier Version Release Epoch Arch SrcName SrcVersion SrcRelease SrcEpoch Modularitylabel DependsOn Layer FilePath".split(
			" ",
		),
	Vulnerabilities:
		"VulnerabilityID VendorIDs PkgID PkgName PkgPath PkgIdentifier InstalledVersion FixedVersion Status Layer SeveritySource PrimaryURL DataSource Title Description Severity CweIDs VendorSeverity CVSS References PublishedDate Custom".split(
			" ",
		),
	ExperimentalModifiedFindings: ["Type", "Status", "Statement", "Source", "Finding"],
	CustomResources: ["Type", "FilePath", "Layer", "Data"],
	Layer: ["Digest", "DiffID"],
	Layers: ["Digest", "DiffID"],
	Identifier: ["PURL"],
	PkgIdentifier: ["PURL"],
	DataSource: ["ID", "Name"],
};

function unknownFields(value: unknown, place = ""): readonly string[] {
	if (Array.isArray(value)) return value.flatMap((each) => unknownFields(each, place));
	if (typeof value !== "object" || value === null) return [];
	const fields = place === "Finding" ? known["Vulnerabilities"] : known[place];
	return Object.entries(value).flatMap(([name, inner]) => {
		if (fields === undefined) return [];
		return fields.includes(name) ? unknownFields(inner, name) : [`${place}.${name}`];
	});
}

describe("renderTrivyJson", () => {
	it.each(Object.entries(reports))("%s has only fields that Trivy knows", (_, report) => {
		expect(unknownFields(trivyOf(report))).toEqual([]);
		expect(trivyOf(report)).toMatchObject({ SchemaVersion: 2, ArtifactType: "container_image" });
	});

	it.each(Object.entries(reports))("%s has every finding in the words of Trivy", (_, report) => {
		const { Results } = trivyOf(report);
		const found = Results.flatMap((result) => [
			...(result.Vulnerabilities ?? []),
			...(result.ExperimentalModifiedFindings ?? []).map((each) => each.Finding),
		]);
		const images = report.manifests ?? [report];
		for (const { findings } of images) {
			for (const { id, package: pkg } of findings) {
				expect(found.some((each) => each.VulnerabilityID === id && each.PkgName === pkg.name)).toBe(true);
			}
		}
		for (const { Severity, Status } of found) {
			expect(["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNKNOWN"]).toContain(Severity);
			expect(["fixed", "affected", "will_not_fix", "fix_deferred", "end_of_life", "under_investigation"]).toContain(
				Status,
			);
		}
	});

	it("has one result for the system's packages, first, and one a language or file", () => {
		const { Results } = trivyOf(richReport);
		expect(Results.map(({ Target, Class, Type }) => [Target, Class, Type])).toEqual([
			["registry.example/shop/web:1.4.2 (debian 12.5)", "os-pkgs", "debian"],
			["usr/local/bin/tool", "lang-pkgs", "gobinary"],
			["Java", "lang-pkgs", "jar"],
			["Node.js", "lang-pkgs", "node-pkg"],
		]);
	});

	it("has a language package and its findings once for each place", () => {
		const node = trivyOf(richReport).Results.find(({ Type }) => Type === "node-pkg");
		expect(node?.Vulnerabilities?.map(({ PkgPath }) => PkgPath)).toEqual([
			"srv/app/node_modules/@shop/cart/package.json",
			"srv/app/node_modules/checkout/node_modules/@shop/cart/package.json",
		]);
		expect(node?.Packages?.filter((pkg) => pkg["Name"] === "@shop/cart")).toHaveLength(2);
		const checkout = node?.Packages?.find((pkg) => pkg["Name"] === "checkout");
		expect(checkout?.["DependsOn"]).toEqual(["@shop/cart@2.1.0", "left@0.9.0"]);
	});

	it("keeps suppressed findings apart", () => {
		const modified = trivyOf(richReport).Results.flatMap((result) => result.ExperimentalModifiedFindings ?? []);
		expect(new Set(modified.map(({ Status, Finding }) => `${Finding.VulnerabilityID} ${Status}`))).toEqual(
			new Set(["CVE-2010-4756 ignored", "GHSA-xxxx-yyyy-zzzz not_affected", "CVE-2025-8008 fixed"]),
		);
	});

	it("gives scores by source and version", () => {
		const [first] = trivyOf(richReport).Results[0]?.Vulnerabilities ?? [];
		expect(first).toMatchObject({
			VulnerabilityID: "CVE-2026-1001",
			VendorIDs: ["DSA-6001-1", "DEBIAN-CVE-2026-1001"],
			SeveritySource: "nvd",
			VendorSeverity: { nvd: 4, redhat: 4 },
			CVSS: { nvd: { V3Score: 9.8 }, redhat: { V40Score: 9.3 } },
			CweIDs: ["CWE-416", "CWE-672"],
		});
	});

	it("names the platform in the targets of an index", () => {
		const targets = trivyOf(richIndexReport).Results.map(({ Target }) => Target);
		expect(targets).toContain("linux/amd64: registry.example/shop/web:1.4.2 (debian 12.5)");
		expect(targets).toContain("linux/arm64: registry.example/shop/web:1.4.2 (debian 12.5)");
		expect(trivyOf(richIndexReport).Metadata["OS"]).toEqual({ Family: "debian", Name: "12.5" });
	});

	it("says what was not looked at", () => {
		const [result] = trivyOf(samples.failedReport).Results.filter(({ Class }) => Class === "custom");
		expect(result?.CustomResources).toEqual([expect.objectContaining({ Type: "layer_unreadable" })]);
		expect(trivyOf(samples.cleanReport).Results).toEqual([]);
	});

	it.each([
		["deb", "1:9.18.44-1~deb12u1", { Version: "9.18.44", Release: "1~deb12u1", Epoch: 1 }],
		["deb", "2.0-rc-3", { Version: "2.0-rc", Release: "3" }],
		["rpm", "0:1.2-3.el9", { Version: "1.2", Release: "3.el9" }],
		["deb", "5", { Version: "5" }],
		["apk", "1.2.3-r0", { Version: "1.2.3-r0" }],
		["npm", "1.0.0-rc.1", { Version: "1.0.0-rc.1" }],
		["golang", "", {}],
	] as const)("takes %s %s apart", (type, text, parts) => {
		expect(versionParts(type, text)).toEqual(parts);
	});

	it.each(["rich", "rich-index", "partial"])("golden: %s", (name) => {
		const file = new URL(`../../../../test/golden/report-${name}.trivy.json`, import.meta.url);
		const text = renderTrivyJson(reports[name] ?? samples.cleanReport);
		if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, text);
		expect(existsSync(file), `${file.pathname} is missing: run with UPDATE_GOLDEN=1`).toBe(true);
		expect(text).toBe(readFileSync(file, "utf8"));
	});
});
