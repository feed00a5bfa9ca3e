/**
 * The quality gate: with the same advisories, Plimsoll finds what the reference scanner finds in the same images, by
 * package, version and any identifier; and gives a fixed version that the reference gives too. What differs on purpose
 * is listed, with counts, in `deliberate-differences.ts`.
 */
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AdvisoryStore, openAdvisories, openTarget, scan, updateAdvisories } from "#engine";
import type { Finding, Report } from "#model";
import { type DeliberateDifference, moreFindings, otherFixes } from "./deliberate-differences.ts";
import {
	type ReferenceFinding,
	referenceFindings,
	referencePackages,
	testdata,
	testdataAbsence,
	testdataPresent,
} from "./testdata.ts";

/** Package types of the reference scanner that this part reads. */
const readTypes: Readonly<Record<string, string>> = {
	alpine: "apk",
	debian: "deb",
	wolfi: "apk",
	"node-pkg": "npm",
	gobinary: "golang",
};

const images = [
	{ image: "alpine-3.7-dbonly", status: "complete" },
	{ image: "alpine-3.9-dbonly", status: "complete" },
	{ image: "debian-12-main-dbonly", status: "complete" },
	{ image: "synth-alpine-3.9", status: "complete" },
	{ image: "synth-debian-10", status: "complete" },
	{ image: "synth-debian-12-a", status: "complete" },
	{ image: "synth-wolfi-a", status: "complete" },
	{ image: "synth-langs-a", status: "partial" },
] as const;

let store: AdvisoryStore;
let dir: string;

beforeAll(async () => {
	if (!testdataPresent) return;
	dir = await mkdtemp(join(tmpdir(), "plimsoll-quality-"));
	await updateAdvisories({
		source: join(testdata, "osv"),
		dir,
		kind: "full",
		fetch: () => Promise.reject(new Error("the quality gate does not reach the network")),
		clock: () => new Date(),
	});
	store = openAdvisories(dir);
}, 60_000);

afterAll(async () => {
	store?.close();
	if (dir) await rm(dir, { recursive: true });
});

describe.skipIf(!testdataPresent)(`reference findings${testdataAbsence}`, () => {
	it.each(images)(
		"$image: the same packages, but for Go's standard library and modules without a version",
		async ({ image }) => {
			const report = await scanned(image);
			const versioned = (report.packages ?? []).filter((pkg) => pkg.version !== "" && pkg.name !== "stdlib");
			const expected = referencePackages(image).flatMap(({ type, name, version }) => {
				const known = readTypes[type];
				return known ? [`${known} ${name} ${version}`] : [];
			});
			const found = versioned.map((pkg) => `${pkg.type} ${pkg.name} ${pkg.version}`);
			expect([...new Set(found)].sort()).toEqual([...new Set(expected)].sort());
		},
	);

	it.each(images)("$image: the same findings, but for the list", async ({ image, status }) => {
		const report = await scanned(image);
		const judgedTargets = new Set(
			referencePackages(image)
				.filter(({ type }) => type in readTypes)
				.map((pkg) => pkg.target),
		);
		const reference = referenceFindings(image).filter(({ target }) => judgedTargets.has(target));
		const missing = reference.filter((expected) => !report.findings.some((finding) => isSame(finding, expected)));
		const extra = report.findings.filter((finding) => !reference.some((expected) => isSame(finding, expected)));

		expect(missing).toEqual([]);
		expectExplained(image, extra, moreFindings);
		expect(report.status).toBe(status);
	});

	it.each(images)("$image: fixed versions that the reference gives too", async ({ image }) => {
		const report = await scanned(image);
		const reference = referenceFindings(image);
		const differing = report.findings.filter((finding) => {
			const same = reference.filter((expected) => isSame(finding, expected));
			return same.length > 0 && !same.some((expected) => isFixIn(finding.fixedVersion, expected.fixed));
		});
		expectExplained(image, differing, otherFixes);
	});

	it.each([
		{ image: "synth-almalinux-9", kinds: ["RPM"] },
		{ image: "synth-langs-a", kinds: ["Python", "Ruby", "PHP", "Rust"] },
	])("$image: says that $kinds packages were not looked at", async ({ image, kinds }) => {
		const report = await scanned(image);
		expect(report.status).toBe("partial");
		const said = report.warnings.filter((warning) => warning.code === "packages_unsupported").map((w) => w.message);
		for (const kind of kinds) expect(said.some((message) => message.startsWith(`${kind} packages`))).toBe(true);
	});

	it("alpine-3.18-dbonly: a release without advisories is not called clean", async () => {
		const report = await scanned("alpine-3.18-dbonly");
		expect(report).toMatchObject({ status: "partial", findings: [] });
		expect(report.warnings.map((warning) => warning.code)).toContain("advisories_missing");
	});
});

