import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import ajvFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import type { Report } from "#model";
import { markupReport, richIndexReport, richReport } from "../../testing/reports/rich-report.ts";
import * as samples from "../../testing/reports/sample-reports.ts";
import { renderCycloneDx } from "./index.ts";

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

interface Component {
	readonly "bom-ref": string;
	readonly type: string;
	readonly name: string;
	readonly purl?: string;
	readonly components?: readonly Component[];
	readonly properties?: readonly { readonly name: string; readonly value: string }[];
}
interface Vulnerability {
	readonly "bom-ref": string;
	readonly id: string;
	readonly ratings: readonly { readonly source?: object; readonly severity: string; readonly method: string }[];
	readonly affects: readonly { readonly ref: string; readonly versions?: readonly object[] }[];
	readonly analysis?: object;
}
interface Bom {
	readonly serialNumber: string;
	readonly metadata: { readonly component: Component; readonly timestamp: string };
	readonly components: readonly Component[];
	readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
	readonly compositions: readonly { readonly aggregate: string; readonly assemblies: readonly string[] }[];
	readonly vulnerabilities: readonly Vulnerability[];
}

function bomOf(report: Report): Bom {
	return JSON.parse(renderCycloneDx(report)) as Bom;
}

function flat(components: readonly Component[]): readonly Component[] {
	return components.flatMap((component) => [component, ...flat(component.components ?? [])]);
}

function vulnerability(bom: Bom, id: string): Vulnerability {
	const found = bom.vulnerabilities.find((each) => each.id === id);
	if (!found) throw new Error(`${id} is not in the document`);
	return found;
}

