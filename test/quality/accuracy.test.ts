/**
 * How accurate the findings are: the labelled sets of `labels.ts` against what Plimsoll finds, per ecosystem, with our
 * own advisories and with a trivy-db. What is worse than the committed baseline (the last release's figures) fails:
 * a lower F1, a vulnerability that was found before, an ecosystem that is gone. UPDATE_GOLDEN=1 rewrites the baseline
 * and the tables of docs/quality.md.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AdvisoryStore } from "#engine";
import { namesOf, type PackageClaim, packageKey } from "./compare.ts";
import { labelsOf } from "./labels.ts";
import { openOsvDatabase, openTrivyDatabase, scanTarget } from "./scanning.ts";
import { scoreTable } from "./score-table.ts";
import { type Named, regressions, type Scores, scoresOf } from "./scores.ts";
import { ecosystemsIn, type Image, images, targetOf, testdataAbsence, testdataPresent } from "./testdata.ts";

const sources = ["osv", "trivy-db"] as const;
type Source = (typeof sources)[number];

interface Baseline {
	/** The version whose figures these are. */
	readonly release: string;
	readonly scores: Readonly<Record<Source, Scores>>;
}

const baselineFile = new URL("../golden/accuracy.json", import.meta.url);
const docs = new URL("../../docs/quality.md", import.meta.url);
const updating = process.env["UPDATE_GOLDEN"] === "1";

describe.skipIf(!testdataPresent)(`accuracy${testdataAbsence}`, () => {
	let dir: string;
	let scores: Readonly<Record<Source, Scores>>;

	beforeAll(async () => {
		dir = await mkdtemp(join(tmpdir(), "plimsoll-accuracy-"));
		const osv = await openOsvDatabase(dir);
		const trivyDb = await openTrivyDatabase(dir);
		scores = { osv: await scoresWith(osv), "trivy-db": await scoresWith(trivyDb) };
		osv.close();
		trivyDb.close();
		if (!updating) return;
		const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
			version: string;
		};
		writeFileSync(baselineFile, `${JSON.stringify({ release: version, scores } satisfies Baseline, null, "\t")}\n`);
		writeFileSync(docs, withTables(readFileSync(docs, "utf8"), scores));
	}, 120_000);

	afterAll(async () => {
		await rm(dir, { recursive: true, force: true });
	});

	it.each(sources)("with %s: no worse than the baseline in any ecosystem", (source) => {
		const baseline = readBaseline();
		process.stdout.write(`\nAccuracy with ${source} advisories\n${scoreTable(scores[source])}\n`);
		expect(regressions(scores[source], baseline.scores[source])).toEqual([]);
	});

	it("docs/quality.md shows the baseline's figures", () => {
		const text = readFileSync(docs, "utf8");
		expect(text).toBe(withTables(text, readBaseline().scores));
	});
});

async function scoresWith(advisories: AdvisoryStore): Promise<Scores> {
	const labels: Named[] = [];
	const findings: Named[] = [];
	for (const image of images) {
		const report = await scanTarget(targetOf(image), advisories);
		const named = namer(image);
		for (const { id, ...pkg } of labelsOf(image)) labels.push(named(pkg, [id]));
		for (const finding of report.findings) findings.push(named(finding.package, namesOf(finding, "all")));
	}
	return scoresOf(labels, findings);
}

/** Packages are told apart by image: one of Debian 10 is not one of Debian 12. */
function namer(image: Image): (pkg: PackageClaim, ids: readonly string[]) => Named {
	const ecosystems = ecosystemsIn(image);
	return (pkg, ids) => ({ ecosystem: ecosystems.get(pkg.type) ?? pkg.type, pkg: `${image} ${packageKey(pkg)}`, ids });
}

function readBaseline(): Baseline {
	expect(existsSync(baselineFile), "test/golden/accuracy.json is missing: run with UPDATE_GOLDEN=1").toBe(true);
	return JSON.parse(readFileSync(baselineFile, "utf8")) as Baseline;
}

/** The document with each `<!-- scores: SOURCE -->` section filled in. */
function withTables(text: string, tables: Readonly<Record<Source, Scores>>): string {
	return sources.reduce((document, source) => {
		const [start, end] = [`<!-- scores: ${source} -->\n`, "<!-- end -->"];
		const from = document.indexOf(start) + start.length;
		const to = document.indexOf(end, from);
		if (from < start.length || to < 0) throw new Error(`docs/quality.md has no section ${start.trim()} … ${end}`);
		return `${document.slice(0, from)}\n${scoreTable(tables[source])}\n\n${document.slice(to)}`;
	}, text);
}
