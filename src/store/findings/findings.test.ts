import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FindingQuery, Id, ListedFinding } from "#contract";
import type { Report } from "#model";
import { type Sight, seesAll, seesNothing } from "#server";
import { reportSource } from "../results/index.ts";
import {
	clock,
	contents,
	deb,
	type MadeRecord,
	npm,
	type ResultsFixture,
	resultsFixture,
} from "../results/results-fixture.ts";
import { findingStore } from "./index.ts";

const critical = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
const medium = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N";

const records: readonly MadeRecord[] = [
	{ id: "CVE-2026-0001", ecosystem: "Debian:12", name: "curl", fixed: "8", vector: critical, summary: "curl leaks" },
	{ id: "CVE-2026-0002", ecosystem: "Debian:12", name: "curl", fixed: null },
	{
		id: "GHSA-aaaa-bbbb-cccc",
		ecosystem: "npm",
		name: "left-pad",
		fixed: "1.3.0",
		aliases: ["CVE-2026-0003"],
		vector: medium,
	},
];

let fixture: ResultsFixture;
let image: Id;
let other: Id;
let index: Id;
let hidden: Id;
const first = contents([
	deb("curl@7", { layer: 0, paths: ["var/lib/dpkg/status"], path: "var/lib/dpkg/status" }),
	npm("left-pad@1.0.0", { parents: ["app@1.0.0"] }),
]);
beforeAll(async () => {
	fixture = await resultsFixture();
	await fixture.publish(records);
	[image, other] = [await fixture.image(), await fixture.image()];
	index = await fixture.index([image, other]);
	await fixture.keep(first, image);
	await fixture.keep(contents([deb("curl@7", { arch: "arm64" })]), other);
	hidden = await fixture.image({ repository: "secret/app" });
	await fixture.keep(contents([deb("curl@6"), npm("left-pad@1.0.0")]), hidden);
});
afterAll(() => fixture.close());

const store = () => findingStore(fixture.db);
const member = (): Sight => ({ all: false, spaces: new Map([[fixture.spaceId, "viewer"]]) });

async function every(id: Id, query: FindingQuery, sight: Sight = seesAll): Promise<readonly ListedFinding[]> {
	const items: ListedFinding[] = [];
	let cursor: string | undefined;
	do {
		const page = await store().findings(id, { limit: 2, ...query, ...(cursor ? { cursor } : {}) }, sight);
		items.push(...(page?.items ?? []));
		cursor = page?.next ?? undefined;
	} while (cursor !== undefined);
	return items;
}

const told = (list: readonly ListedFinding[]) => list.map((one) => `${one.package.name} ${one.id} ${one.severity}`);

describe("findings of an image", () => {
	test("are those of its report, in its order", async () => {
		const report = await fixture.report(first);
		const listed = await every(image, {});
		expect(told(listed)).toEqual(report.findings.map((one) => `${one.package.name} ${one.id} ${one.severity}`));
		expect(listed[0]).toMatchObject({
			id: "CVE-2026-0001",
			title: "curl leaks",
			fixedVersion: "8",
			state: "fixed",
			layer: { index: 0, digest: "sha256:aa", createdBy: "COPY . ." },
			paths: ["var/lib/dpkg/status"],
			package: { purl: report.findings[0]?.package.purl },
			platforms: [],
		});
	});

	test.each<readonly [FindingQuery, readonly string[]]>([
		[{ severity: "medium" }, ["left-pad CVE-2026-0003 medium"]],
		[{ fixable: false }, ["curl CVE-2026-0002 unknown"]],
		[{ package: "left-pad" }, ["left-pad CVE-2026-0003 medium"]],
		[{ q: "leak" }, ["curl CVE-2026-0001 critical"]],
		[{ kev: true }, []],
		[
			{ sort: "-severity" },
			["curl CVE-2026-0002 unknown", "left-pad CVE-2026-0003 medium", "curl CVE-2026-0001 critical"],
		],
		[{ sort: "-epss", q: "0001" }, ["curl CVE-2026-0001 critical"]],
		[{ sort: "fixable", q: "curl" }, ["curl CVE-2026-0002 unknown", "curl CVE-2026-0001 critical"]],
		[
			{ sort: "package", limit: 1 },
			["curl CVE-2026-0001 critical", "curl CVE-2026-0002 unknown", "left-pad CVE-2026-0003 medium"],
		],
		[{ sort: "firstSeen", severity: "medium" }, ["left-pad CVE-2026-0003 medium"]],
	])("with %o are %o", async (query, expected) => {
		expect(told(await every(image, query))).toEqual(expected);
	});

	test("are counted when that is asked", async () => {
		expect(await store().findings(image, { total: true, limit: 1 }, seesAll)).toMatchObject({ total: 3 });
	});

	test("are nobody's who does not see the image", async () => {
		expect(await store().findings(image, {}, seesNothing)).toBeNull();
		expect(await store().findings(hidden, {}, member())).toBeNull();
		expect(await store().packages(hidden, {}, member())).toBeNull();
		expect(await store().findings("999999", {}, seesAll)).toBeNull();
	});
});

