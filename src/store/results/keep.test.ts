import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contentsOfArtifact } from "./contents.ts";
import { resultStore } from "./index.ts";
import { clock, contents, deb, type MadeRecord, npm, type ResultsFixture, resultsFixture } from "./results-fixture.ts";

const critical = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
const medium = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N";

const records: readonly MadeRecord[] = [
	{ id: "CVE-2026-0001", ecosystem: "Debian:12", name: "curl", fixed: "8", vector: critical },
	{ id: "CVE-2026-0002", ecosystem: "Debian:12", name: "curl", fixed: null },
	{
		id: "GHSA-aaaa-bbbb-cccc",
		ecosystem: "npm",
		name: "left-pad",
		fixed: "1.3.0",
		aliases: ["CVE-2026-0003"],
		vector: medium,
	},
	{ id: "CVE-2026-0001-x", ecosystem: "npm", name: "curl", fixed: "3.0.0", aliases: ["CVE-2026-0001"], vector: medium },
];

let fixture: ResultsFixture;
beforeAll(async () => {
	fixture = await resultsFixture();
	await fixture.publish(records);
});
afterAll(() => fixture.close());

async function artifact(id: string) {
	const { rows } = await sql<Record<string, unknown>>`SELECT * FROM artifacts WHERE id = ${id}`.execute(fixture.db);
	return rows[0] ?? {};
}

const numbers = ["critical", "high", "medium", "low", "negligible", "unknown", "fixable", "suppressed"] as const;

describe("a kept result", () => {
	test.each([
		["packages of both kinds", contents([deb("curl@7"), npm("left-pad@1.0.0"), npm("safe@1.0.0")])],
		["one package version in two layers, which counts twice", contents([deb("curl@7"), deb("curl@7", { layer: 1 })])],
		["a package of another vendor", contents([deb("curl@7", { thirdParty: "Acme" }), deb("bash@5")])],
		[
			"a language package that an OS package owns",
			contents([deb("curl@7"), npm("left-pad@1.0.0", { ownedBy: "node" })]),
		],
		["a malformed version", contents([deb("curl@7"), deb("x@1-")])],
		["no OS", contents([npm("left-pad@1.0.0")], { os: null })],
		["an unknown OS", contents([deb("curl@7")], { os: { id: "plan9", versionId: "4" } })],
		["unread packages", contents([deb("curl@7")], { unread: [{ kind: "Swift", path: "a", owned: false }] })],
		["nothing", contents([])],
	])("of %s has the numbers and the status of its report", async (_what, found) => {
		const report = await fixture.report(found);
		const id = await fixture.keep(found);
		const row = await artifact(id);
		expect(row).toMatchObject({ state: "complete", active_scan_id: null, result_status: report.status });
		expect(Object.fromEntries(numbers.map((field) => [field, row[field]]))).toEqual(
			Object.fromEntries(numbers.map((field) => [field, report.summary[field]])),
		);
		const back = await contentsOfArtifact(fixture.db, id);
		expect(back?.inventory).toEqual(found.inventory);
		expect(await fixture.report(back ?? contents([]))).toMatchObject({
			status: report.status,
			findings: report.findings,
			warnings: report.warnings,
		});
	});

	test("is given again when it is kept again, and changes nothing", async () => {
		const id = await fixture.image();
		const scan = await fixture.scan(id);
		const results = resultStore({ db: fixture.db, advisories: fixture.advisories, clock });
		const found = contents([deb("curl@7")]);
		const first = await results.keep(scan, found);
		expect(first).toMatchObject({ status: "complete", summary: { critical: 1, unknown: 1, total: 2, fixable: 1 } });
		const before = await artifact(id);
		expect(await results.keep(scan, contents([]))).toEqual(first);
		expect(await artifact(id)).toEqual(before);
	});

	test("tells of its end in the same transaction", async () => {
		const id = await fixture.keep(contents([deb("curl@7")]));
		const { rows } = await sql<{ type: string }>`
			SELECT body->>'type' AS type FROM events WHERE body->>'artifactId' = ${id} ORDER BY id
		`.execute(fixture.db);
		expect(rows.map(({ type }) => type)).toEqual(["scan.state", "artifact.counts"]);
	});

	test("of hostile names is kept as it was read", async () => {
		const long = "x".repeat(100_000);
		const packages = [npm(`a\0b@1.0.0`), npm(`${long}@1.0.0`), deb(`n@${"1".repeat(5000)}`), npm(`\ud800@1.0.0`)];
		const found = contents(packages);
		const id = await fixture.keep(found);
		expect((await contentsOfArtifact(fixture.db, id))?.inventory.packages).toEqual(packages);
	});

	test("of nothing that could be read is refused", async () => {
		const scan = await fixture.scan(await fixture.image());
		const results = resultStore({ db: fixture.db, advisories: fixture.advisories, clock });
		await expect(results.keep(scan, { ...contents([]), unreadable: true })).rejects.toThrow("Not one layer");
	});

	test("is not kept for a scan that was stopped", async () => {
		const scan = await fixture.scan(await fixture.image());
		await sql`UPDATE scans SET state = 'stopped' WHERE id = ${scan}`.execute(fixture.db);
		const results = resultStore({ db: fixture.db, advisories: fixture.advisories, clock });
		await expect(results.keep(scan, contents([]))).rejects.toThrow("ended as stopped");
	});
});

