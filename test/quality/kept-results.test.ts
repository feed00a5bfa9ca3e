/**
 * What the service keeps is what a scan reports: on the images of the test data, by both databases, and after the kept
 * results were brought from one database to the other without reading an image again.
 */
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ListedFinding } from "#contract";
import { type AdvisoryStore, type ImageContents, matcherOver, openTarget, readSource, reportOn } from "#engine";
import type { Finding, Report } from "#model";
import { seesAll } from "#server";
import { advisoryService, currentAdvisories, findingStore, reportSource, resultStore, snapshotFiles } from "#store";
import { type TestDatabase, testDatabase } from "#store/testing";
import { openOsvDatabase, openTrivyDatabase } from "./scanning.ts";
import { type Image, targetOf, testdataAbsence, testdataPresent } from "./testdata.ts";

/** A distribution of each kind, one with modules, and all languages. */
const images = ["synth-alpine-3.9", "synth-debian-10", "synth-almalinux-9", "synth-langs-a"] as const;

const clock = () => new Date("2026-11-23T12:00:00Z");
const { signal } = new AbortController();

let database: TestDatabase;
let folder: string;
const stores: AdvisoryStore[] = [];
const contents = new Map<Image, ImageContents>();
const artifacts = new Map<Image, string>();

beforeAll(async () => {
	if (!testdataPresent) return;
	database = await testDatabase();
	folder = await mkdtemp(join(tmpdir(), "plimsoll-kept-"));
	for (const image of images) contents.set(image, await read(image));
}, 60_000);
afterAll(async () => {
	for (const store of stores) store.close();
	await database?.close();
	if (folder) await rm(folder, { recursive: true });
});

const nothing = {} as ImageContents;

const unreachable = () => {
	throw new Error("this test pulls from no registry");
};

async function read(image: Image): Promise<ImageContents> {
	const target = await openTarget(targetOf(image), {
		registry: unreachable,
		signal,
	});
	if (target.kind !== "image") throw new Error("not an image");
	const source = await readSource(target.source, "all", { cache: null, signal, onEvent: () => undefined });
	await target.close();
	if (source.kind !== "image") throw new Error("an index");
	return source.contents;
}

function reportBy(store: AdvisoryStore, of: ImageContents): Report {
	const deps = { advisories: store, cache: null, signal, clock, version: "test", onEvent: () => undefined };
	return reportOn(of, matcherOver(store), { platform: "all", osOwned: "drop", listPackages: false }, deps);
}

const bind = () => {
	const files = snapshotFiles(folder);
	const advisories = currentAdvisories(files);
	const deps = { db: database.db, files, advisories, clock };
	return {
		results: resultStore(deps),
		service: advisoryService(deps),
		findings: findingStore(database.db),
		reports: reportSource({ ...deps, version: "test" }),
	};
};

async function insertScan(image: Image): Promise<{ artifact: string; scan: string }> {
	const { rows } = await database.pool.query<{ artifact: string; scan: string }>(
		`WITH registry AS (INSERT INTO registries (name, kind, url) VALUES ($1, 'distribution', 'https://r.test') RETURNING id),
		space AS (INSERT INTO spaces (registry_id, name) SELECT id, 'library' FROM registry RETURNING *),
		repository AS (INSERT INTO repositories (registry_id, space_id, name) SELECT registry_id, id, $1 FROM space RETURNING *),
		artifact AS (INSERT INTO artifacts (registry_id, space_id, repository_id, digest, media_type, kind)
			SELECT registry_id, space_id, id, $2, $3, 'image' FROM repository RETURNING *),
		grouped AS (INSERT INTO scan_groups (registry_id, repository_id, artifact_id, scanner, priority)
			SELECT registry_id, repository_id, id, 'builtin', 0 FROM artifact RETURNING *)
		INSERT INTO scans (group_id, artifact_id, registry_id, space_id, repository_id, scanner, state, reason)
		SELECT grouped.id, artifact.id, artifact.registry_id, artifact.space_id, artifact.repository_id, 'builtin', 'scanning', 'manual'
		FROM artifact, grouped RETURNING id AS scan, artifact_id AS artifact`,
		[image, contents.get(image)?.artifact.digest, contents.get(image)?.artifact.mediaType],
	);
	const [row] = rows;
	if (!row) throw new Error("no row");
	return row;
}

