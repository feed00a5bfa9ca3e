import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { Report } from "#model";
import { markupReport, richIndexReport, richReport } from "../../testing/reports/rich-report.ts";
import * as samples from "../../testing/reports/sample-reports.ts";
import type { NewestVersion } from "../upgrades.ts";
import { renderTable } from "./index.ts";
import { widthOf } from "./layout.ts";

const golden = new URL("../../../../test/golden/", import.meta.url);
/** Good enough for the samples' versions. */
const newest: NewestVersion = (_, versions) => versions.toSorted().at(-1) ?? null;
const plain = { colour: false, unicode: true, newest } as const;

const reports: Readonly<Record<string, Report>> = {
	complete: samples.completeReport,
	partial: samples.partialReport,
	"partial-nothing-found": samples.partialReportWithoutFindings,
	clean: samples.cleanReport,
	failed: samples.failedReport,
	packages: samples.packageListReport,
	index: samples.indexReport,
	"even-index": samples.evenIndexReport,
	hostile: samples.hostileReport,
	rich: richReport,
	"rich-index": richIndexReport,
};
const widths = [80, 120, 200] as const;
const cases = Object.keys(reports).flatMap((name) => widths.map((columns) => [name, columns] as const));

function reportNamed(name: string): Report {
	const report = reports[name];
	if (!report) throw new Error(`no sample is called ${name}`);
	return report;
}