describe.skipIf(!testdataPresent)(`real Alpine root filesystems${testdataAbsence}`, () => {
	const roots = testdataPresent ? readdirSync(join(testdata, "images", "apkdb")) : ["none"];

	it.each(roots)("%s: every package is read and has a version that can be judged", async (root) => {
		const report = await scanTarget(`dir:${join(testdata, "images", "apkdb", root)}`);
		const release = /^v(\d+\.\d+)-/.exec(root)?.[1] ?? "";
		expect(report.artifact.os?.versionId.startsWith(`${release}.`)).toBe(true);
		expect(report.packageCount).toBeGreaterThan(12);
		const codes = report.warnings.map((warning) => warning.code);
		expect(codes.filter((code) => code !== "advisories_missing" && code !== "advisories_old")).toEqual([]);
		expect(new Set(report.findings.map((finding) => finding.id))).toEqual(
			new Set(release === "3.7" ? ["CVE-2019-14697"] : []),
		);
	});
});

const reports = new Map<string, Promise<Report>>();

function scanned(image: string): Promise<Report> {
	const known = reports.get(image) ?? scanImage(image);
	reports.set(image, known);
	return known;
}

function scanImage(image: string): Promise<Report> {
	return scanTarget(`oci-archive:${join(testdata, "images", `${image}.oci.tar`)}`);
}

async function scanTarget(text: string): Promise<Report> {
	const { signal } = new AbortController();
	const registry = () => {
		throw new Error("the quality gate pulls from no registry");
	};
	const target = await openTarget(text, { registry, signal });
	try {
		return await scan(
			target,
			{ platform: "all", osOwned: "drop", listPackages: true },
			{ advisories: store, cache: null, clock: () => new Date(), signal, onEvent: () => undefined, version: "test" },
		);
	} finally {
		await target.close();
	}
}

function isSame(finding: Finding, expected: ReferenceFinding): boolean {
	return (
		finding.package.name === expected.name &&
		finding.package.version === expected.version &&
		[finding.id, ...finding.aliases].some((id) => id.replace(/^x_/, "") === expected.id)
	);
}

/** The reference prints a version, a list of versions, or a list of constraints: any of their versions will do. */
function isFixIn(fixed: string | null, printed: string): boolean {
	const versions = printed
		.split(/[\s,|]+/)
		.map((word) => word.replace(/^[<>=^~v]+/, ""))
		.filter(Boolean);
	return fixed === null ? versions.length === 0 : versions.includes(fixed.replace(/^v/, ""));
}

function expectExplained(
	image: string,
	differing: readonly Finding[],
	differences: readonly DeliberateDifference[],
): void {
	const rules = differences.filter((difference) => difference.image === image);
	const unexplained = differing.filter((finding) => !rules.some(({ explains }) => explains(finding)));
	expect(unexplained.map(describeFinding)).toEqual([]);
	const counts = rules.map(({ rule, explains }) => `${differing.filter(explains).length} × ${rule}`);
	expect(counts).toEqual(rules.map(({ rule, count }) => `${count} × ${rule}`));
}

function describeFinding(finding: Finding): string {
	return `${finding.package.name} ${finding.package.version} ${finding.id} fixed in ${finding.fixedVersion}`;
}