async function everyFinding(artifact: string): Promise<readonly ListedFinding[]> {
	const { findings } = bind();
	const all: ListedFinding[] = [];
	for (let cursor: string | undefined; ; ) {
		const page = await findings.findings(artifact, { limit: 200, ...(cursor ? { cursor } : {}) }, seesAll);
		all.push(...(page?.items ?? []));
		if (!page?.next) return all;
		cursor = page.next;
	}
}

function ofList({
	id,
	aliases,
	severity,
	severitySource,
	title,
	kev,
	epss,
	fixedVersion,
	state,
	...one
}: ListedFinding): string {
	const { purl } = one.package;
	const where = [one.layer?.index, one.layer?.digest, one.paths, one.parents];
	const scores = one.cvss.map(({ vector, score }) => [vector, score]);
	return JSON.stringify([
		purl,
		id,
		aliases,
		severity,
		severitySource,
		title,
		kev,
		epss,
		fixedVersion,
		state,
		where,
		scores,
		one.references.toSorted(),
	]);
}

function ofReport({
	id,
	aliases,
	severity,
	severitySource,
	title,
	kev,
	epss,
	fixedVersion,
	state,
	...one
}: Finding): string {
	const { layer, paths, parents } = one.origin;
	const where = [layer.index, layer.digest, paths, parents];
	const scores = one.cvss.map(({ vector, score }) => [vector, score]);
	const { purl } = one.package;
	const probability = epss?.score ?? null;
	const isKev = kev !== undefined;
	return JSON.stringify([
		purl,
		id,
		aliases,
		severity,
		severitySource,
		title ?? null,
		isKev,
		probability,
		fixedVersion,
		state,
		where,
		scores,
		one.references.toSorted(),
	]);
}

async function expectAsReported(image: Image, store: AdvisoryStore): Promise<void> {
	const artifact = artifacts.get(image) ?? "";
	const report = reportBy(store, contents.get(image) ?? nothing);
	const { rows } = await database.pool.query(
		"SELECT critical, high, medium, low, negligible, unknown, fixable, suppressed, result_status FROM artifacts WHERE id = $1",
		[artifact],
	);
	const { total: _total, ...summary } = report.summary;
	expect(rows).toEqual([{ ...summary, result_status: report.status }]);
	const listed = await everyFinding(artifact);
	expect(listed.map(ofList).sort()).toEqual(report.findings.map(ofReport).sort());
	const kept = await bind().reports.report(artifact, seesAll, { listPackages: false });
	expect(kept).toEqual({
		...report,
		artifact: { ...report.artifact, name: `r.test/${image}@${report.artifact.digest}` },
	});
}

describe.skipIf(!testdataPresent)(`kept results${testdataAbsence}`, () => {
	test("are those of the report by the OSV records", async () => {
		const store = await openOsvDatabase(folder);
		stores.push(store);
		const { results, service } = bind();
		await service.evaluate(signal);
		for (const image of images) {
			const { artifact, scan } = await insertScan(image);
			artifacts.set(image, artifact);
			await results.keep(scan, contents.get(image) ?? nothing);
			await expectAsReported(image, store);
		}
	}, 60_000);

	test("are those of the report by a trivy-db after they were brought to it", async () => {
		const store = await openTrivyDatabase(folder);
		stores.push(store);
		rmSync(join(folder, "current.json"));
		expect(await bind().service.evaluate(signal)).toBe(true);
		for (const image of images) await expectAsReported(image, store);
	}, 60_000);
});
