import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Id } from "#contract";
import { seesAll, usualAges } from "#server";
import { catalogStore } from "../catalog/catalog.ts";
import { findingStore } from "../findings/index.ts";
import { resultStore } from "../results/index.ts";
import { clock, contents, deb, npm, type ResultsFixture, resultsFixture } from "../results/results-fixture.ts";
import { addImage, addScan } from "../schedules/catalog-fixture.ts";
import { pruner } from "./pruner.ts";

const { signal } = new AbortController();
const ages = { ...usualAges, inventoryDays: 0 };
/** Everything that is made now is old then, but not older than a scan may be. */
const later = (days: number): Date => new Date(Date.now() + days * 86_400_000);

let fixture: ResultsFixture;
beforeAll(async () => {
	fixture = await resultsFixture();
	await fixture.publish([
		{ id: "CVE-2026-0001", ecosystem: "Debian:12", name: "curl", fixed: "8" },
		{ id: "CVE-2026-0002", ecosystem: "Debian:12", name: "curl", fixed: null },
		{ id: "CVE-2026-0003", ecosystem: "npm", name: "left-pad", fixed: "1.3.0" },
	]);
});
afterAll(() => fixture.close());
beforeEach(async () => {
	await sql`TRUNCATE artifacts, inventories, package_versions, vulnerabilities, schedules CASCADE`.execute(fixture.db);
});

async function count(table: string): Promise<number> {
	const { rows } = await sql<{ count: number }>`SELECT count(*)::int AS count FROM ${sql.table(table)}`.execute(
		fixture.db,
	);
	return rows[0]?.count ?? 0;
}

/** All that somebody can look at, but for lists of scans. */
async function shown(): Promise<unknown> {
	const [catalog, findings] = [catalogStore(fixture.db), findingStore(fixture.db)];
	const { items } = await catalog.artifacts({ limit: 200, children: true }, seesAll);
	return {
		artifacts: await Promise.all(
			items.map(async ({ id }) => ({
				details: await catalog.artifact(id, seesAll),
				findings: await findings.findings(id, { limit: 200 }, seesAll),
				packages: await findings.packages(id, { limit: 200 }, seesAll),
			})),
		),
		vulnerabilities: await findings.vulnerabilities({ limit: 200 }, seesAll),
		known: await findings.knownPackages({ limit: 200 }, seesAll),
		spaces: await catalog.spaces({ limit: 200 }, seesAll),
	};
}

