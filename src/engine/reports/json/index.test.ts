import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { type PackageType, type Report, severities, warningCodes } from "#model";
import { markupReport, richIndexReport, richReport } from "../../testing/reports/rich-report.ts";
import * as samples from "../../testing/reports/sample-reports.ts";
import { renderJson } from "./index.ts";

const root = new URL("../../../../", import.meta.url);
const schema = JSON.parse(readFileSync(new URL("docs/report.schema.json", root), "utf8"));
const ajv = new Ajv2020({
	strict: true,
	strictRequired: false,
	allErrors: true,
	allowUnionTypes: true,
	formats: { "date-time": true },
});
const validate = ajv.compile(schema);

const reports: Readonly<Record<string, Report>> = {
	complete: samples.completeReport,
	partial: samples.partialReport,
	clean: samples.cleanReport,
	failed: samples.failedReport,
	packages: samples.packageListReport,
	index: samples.indexReport,
	hostile: samples.hostileReport,
	rich: richReport,
	"rich-index": richIndexReport,
	markup: markupReport,
};

describe("renderJson", () => {
	it.each(Object.entries(reports))("%s is what the schema describes", (_, report) => {
		validate(JSON.parse(renderJson(report)));
		expect(validate.errors).toBeNull();
	});

	it.each(Object.entries(reports))("%s holds every field of the model and reads back the same", (_, report) => {
		expect(JSON.parse(renderJson(report))).toEqual(report);
	});

	it("has its fields in one order, whatever the order in the model", () => {
		const reversed = reverseKeys(samples.indexReport) as Report;
		expect(Object.keys(reversed)[0]).not.toBe("schemaVersion");
		expect(renderJson(reversed)).toBe(renderJson(samples.indexReport));
	});

	it("leaves out what is not in the model", () => {
		const extra = { ...samples.cleanReport, secret: "token" } as Report;
		expect(renderJson(extra)).toBe(renderJson(samples.cleanReport));
	});

	it("keeps suppressed findings in the list, with who and why", () => {
		const read = JSON.parse(renderJson(richReport));
		expect(read.summary).toMatchObject({ total: 6, suppressed: 3 });
		expect(read.findings.filter((finding: { suppressed?: object }) => finding.suppressed)).toHaveLength(3);
	});

	it("says what was filtered out", () => {
		const filter = { severities: ["critical"], fixableOnly: true, hidden: 8 } as const;
		const read = JSON.parse(renderJson({ ...samples.completeReport, filter }));
		expect(read.filter).toEqual({ severities: ["critical"], fixableOnly: true, hidden: 8 });
		validate(read);
		expect(validate.errors).toBeNull();
	});

	it("never prints a character that a terminal obeys", () => {
		// biome-ignore lint: the controls are the point.
		expect(renderJson(samples.hostileReport)).not.toMatch(
			/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f]/,
		);
	});

	it.each(["index", "packages", "partial", "rich"])("golden: %s", (name) => {
		const file = new URL(`test/golden/report-${name}.json`, root);
		const text = renderJson(reports[name] ?? samples.cleanReport);
		if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, text);
		expect(existsSync(file), `${file.pathname} is missing: run with UPDATE_GOLDEN=1`).toBe(true);
		expect(text).toBe(readFileSync(file, "utf8"));
	});
});

describe("docs/report.schema.json", () => {
	it("knows every warning code, severity and package type, and no other", () => {
		// The compiler holds this list complete.
		const types: Record<PackageType, true> = {
			deb: true,
			apk: true,
			rpm: true,
			npm: true,
			golang: true,
			pypi: true,
			conda: true,
			gem: true,
			composer: true,
			cargo: true,
			maven: true,
			nuget: true,
			cran: true,
			hex: true,
			cpan: true,
			bitnami: true,
			generic: true,
		};
		expect(schema.$defs.warning.properties.code.enum).toEqual(Object.keys(warningCodes));
		expect(schema.$defs.severity.enum).toEqual(severities);
		expect(new Set(schema.$defs.packageType.enum)).toEqual(new Set(Object.keys(types)));
	});

	const broken: readonly (readonly [string, (report: Record<string, unknown>) => void])[] = [
		["a field that is not known", (report) => (report["extra"] = 1)],
		["a missing summary", (report) => delete report["summary"]],
		["an unknown status", (report) => (report["status"] = "clean")],
		["children of a single image", (report) => (report["manifests"] = [])],
		["an index without children", (report) => (report["kind"] = "index")],
		["a time without a zone", (report) => (report["createdAt"] = "2026-11-23T18:00:00")],
		["a count below zero", (report) => (report["packageCount"] = -1)],
	];
	it.each(broken)("refuses %s", (_, breakIt) => {
		const report = JSON.parse(renderJson(samples.completeReport));
		expect(validate(report)).toBe(true);
		breakIt(report);
		expect(validate(report)).toBe(false);
	});
});

function reverseKeys(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(reverseKeys);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.reverse()
			.map(([key, inner]) => [key, reverseKeys(inner)]),
	);
}