test("images with the same content share an inventory, and package versions are kept once", async () => {
	const found = contents([deb("shared@1"), npm("shared@1.0.0")]);
	const [a, b] = await Promise.all([fixture.keep(found), fixture.keep(found)]);
	expect((await artifact(a))["inventory_id"]).toBe((await artifact(b))["inventory_id"]);
	const { rows } = await sql`SELECT 1 FROM package_versions WHERE name = 'shared'`.execute(fixture.db);
	expect(rows).toHaveLength(2);
});

test("twenty images with the same new packages at once lock nobody out", async () => {
	const made = Array.from({ length: 20 }, (_, n) =>
		contents(
			Array.from({ length: 30 }, (_, m) => deb(`lib${(m * 7 + n * 3) % 40}@1`)).concat(
				deb("curl@7"),
				npm("left-pad@1.0.0"),
			),
		),
	);
	await Promise.all(made.map((found) => fixture.keep(found)));
	const { rows } = await sql`SELECT 1 FROM package_versions WHERE name LIKE 'lib%'`.execute(fixture.db);
	expect(rows).toHaveLength(40);
});

test("a vulnerability has the worst severity and all names that its packages give it", async () => {
	await fixture.keep(contents([npm("curl@1.0.0")]));
	await fixture.keep(contents([deb("curl@7")]));
	const { rows } = await sql`SELECT severity, aliases FROM vulnerabilities WHERE key = 'CVE-2026-0001'`.execute(
		fixture.db,
	);
	expect(rows).toEqual([{ severity: 0, aliases: ["CVE-2026-0001-x"] }]);
});

describe("an index", () => {
	test("shows the sum, the union and the state of its children", async () => {
		const [a, b, c] = [await fixture.image(), await fixture.image(), await fixture.image({ kind: "other" })];
		const parent = await fixture.index([a, b, c]);
		await fixture.keep(contents([deb("curl@7")]), a);
		expect(await artifact(parent)).toMatchObject({ state: "not_scanned", critical: 1, result_status: "partial" });
		await fixture.keep(contents([deb("curl@7", { arch: "arm64" }), npm("left-pad@1.0.0")]), b);
		expect(await artifact(parent)).toMatchObject({
			state: "complete",
			result_status: "complete",
			critical: 2,
			unknown: 2,
			medium: 1,
			fixable: 3,
			union_summary: {
				critical: 1,
				high: 0,
				medium: 1,
				low: 0,
				negligible: 0,
				unknown: 1,
				total: 3,
				fixable: 2,
				suppressed: 0,
			},
		});
	});

	test("counts both children that end at the same time", async () => {
		const children = await Promise.all(Array.from({ length: 6 }, () => fixture.image()));
		const parent = await fixture.index(children);
		await Promise.all(children.map((child) => fixture.keep(contents([deb("curl@7")]), child)));
		expect(await artifact(parent)).toMatchObject({ state: "complete", critical: 6, union_summary: { critical: 1 } });
	});

	test("without a result of any child shows none", async () => {
		const parent = await fixture.index([await fixture.image()]);
		expect(await artifact(parent)).toMatchObject({ critical: null, union_summary: null, result_status: null });
	});
});
