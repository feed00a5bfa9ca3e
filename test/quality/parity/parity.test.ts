/**
 * Parity: a real Trivy and Plimsoll, with the same trivy-db, on the same images: the pack's, and three that are made
 * here of real packages. Both must read the same packages and report the same findings, fixed versions and severities,
 * but for the rules of `deliberate-differences.ts`.
 */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AdvisoryStore } from "#engine";
import type { Report } from "#model";
import { missingProgram } from "../../e2e/support/docker-registry.ts";
import { type Claims, claimKey, compare, type Difference, packageKey } from "../compare.ts";
import { complaintsAbout } from "../explain.ts";
import { run } from "../run.ts";
import { openTrivyDatabase, scanTarget, trivyDbArchive } from "../scanning.ts";
import { images, testdata, testdataAbsence } from "../testdata.ts";
import { almalinuxImage } from "./almalinux-image.ts";
import { debianImage } from "./debian-image.ts";
import { fromTrivy } from "./deliberate-differences.ts";
import { languagesImage } from "./languages-image.ts";
import { type ImageRecipe, madeImage } from "./made-image.ts";
import { missingTrivy, prepareCache, requirePinned, runTrivy } from "./trivy.ts";

const noTrivy = missingTrivy();
const because = testdataAbsence || (noTrivy ? ` (skipped: ${noTrivy})` : "");

/** Each with more than so many packages and findings of Trivy's, so that the test cannot become empty. */
const made: readonly { recipe: ImageRecipe; needs: readonly string[]; packages: number; findings: number }[] = [
	{ recipe: debianImage, needs: ["mmdebstrap"], packages: 600, findings: 0 },
	{ recipe: almalinuxImage, needs: ["rpm", "rpmbuild"], packages: 400, findings: 1000 },
	{ recipe: languagesImage, needs: ["mmdebstrap", "composer", "objcopy"], packages: 200, findings: 100 },
];

describe.skipIf(because !== "")(`parity with a real Trivy${because}`, () => {
	let dir: string;
	let store: AdvisoryStore;
	const lines: string[] = [];

	beforeAll(async () => {
		dir = await mkdtemp(join(tmpdir(), "plimsoll-parity-"));
		store = await openTrivyDatabase(dir);
		await prepareCache(join(dir, "trivy"), trivyDbArchive);
	}, 120_000);

	afterAll(async () => {
		store?.close();
		if (dir) await rm(dir, { recursive: true });
		if (lines.length > 0) process.stdout.write(`\nParity with a real Trivy\n${tableHead}\n${lines.join("\n")}\n`);
	});

	/** What both say, held against each other. */
	async function compared(image: string, layout: string): Promise<{ trivy: Claims; complaints: readonly string[] }> {
		const trivy = await runTrivy(layout, join(dir, "trivy"));
		const report = await scanTarget(`oci-layout:${layout}`, store);
		const differences = compare(report, trivy, { identifiers: "first" });
		lines.push(tableLine(image, report, trivy, differences));
		return { trivy, complaints: complaintsAbout(image, differences, fromTrivy) };
	}

	it("another executable is never run", () => {
		expect(() => requirePinned(process.execPath)).toThrow(/is not the pinned Trivy/);
	});

	it.each([...images, "alpine-3.18-dbonly"])("%s", { timeout: 120_000 }, async (image) => {
		const layout = join(dir, image);
		await mkdir(layout);
		await run("tar", ["-xf", join(testdata, "images", `${image}.oci.tar`), "-C", layout]);
		expect((await compared(image, layout)).complaints).toEqual([]);
	});

	describe.each(made)("$recipe.name", ({ recipe, needs, packages, findings }) => {
		const missing = missingProgram(...needs);

		it.skipIf(missing !== null)(
			`made of real packages${missing ? ` (skipped: ${missing})` : ""}`,
			async () => {
				const layout = await madeImage(recipe);
				const { trivy, complaints } = await compared(recipe.name, layout);
				expect(complaints).toEqual([]);
				expect(trivy.packages.length).toBeGreaterThan(packages);
				expect(trivy.findings.length).toBeGreaterThan(findings);
			},
			600_000,
		);
	});
});

const columns = [22, 9, 9, 9, 9, 9, 9] as const;
const tableHead = row("image", "packages", "Trivy's", "findings", "Trivy's", "only ours", "only its");

/** Distinct ones: Trivy repeats what is at several paths. What an OS package owns Trivy does not list. */
function tableLine(image: string, report: Report, trivy: Claims, differences: readonly Difference[]): string {
	const judged = (report.packages ?? []).filter(({ ownedBy }) => ownedBy === undefined);
	const numbers = [
		new Set(judged.map(packageKey)).size,
		new Set(trivy.packages.map(packageKey)).size,
		report.findings.length,
		new Set(trivy.findings.map(claimKey)).size,
		differences.filter(({ kind }) => kind === "finding extra").length,
		differences.filter(({ kind }) => kind === "finding missing").length,
	];
	return row(image, ...numbers.map(String));
}

function row(first: string, ...rest: readonly string[]): string {
	return [first.padEnd(columns[0]), ...rest.map((cell, at) => cell.padStart(columns[at + 1] ?? 9))].join(" ");
}