describe("renderTable", () => {
	it.each(cases)("golden: %s at %i columns", (name, columns) => {
		const file = new URL(`table-${name}-${columns}.txt`, golden);
		const text = renderTable(reportNamed(name), { ...plain, columns });
		if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(file, text);
		expect(existsSync(file), `${file.pathname} is missing: run with UPDATE_GOLDEN=1`).toBe(true);
		expect(text).toBe(readFileSync(file, "utf8"));
	});

	it.each([40, 60, 80, 100, 120, 200])("stays within %i columns", (columns) => {
		for (const [name, report] of Object.entries(reports)) {
			for (const line of renderTable(report, { ...plain, columns }).split("\n")) {
				expect(widthOf(line), `${name}: ${line}`).toBeLessThanOrEqual(columns);
			}
		}
	});

	it("is 100 columns wide without a terminal", () => {
		expect(renderTable(samples.partialReport, plain)).toBe(
			renderTable(samples.partialReport, { ...plain, columns: 100 }),
		);
	});

	it.each(Object.keys(reports))("%s: colours change nothing but the colour", (name) => {
		const report = reportNamed(name);
		const coloured = renderTable(report, { ...plain, colour: true, columns: 100 });
		expect(coloured).toContain("\u001b[");
		expect(stripVTControlCharacters(coloured)).toBe(renderTable(report, { ...plain, columns: 100 }));
	});

	it("writes plain ASCII where the terminal shows nothing else", () => {
		// biome-ignore lint: all of ASCII.
		expect(renderTable(samples.indexReport, { colour: false, unicode: false })).toMatch(/^[\x00-\x7f]*$/);
	});

	it("lets nothing through that a terminal obeys", () => {
		for (const columns of [40, 100, 200]) {
			const text = renderTable(samples.hostileReport, { ...plain, columns });
			// biome-ignore lint: the controls are the point.
			expect(text).not.toMatch(
				/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f]/,
			);
			expect(text).not.toMatch(/^COMPLETE/m);
		}
	});

	it("never calls a report clean that is not complete", () => {
		for (const report of [samples.partialReportWithoutFindings, samples.failedReport]) {
			const text = renderTable(report, plain);
			expect(text).not.toMatch(/no known vulnerabilities|\b0 (findings|vulnerabilities|critical)/i);
		}
		const empty = { ...samples.cleanReport, packageCount: 0 };
		expect(renderTable(empty, plain)).toContain("nothing to compare");
		expect(renderTable(empty, plain)).toMatch(
			/^COMPLETE: no package was recognised, so there was nothing to judge\.$/m,
		);
		const failedChild = { ...samples.evenIndexReport, status: "complete", manifests: [samples.failedReport] } as const;
		expect(renderTable(failedChild, plain)).toMatch(/^PARTIAL/m);
	});

	it("says what was not looked at before it lists findings", () => {
		const text = renderTable(samples.partialReport, plain);
		expect(text.indexOf("Not looked at")).toBeGreaterThan(0);
		expect(text.indexOf("Not looked at")).toBeLessThan(text.indexOf("CVE-"));
		expect(text.indexOf("RPM packages")).toBeLessThan(text.indexOf("advisory database is 9 days old"));
	});

	it("says how many findings were filtered out", () => {
		const filter = { severities: ["critical", "high"], fixableOnly: true, hidden: 7 } as const;
		const filtered = { ...samples.completeReport, findings: samples.debianFindings.slice(0, 2), filter };
		const text = renderTable(filtered, plain);
		expect(text).toContain("Listed below: 3 of 10 findings, only those of severity critical, high and with a fixed");
		expect(text.replace(/\s+/g, " ")).toContain("7 filtered out");
	});

	it("lists every finding of 2,000", () => {
		const many = Array.from({ length: 2000 }, (_, index) =>
			samples.sampleFinding({
				id: `CVE-2026-${10_000 + index}`,
				severity: "low",
				name: `p${index % 37}`,
				version: "1",
			}),
		);
		const text = renderTable(samples.imageReport(many), { ...plain, columns: 80 });
		for (const { id } of many) expect(text.includes(id), id).toBe(true);
	});

	it("tells when a system is past its end of life", () => {
		const { artifact } = samples.completeReport;
		const os = { id: "debian", versionId: "10", prettyName: "Debian GNU/Linux 10 (buster)", eol: "2024-06-30" };
		const text = renderTable({ ...samples.completeReport, artifact: { ...artifact, os } }, plain);
		expect(text).toContain("END OF LIFE since 2024-06-30");
	});

	it("says before the last line what to upgrade first, and to which version", () => {
		const text = renderTable(samples.completeReport, { ...plain, columns: 100 });
		const end = text.slice(text.indexOf("Upgrade first"));
		expect(end).toMatch(/^Upgrade first \(2 of 2 packages with fixes/);
		expect(end).toMatch(/^  openssl +3\.0\.11-1~deb12u2 → 3\.0\.14-1~deb12u2 +1 critical, 1 medium$/m);
		expect(end).toMatch(/^  @shop\/cart +2\.1\.0 → 3\.0\.0-rc\.1 +1 high, 1 low$/m);
		expect(end.split("\n")).toHaveLength(6);
		// Nobody who can order versions: a package with several fixes names none, one with a single fix does.
		const unordered = renderTable(samples.completeReport, { colour: false, unicode: true });
		expect(unordered).toMatch(/openssl +3\.0\.11-1~deb12u2 → several, see above/);
	});

	it("puts first what is known to be exploited, and says how many", () => {
		const text = renderTable(richReport, { ...plain, columns: 120 });
		expect(text.indexOf("openssl 3.0.11")).toBeLessThan(text.indexOf("glibc 2.36"));
		expect(text).toMatch(/CVE-2026-1001 +critical +KEV +fixed in/);
		expect(text).toMatch(/CVE-2026-7007 +medium +EPSS 31% +fixed in/);
		expect(text).toContain("2 of them are known to be exploited (KEV), in ransomware too.");
		expect(text).toMatch(/^6 findings: .*; 2 known to be exploited\.$/m);
		expect(renderTable(samples.completeReport, plain)).not.toMatch(/KEV|EPSS|exploited/);
	});

	it("leaves suppressed findings out of the list, and says that there are some", () => {
		const text = renderTable(richReport, { ...plain, columns: 120 });
		for (const id of ["CVE-2010-4756", "GHSA-xxxx-yyyy-zzzz", "CVE-2025-8008"]) expect(text).not.toContain(id);
		expect(text).toMatch(
			/^3 findings are suppressed \(by vex\/shop\.openvex\.json \(Shop Security\), \.plimsollignore\.yaml\)\.$/m,
		);
		const only = samples.imageReport(richReport.findings.filter((finding) => finding.suppressed));
		expect(renderTable(only, plain)).toContain("No finding is left in 143 packages: 3 suppressed.");
		expect(renderTable(only, plain)).not.toContain("No known vulnerabilities");
		expect(renderTable(markupReport, plain)).toMatch(/^1 finding is suppressed/m);
	});

	it("repeats nothing where the list is short", () => {
		expect(renderTable(samples.packageListReport, plain)).not.toContain("Upgrade first");
	});

	it("has no empty rows for a root filesystem, which has neither digest nor layers", () => {
		const { artifact } = samples.packageListReport;
		const rootfs = { ...artifact, name: "dir:/srv/root", digest: "", mediaType: "", platform: "", layers: [] };
		const origin = { layer: { index: 0, digest: "", createdBy: "" }, kind: "unknown", paths: [], parents: [] } as const;
		const findings = samples.packageListReport.findings.map((finding) => ({ ...finding, origin }));
		const text = renderTable({ ...samples.packageListReport, artifact: rootfs, findings }, plain);
		expect(text).not.toMatch(/digest|platform|layer/);
		expect(text).toMatch(/^  system/m);
	});

	it("names what was recognised and yet not judged", () => {
		const note = { code: "version_unknown", message: "One package has no version." } as const;
		const text = renderTable({ ...samples.cleanReport, warnings: [note] }, { ...plain, columns: 120 });
		expect(text).toMatch(
			/^COMPLETE: every package that was recognised was judged, but for those under "Good to know"\.$/m,
		);
		expect(renderTable(samples.cleanReport, plain)).toMatch(/^COMPLETE: every package .* was judged\.$/m);
	});

	it("marks in an index what only some platforms have, and tells the rest once", () => {
		const text = renderTable(samples.indexReport, plain);
		expect(text.match(/CVE-2026-1001/g)).toHaveLength(1);
		expect(text).toMatch(/@shop\/cart[^\n]*\n  only on +linux\/amd64\n/);
		expect(renderTable(samples.evenIndexReport, plain)).not.toContain("only on");
	});
});