/** The schemas as CycloneDX publishes them; their file names end in SNAPSHOT. */
function officialSchema(): (document: unknown) => unknown {
	const require = createRequire(import.meta.url);
	const folder = require.resolve("@cyclonedx/cyclonedx-library/package.json");
	const read = (name: string): object =>
		JSON.parse(readFileSync(new URL(`res/schema/${name}.SNAPSHOT.schema.json`, `file://${folder}`), "utf8"));
	const ajv = ajvFormats.default(new Ajv({ strict: false, allErrors: true }));
	ajv
		.addFormat("iri-reference", /^[^\s<>"{}|\\^`]*$/)
		.addFormat("idn-email", true)
		.addFormat("string", true);
	ajv.addSchema(read("spdx"), "http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json");
	ajv.addSchema(read("jsf-0.82"), "http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json");
	ajv.addSchema(read("cryptography-defs"), "http://cyclonedx.org/schema/cryptography-defs.SNAPSHOT.schema.json");
	const validate = ajv.compile(read("bom-1.6"));
	return (document) => (validate(document) ? null : validate.errors);
}
describe("renderCycloneDx", () => {
	const faultsOf = officialSchema();

	it.each(Object.entries(reports))("%s is valid by the official schema", (_, report) => {
		expect(faultsOf(bomOf(report))).toBeNull();
	});

	it("the schema would find a fault", () => {
		expect(faultsOf({ ...bomOf(richReport), specVersion: 16 })).not.toBeNull();
		const [first] = bomOf(richReport).vulnerabilities;
		expect(faultsOf({ ...bomOf(richReport), vulnerabilities: [{ ...first, published: "yesterday" }] })).not.toBeNull();
	});

	it.each(Object.entries(reports))("%s: every reference leads to one component", (_, report) => {
		const bom = bomOf(report);
		const refs = [bom.metadata.component, ...flat(bom.components)].map((component) => component["bom-ref"]);
		const vulnerabilities = bom.vulnerabilities.map((each) => each["bom-ref"]);
		expect(new Set([...refs, ...vulnerabilities]).size).toBe(refs.length + vulnerabilities.length);
		const used = [
			...bom.dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]),
			...bom.compositions.flatMap(({ assemblies }) => assemblies),
			...bom.vulnerabilities.flatMap(({ affects }) => affects.map(({ ref }) => ref)),
		];
		for (const ref of used) expect(refs, ref).toContain(ref);
		for (const each of bom.vulnerabilities) expect(each.affects.length, each.id).toBeGreaterThan(0);
	});

	it("is the same bytes for the same report, and has another serial number for another one", () => {
		expect(renderCycloneDx(richReport)).toBe(renderCycloneDx(richReport));
		const later = { ...richReport, createdAt: "2026-11-24T18:00:00.000Z" };
		expect(bomOf(later).serialNumber).not.toBe(bomOf(richReport).serialNumber);
		expect(bomOf(richReport).serialNumber).toMatch(
			/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
		);
	});

	it("names the image by its purl, and a file by its name alone", () => {
		expect(bomOf(richReport).metadata.component.purl).toBe(
			`pkg:oci/web@sha256%3A${"d".repeat(64)}?arch=amd64&repository_url=registry.example%2Fshop%2Fweb&tag=1.4.2`,
		);
		const archive = { ...richReport, artifact: { ...richReport.artifact, name: "oci-archive:/tmp/web.tar" } };
		expect(bomOf(archive).metadata.component).not.toHaveProperty("purl");
		expect(bomOf(archive).metadata.component.name).toBe("oci-archive:/tmp/web.tar");
	});

	it("says which package needs which, the nearest copy of several", () => {
		const bom = bomOf(richReport);
		const needs = new Map(bom.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
		expect(needs.get("pkg:npm/shop-frontend@1.0.0")).toEqual(["pkg:npm/checkout@1.4.0", "pkg:npm/left@1.0.0"]);
		expect(needs.get("pkg:npm/checkout@1.4.0")).toEqual(["pkg:npm/%40shop/cart@2.1.0", "pkg:npm/left@0.9.0"]);
		expect(needs.get("pkg:deb/debian/openssl@3.0.11-1~deb12u2")).toHaveLength(2);
		expect(needs.get("image")).toContain("os");
		const reached = new Set(["image"]);
		for (const ref of reached) for (const next of needs.get(ref) ?? []) reached.add(next);
		expect(reached.size).toBe(flat(bom.components).length + 1);
	});

	it("has the report's own severity among the ratings", () => {
		const bom = bomOf(richReport);
		expect(vulnerability(bom, "CVE-2026-1001").ratings).toEqual([
			expect.objectContaining({ source: { name: "nvd" }, severity: "critical", method: "CVSSv31", score: 9.8 }),
			expect.objectContaining({ source: { name: "redhat" }, severity: "critical", method: "CVSSv4" }),
		]);
		expect(vulnerability(bom, "CVE-2026-3003").ratings[0]).toEqual({
			source: { name: "nvd" },
			severity: "high",
			method: "other",
		});
		expect(vulnerability(bom, "CVE-2026-4004").ratings).toEqual([{ severity: "unknown", method: "other" }]);
		expect(vulnerability(bom, "CVE-2010-4756").ratings[0]?.severity).toBe("info");
	});

	it("tells the analysis of suppressed findings, and of no others", () => {
		const bom = bomOf(richReport);
		expect(vulnerability(bom, "GHSA-xxxx-yyyy-zzzz").analysis).toEqual({
			state: "not_affected",
			justification: "code_not_reachable",
			detail: "The rounding module is not bundled. Stated by vex/shop.openvex.json (Shop Security).",
		});
		expect(vulnerability(bom, "CVE-2025-8008").analysis).toMatchObject({ state: "resolved" });
		expect(vulnerability(bom, "CVE-2010-4756").analysis).toMatchObject({
			state: "exploitable",
			response: ["will_not_fix"],
			detail: expect.stringContaining("Until 2027-06-30."),
		});
		expect(vulnerability(bom, "CVE-2026-1001").analysis).toBeUndefined();
		expect(vulnerability(bom, "GHSA-xxxx-yyyy-zzzz").affects[0]?.versions?.[0]).toEqual({
			version: "2.1.0",
			status: "unaffected",
		});
	});

	it("calls an inventory complete only when it is", () => {
		const aggregate = (report: Report): readonly string[] => bomOf(report).compositions.map((each) => each.aggregate);
		expect(aggregate(richReport)).toEqual(["complete"]);
		expect(aggregate({ ...richReport, status: "partial" })).toEqual(["incomplete"]);
		expect(aggregate(samples.completeReport)).toEqual(["incomplete"]);
		expect(aggregate(richIndexReport)).toEqual(["complete", "incomplete"]);
	});

	it("takes of hostile references the web pages only", () => {
		const text = renderCycloneDx(markupReport);
		expect(text).not.toMatch(/"url": "(?!https?:)/);
		expect(text).toContain("https://ok.example/%22%3E%3Cb%3E");
	});

	it("cuts a version that no schema would take", () => {
		const finding = samples.sampleFinding({
			id: "CVE-2026-1",
			severity: "low",
			name: "long",
			version: "1".repeat(5000),
		});
		expect(faultsOf(bomOf(samples.imageReport([finding])))).toBeNull();
	});

	it.each(["rich", "rich-index", "partial"])("golden: %s", (name) => {
		const file = new URL(`../../../../test/golden/report-${name}.cdx.json`, import.meta.url);
		const text = renderCycloneDx(reports[name] ?? samples.cleanReport);
		if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, text);
		expect(existsSync(file), `${file.pathname} is missing: run with UPDATE_GOLDEN=1`).toBe(true);
		expect(text).toBe(readFileSync(file, "utf8"));
	});
});