describe("scans", () => {
	async function left(artifact: Id): Promise<readonly Id[]> {
		const { rows } = await sql<{ id: Id }>`SELECT id FROM scans WHERE artifact_id = ${artifact} ORDER BY id`.execute(
			fixture.db,
		);
		return rows.map(({ id }) => id);
	}

	test("of each image the last stay, with the one that is shown and what is not over", async () => {
		const { db } = fixture;
		const image = await addImage(db);
		const scans: Id[] = [];
		for (let n = 0; n < 25; n++) scans.push(await addScan(db, image, { state: "failed", hoursAgo: 30 }));
		scans.push(await addScan(db, image, { state: "queued", hoursAgo: 5_000 }));
		await sql`UPDATE artifacts SET result_scan_id = ${scans[2]} WHERE id = ${image}`.execute(db);
		const { scans: dropped } = await pruner(db).prune(ages, new Date(), signal);
		expect(await left(image)).toEqual([scans[2], ...scans.slice(6)]);
		expect([dropped, await count("scan_groups")]).toEqual([5, 21]);
	});

	test("past their age go, but for the last; those of a run that is not settled, and those just ended, stay", async () => {
		const { db } = fixture;
		const [old, counted, fresh] = [await addImage(db), await addImage(db), await addImage(db)];
		const { rows } = await sql<{ id: Id }>`
			WITH made AS (INSERT INTO schedules (name, cron, time_zone, action) VALUES ('s', '0 0 * * *', 'UTC', 'rescan') RETURNING id)
			INSERT INTO schedule_runs (schedule_id, trigger, due_at, state, action) SELECT id, 'cron', now(), 'running', 'rescan'
			FROM made RETURNING id`.execute(db);
		await addScan(db, old, { state: "complete", hoursAgo: 24 * 200 });
		const last = await addScan(db, old, { state: "complete", hoursAgo: 24 * 190 });
		await sql`UPDATE artifacts SET last_scan_id = ${last} WHERE id = ${old}`.execute(db);
		await addScan(db, counted, { state: "complete", hoursAgo: 24 * 200, runId: rows[0]?.id ?? "" });
		await addScan(db, fresh, { state: "complete", hoursAgo: 0 });
		await pruner(db).prune({ ...ages, scansPerArtifact: 0, scanDays: 180 }, new Date(), signal);
		expect([await left(old), (await left(counted)).length, (await left(fresh)).length]).toEqual([[last], 1, 1]);
	});

	test("take their logs with them, but not those of a group that others are of", async () => {
		const { db } = fixture;
		const [one, two] = [await addImage(db), await addImage(db)];
		const first = await addScan(db, one, { state: "complete", hoursAgo: 24 * 200 });
		const second = await addScan(db, two, { state: "complete", hoursAgo: 24 * 200 });
		await sql`INSERT INTO scan_log_lines (group_id, line, level, message) SELECT group_id, 1, 'info', 'x' FROM scans`.execute(
			db,
		);
		await sql`UPDATE scans SET group_id = (SELECT group_id FROM scans WHERE id = ${first}) WHERE id = ${second}`.execute(
			db,
		);
		await sql`UPDATE artifacts SET last_scan_id = ${second} WHERE id = ${two}`.execute(db);
		await pruner(db).prune(ages, new Date(), signal);
		const { rows } = await sql`SELECT 1 FROM scan_log_lines l JOIN scans s ON s.group_id = l.group_id`.execute(db);
		expect([await left(one), await left(two), rows.length]).toEqual([[], [second], 1]);
	});
});

describe("what images hold", () => {
	test("goes with the last image and scan that refer to it, and nothing that others hold", async () => {
		const { db } = fixture;
		const both = [deb("curl@7"), npm("left-pad@1.0.0")];
		const gone = await fixture.keep(contents([...both, npm("alone@1.0.0")]));
		const stays = await fixture.keep(contents([npm("left-pad@1.0.0")]));
		await sql`DELETE FROM artifacts WHERE id = ${gone}`.execute(db);
		const before = await shown();
		const counts = await pruner(db).prune(ages, later(1), signal);
		expect(counts).toMatchObject({ inventories: 1, packageVersions: 2, vulnerabilities: 2 });
		expect([await count("package_versions"), await count("vulnerabilities"), await count("package_lookups")]).toEqual([
			1, 1, 1,
		]);
		expect(await shown()).toEqual(before);
		expect(await catalogStore(db).artifact(stays, seesAll)).toMatchObject({ result: { summary: { total: 1 } } });
		// What comes again is known again.
		await fixture.keep(contents(both));
		expect(await count("vulnerabilities")).toBe(3);
	});

	test("stays within its time of grace", async () => {
		const { db } = fixture;
		await sql`DELETE FROM artifacts WHERE id = ${await fixture.keep(contents([deb("curl@7")]))}`.execute(db);
		expect(await pruner(db).prune(usualAges, new Date(), signal)).toMatchObject({ inventories: 0 });
	});

	test("is never taken from under a result that is being kept", async () => {
		const { db, advisories } = fixture;
		const results = resultStore({ db, advisories, clock });
		const sets = [[deb("curl@7"), npm("left-pad@1.0.0")], [npm("left-pad@1.0.0"), npm("x@1.0.0")], [deb("curl@7")]];
		const over = new AbortController();
		const pruning = (async () => {
			let dropped = 0;
			while (!over.signal.aborted) dropped += (await pruner(db).prune(ages, later(1), signal))["inventories"] ?? 0;
			return dropped;
		})();
		const keeping = Promise.all(
			[0, 1, 2].map(async (lane) => {
				for (let n = 0; n < 25; n++) {
					const id = await fixture.image();
					const found = contents(sets[(n + lane) % sets.length] ?? []);
					const { summary } = await results.keep(await fixture.scan(id), found);
					const row = await catalogStore(db).artifact(id, seesAll);
					expect(row).toMatchObject({ state: "complete", result: { summary } });
					const packages = await findingStore(db).packages(id, {}, seesAll);
					expect(packages?.items).toHaveLength(found.inventory.packages.length);
					await sql`DELETE FROM artifacts WHERE id = ${id}`.execute(db);
				}
			}),
		).finally(() => {
			over.abort();
		});
		await keeping;
		expect(await pruning).toBeGreaterThan(0);
	}, 60_000);
});