test("findings of an index are its union, each with the platforms that have it", async () => {
	const listed = await every(index, {});
	expect(told(listed)).toEqual([
		"curl CVE-2026-0001 critical",
		"left-pad CVE-2026-0003 medium",
		"curl CVE-2026-0002 unknown",
	]);
	expect(listed.map((one) => one.platforms.length)).toEqual([2, 1, 2]);
});

test("packages of an image come with layer, paths and numbers", async () => {
	const page = await store().packages(image, { sort: "severity" }, seesAll);
	expect(page?.items).toMatchObject([
		{ name: "curl", version: "7", findings: 2, worst: "critical", layer: 0, paths: ["var/lib/dpkg/status"] },
		{ name: "left-pad", findings: 1, worst: "medium", parents: ["app@1.0.0"] },
	]);
	expect((await store().packages(image, { type: "npm" }, seesAll))?.items).toHaveLength(1);
});

describe("across images", () => {
	test("vulnerabilities reach as far as the asker sees", async () => {
		const reach = async (sight: Sight) =>
			(await store().vulnerabilities({}, sight)).items.map((one) => [one.id, one.artifacts, one.packages]);
		expect(await reach(seesAll)).toEqual([
			["CVE-2026-0001", 3, 3],
			["CVE-2026-0003", 2, 1],
			["CVE-2026-0002", 3, 3],
		]);
		expect(await reach(member())).toEqual([
			["CVE-2026-0001", 2, 2],
			["CVE-2026-0003", 1, 1],
			["CVE-2026-0002", 2, 2],
		]);
		expect(await reach(seesNothing)).toEqual([]);
	});

	test("one is found by an alias, with the package versions that have it", async () => {
		expect(await store().vulnerability("GHSA-aaaa-bbbb-cccc", member())).toMatchObject({
			id: "CVE-2026-0003",
			artifacts: 1,
			fixable: true,
			affected: [{ name: "left-pad", version: "1.0.0", fixedVersion: "1.3.0", artifacts: 1 }],
		});
		const seen = await store().vulnerability("CVE-2026-0001", member());
		expect(seen?.affected.map((one) => one.version)).toEqual(["7", "7"]);
		expect(await store().vulnerability("CVE-2026-0001", seesNothing)).toBeNull();
		expect(await store().vulnerability("CVE-1999-0001", seesAll)).toBeNull();
	});

	test("packages are found by the beginning of their name", async () => {
		const found = async (q: string, sight: Sight) =>
			(await store().knownPackages({ q }, sight)).items.map((one) => [one.name, one.version, one.artifacts, one.worst]);
		expect(await found("cur", seesAll)).toEqual([
			["curl", "6", 1, "critical"],
			["curl", "7", 1, "critical"],
			["curl", "7", 1, "critical"],
		]);
		expect(await found("cur", member())).toHaveLength(2);
		expect(await found("%", seesAll)).toEqual([]);
	});
});

describe("a report", () => {
	const reports = () => reportSource({ db: fixture.db, advisories: fixture.advisories, clock, version: "test" });
	const asked = { listPackages: false };

	test("on what is kept is the one that a scan writes", async () => {
		const written = await fixture.report(first);
		const kept = await reports().report(image, seesAll, asked);
		const { artifact: _a, ...rest } = written;
		expect(kept).toMatchObject(rest);
	});

	test("on an index has the sum and the union of its row", async () => {
		const kept = (await reports().report(index, seesAll, asked)) as Report;
		const { rows } =
			await sql`SELECT critical, unknown, medium, union_summary AS union FROM artifacts WHERE id = ${index}`.execute(
				fixture.db,
			);
		const { critical: c, unknown, medium: m } = kept.summary;
		expect(rows).toEqual([{ critical: c, unknown, medium: m, union: kept.unionSummary }]);
	});

	test("is nobody's who does not see the image, and none without a result", async () => {
		expect(await reports().report(image, seesNothing, asked)).toBeNull();
		expect(await reports().report(await fixture.image(), seesAll, asked)).toBe("no_result");
	});
});
