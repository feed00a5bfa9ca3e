import { existsSync, readFileSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Report } from "#model";
import { markupReport, richIndexReport, richReport } from "../../testing/reports/rich-report.ts";
import * as samples from "../../testing/reports/sample-reports.ts";
import { renderCsv } from "./index.ts";

/** RFC 4180 §2, as strict as it is written. */
function readCsv(text: string): readonly (readonly string[])[] {
	const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/y;
	const rows: string[][] = [];
	let row: string[] = [];
	while (field.lastIndex < text.length) {
		const at = field.lastIndex;
		const match = field.exec(text);
		if (match === null) throw new Error(`no field at ${at}: ${text.slice(at, at + 40)}`);
		row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
		if (match[3] === ",") continue;
		rows.push(row);
		row = [];
	}
	return rows;
}

type Row = Readonly<Record<string, string>>;

function rowsOf(report: Report): readonly Row[] {
	const [head = [], ...rows] = readCsv(renderCsv(report));
	return rows.map((row) => {
		expect(row).toHaveLength(head.length);
		return Object.fromEntries(head.map((name, index) => [name, row[index] ?? ""]));
	});
}

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

describe("renderCsv", () => {
	it.each(Object.entries(reports))("%s has one row a finding and image", (_, report) => {
		const images = report.manifests ?? [report];
		const findings = rowsOf(report).filter((row) => row["record"] === "finding");
		expect(findings).toHaveLength(images.reduce((sum, image) => sum + image.findings.length, 0));
	});

	it("tells all of a finding", () => {
		expect(rowsOf(richReport)[0]).toMatchObject({
			record: "finding",
			image: "registry.example/shop/web:1.4.2",
			platform: "linux/amd64",
			id: "CVE-2026-1001",
			severity: "critical",
			cvss_score: "9.8",
			kev: "2026-06-01",
			epss: "0.94312",
			package: "libssl3",
			version: "3.0.11-1~deb12u2",
			fixed_version: "3.0.14-1~deb12u2",
			source_package: "openssl",
			cwes: "CWE-416; CWE-672",
		});
		const suppressed = rowsOf(richReport).filter((row) => row["suppressed"] !== "");
		expect(suppressed.map((row) => row["suppressed"])).toEqual(["accepted", "not_affected", "fixed"]);
	});

	it("has a row for what was not looked at: no rows would read as clean", () => {
		expect(rowsOf(samples.cleanReport)).toEqual([]);
		expect(rowsOf(samples.failedReport)).toEqual([
			expect.objectContaining({ record: "warning", report_status: "failed", id: "layer_unreadable" }),
		]);
		const [first] = rowsOf(samples.partialReportWithoutFindings);
		expect(first).toMatchObject({ record: "warning", report_status: "partial", paths: "var/lib/rpm/rpmdb.sqlite" });
		const platforms = rowsOf(samples.indexReport).filter((row) => row["record"] === "warning");
		expect(platforms.map((row) => row["platform"])).toEqual(["linux/arm64", "linux/s390x"]);
	});

	it("has the same columns whatever the report", () => {
		const heads = Object.values(reports).map((report) => renderCsv(report).split("\r\n")[0]);
		expect(new Set(heads).size).toBe(1);
	});

	it.each(["=1+1", "+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", '"=1+1', `'=1`, " =1", "＝1+1", "|calc", "\u200b=1"])(
		"%j is no formula",
		(title) => {
			const finding = samples.sampleFinding({ id: "CVE-2026-1", severity: "low", name: "p", version: "1", title });
			const [row] = rowsOf(samples.imageReport([finding]));
			expect(row?.["title"]).not.toMatch(formula);
			expect(row?.["title"]).toMatch(/^['\\]/);
		},
	);

	it("has none behind a semicolon either, where it may part the cells", () => {
		const [row] = rowsOf(markupReport).filter(({ record }) => record === "finding");
		expect(row?.["parents"]).toBe("'@evil/parent; '=1+1");
		expect(row?.["aliases"]).toBe("'-2+3; '+1; '@SUM(1); 'quoted'");
	});

	it("begins no cell like a formula and reads back, whatever an image holds", () => {
		const law = fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "binary" }), (title, name) => {
			const finding = samples.sampleFinding({ id: title, severity: "low", name, version: title, title, paths: [name] });
			for (const row of rowsOf(samples.imageReport([finding]))) {
				for (const cell of Object.values(row)) if (formula.test(cell)) return false;
			}
			return true;
		});
		fc.assert(law, { numRuns: 2_000 });
	});

	it("lets nothing through that a terminal obeys", () => {
		// biome-ignore lint: the controls are the point.
		const controls = /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f]/;
		expect(renderCsv(samples.hostileReport)).not.toMatch(controls);
		expect(renderCsv(samples.hostileReport).replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
	});

	it.each(["rich", "rich-index", "partial", "markup"])("golden: %s", (name) => {
		const file = new URL(`../../../../test/golden/report-${name}.csv`, import.meta.url);
		const text = renderCsv(reports[name] ?? samples.cleanReport);
		if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, text);
		expect(existsSync(file), `${file.pathname} is missing: run with UPDATE_GOLDEN=1`).toBe(true);
		expect(text).toBe(readFileSync(file, "utf8"));
	});
});

/** What a spreadsheet may take for a formula, after the quotes and spaces that some of them pass over. */
const formula = /^["\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]/;