test("whatever was scanned, deleted and pruned, nothing that is shown changes", async () => {
	const { db } = fixture;
	const known = ["curl@7", "curl@8", "bash@5", "zlib@1"].map((text) => deb(text));
	const packages = [...known, npm("left-pad@1.0.0"), npm("left-pad@1.3.0")];
	const images = fc.array(
		fc.record({ held: fc.subarray(packages), scans: fc.integer({ min: 1, max: 3 }), isDeleted: fc.boolean() }),
		{ minLength: 1, maxLength: 4 },
	);
	await fc.assert(
		fc.asyncProperty(images, fc.integer({ min: 0, max: 3 }), fc.constantFrom(0, 1, 400), async (made, most, days) => {
			await sql`TRUNCATE artifacts, inventories, package_versions, vulnerabilities CASCADE`.execute(db);
			const ids: Id[] = [];
			for (const { held, scans } of made) {
				let id: Id | undefined;
				for (let n = 0; n < scans; n++) id = await fixture.keep(contents(held), id);
				if (id !== undefined) ids.push(id);
			}
			await fixture.index(ids.slice(0, 2));
			for (const [at, { isDeleted }] of made.entries())
				if (isDeleted) await sql`DELETE FROM artifacts WHERE id = ${ids[at]}`.execute(db);
			const before = await shown();
			await pruner(db).prune({ ...ages, scansPerArtifact: most }, later(days), signal);
			expect(await shown()).toEqual(before);
			const { rows } = await sql`SELECT 1 FROM package_versions v
				WHERE NOT EXISTS (SELECT 1 FROM inventories i WHERE i.package_ids @> ARRAY[v.id])`.execute(db);
			expect(days === 0 ? [] : rows).toEqual([]);
		}),
		{ numRuns: 12 },
	);
}, 60_000);

test("audit, tokens and runs go by age; the last run of a schedule stays", async () => {
	const { db } = fixture;
	await sql`INSERT INTO audit_log (at, via, action, subject, outcome)
		SELECT now() - make_interval(days => n), 'system', 'a', 'b', 'done' FROM generate_series(399, 401, 2) n`.execute(
		db,
	);
	await sql`WITH u AS (INSERT INTO users (username, password_hash) VALUES ('u', 'x') RETURNING id)
		INSERT INTO api_tokens (user_id, name, secret_hash, scopes, expires_at)
		SELECT id, 't', n::text::bytea, '{read}', now() - make_interval(days => n) FROM u, generate_series(29, 31, 2) n`.execute(
		db,
	);
	await sql`WITH s AS (
		INSERT INTO schedules (name, cron, time_zone, action) VALUES ('a', '0 0 * * *', 'UTC', 'rescan') RETURNING id
	) INSERT INTO schedule_runs (schedule_id, trigger, due_at, started_at, state, action)
		SELECT id, 'cron', now() - make_interval(days => n), now() - make_interval(days => n), 'complete', 'rescan'
		FROM s, unnest(ARRAY[400, 300, 200]) n`.execute(db);
	const counts = await pruner(db).prune(usualAges, new Date(), signal);
	expect(counts).toMatchObject({ audit: 1, tokens: 1, runs: 2 });
	expect([await count("audit_log"), await count("api_tokens"), await count("schedule_runs")]).toEqual([1, 1, 1]);
});
