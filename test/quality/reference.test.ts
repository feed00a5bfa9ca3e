/**
 * The quality gate against the reference scanner: in the same images Plimsoll finds the same packages, the same
 * vulnerabilities and fixed versions that the reference gives too; once with the OSV records that the reference's
 * database was made of, once with that database itself. What differs on purpose is listed, with counts, in
 * `deliberate-differences.ts`.
 */
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AdvisoryStore } from "#engine";
import { makesPartial, type Report, type Warning } from "#model";
import { compare } from "./compare.ts";
import { withOsv, withTrivyDb } from "./deliberate-differences.ts";
import { complaintsAbout } from "./explain.ts";
import { openOsvDatabase, openTrivyDatabase, scanTarget } from "./scanning.ts";
import { type Image, images, referenceOf, targetOf, testdata, testdataAbsence, testdataPresent } from "./testdata.ts";

let stores: Readonly<Record<"osv" | "trivy-db", AdvisoryStore>>;
let dir: string;

beforeAll(async () => {
	if (!testdataPresent) return;
	dir = await mkdtemp(join(tmpdir(), "plimsoll-quality-"));
	stores = { osv: await openOsvDatabase(dir), "trivy-db": await openTrivyDatabase(dir) };
}, 120_000);

afterAll(async () => {
	for (const store of Object.values(stores ?? {})) store.close();
	if (dir) await rm(dir, { recursive: true });
});

describe.skipIf(!testdataPresent)(`reference findings${testdataAbsence}`, () => {
	it.each(images)("%s, with OSV records: as the reference, but for the list", async (image) => {
		const report = await scanned("osv", image);
		const differences = compare(report, referenceOf(image), { identifiers: "all" });
		expect(complaintsAbout(image, differences, withOsv)).toEqual([]);
		expect(gapsIn(report)).toEqual([]);
	});

	it.each(images)("%s, with the reference's own database: as the reference, but for the list", async (image) => {
		const report = await scanned("trivy-db", image);
		const differences = compare(report, referenceOf(image), { identifiers: "first" });
		expect(complaintsAbout(image, differences, withTrivyDb)).toEqual([]);
		expect(gapsIn(report)).toEqual([]);
	});

	it("alpine-3.18-dbonly: a release without advisories is not called clean", async () => {
		const report = await scanTarget(targetOf("alpine-3.18-dbonly"), stores.osv);
		expect(report).toMatchObject({ status: "partial", findings: [] });
		expect(report.warnings.map((warning) => warning.code)).toContain("advisories_missing");
	});
});

describe.skipIf(!testdataPresent)(`real Alpine root filesystems${testdataAbsence}`, () => {
	const roots = testdataPresent ? readdirSync(join(testdata, "images", "apkdb")) : ["none"];

	it.each(roots)("%s: every package is read and has a version that can be judged", async (root) => {
		const report = await scanTarget(`dir:${join(testdata, "images", "apkdb", root)}`, stores.osv);
		const release = /^v(\d+\.\d+)-/.exec(root)?.[1] ?? "";
		expect(report.artifact.os?.versionId.startsWith(`${release}.`)).toBe(true);
		expect(report.packageCount).toBeGreaterThan(12);
		expect(gapsIn(report).filter(({ code }) => code !== "advisories_missing")).toEqual([]);
		expect(new Set(report.findings.map((finding) => finding.id))).toEqual(
			new Set(release === "3.7" ? ["CVE-2019-14697"] : []),
		);
	});
});

/** What keeps a report from being complete. */
function gapsIn(report: Report): readonly Warning[] {
	return report.warnings.filter(makesPartial);
}

const reports = new Map<string, Promise<Report>>();

function scanned(source: "osv" | "trivy-db", image: Image): Promise<Report> {
	const key = `${source} ${image}`;
	const report = reports.get(key) ?? scanTarget(targetOf(image), stores[source]);
	reports.set(key, report);
	return report;
}
