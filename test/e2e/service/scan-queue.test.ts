/** Asking for scans: in what order, how many, and each once. */
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { seesAll } from "#server";
import { type ScanService, scanService } from "./scan-service.ts";

let service: ScanService;
beforeEach(async () => {
	service = await scanService();
}, 60_000);
afterEach(() => service?.close());

const rows = async <T>(query: ReturnType<typeof sql>): Promise<readonly T[]> =>
	(await (query as ReturnType<typeof sql<T>>).execute(service.database.db)).rows;

test("50 people who ask for the same image at once get one scan, in the most urgent one's class", async () => {
	const { id } = await service.image("one");
	await service.scans.request({ target: { artifact: id }, reason: "schedule" });
	const asked = await Promise.all(
		Array.from({ length: 50 }, (_, n) =>
			service.scans.request({ target: { artifact: id }, reason: n === 30 ? "manual" : "push", force: n % 2 === 0 }),
		),
	);
	expect(asked.every(({ queued, joined, scanIds }) => queued === 0 && joined === 1 && scanIds.length === 1)).toBe(true);
	expect(new Set(asked.flatMap(({ scanIds }) => scanIds)).size).toBe(1);
	expect(await rows(sql`SELECT state FROM scans`)).toEqual([{ state: "queued" }]);
	expect(await rows(sql`SELECT priority FROM scan_groups`)).toEqual([{ priority: 0 }]);
	expect(await rows(sql`SELECT priority FROM pgboss.job WHERE name = 'scan-group'`)).toEqual([{ priority: 0 }]);
	const other = await service.image("other");
	const first = await Promise.all(
		Array.from({ length: 50 }, () => service.scans.request({ target: { artifact: other.id }, reason: "manual" })),
	);
	expect(first.reduce((sum, { queued }) => sum + queued, 0)).toBe(1);
	expect(await rows(sql`SELECT count(*)::int AS n FROM pgboss.job WHERE name = 'scan-group'`)).toEqual([{ n: 2 }]);
});

test("a person goes before a push, a push before a schedule", async () => {
	const ids: Record<string, string> = {};
	for (const reason of ["schedule", "push", "manual"] as const) {
		for (const n of [1, 2]) {
			const { id } = await service.image(`${reason} ${n}`);
			ids[id] = reason;
			await service.scans.request({ target: { artifact: id }, reason });
		}
	}
	const places = (await service.scans.list({ sort: "id" }, seesAll)).items.map(({ progress }) => progress?.place);
	expect(places).toEqual([5, 6, 3, 4, 1, 2]);
	await service.worker({ concurrency: 1 });
	await service.settled();
	const order = await rows<{ artifact_id: string }>(sql`SELECT artifact_id FROM scans ORDER BY started_at`);
	expect(order.map((row) => ids[row.artifact_id])).toEqual([
		"manual",
		"manual",
		"push",
		"push",
		"schedule",
		"schedule",
	]);
});

test("500 images drain with two workers, and no registry gets more at once than it allows", async () => {
	const images = 500;
	const { db } = service.database;
	await sql`UPDATE registries SET max_concurrent_scans = 3`.execute(db);
	for (let at = 0; at < images; at++) await service.image(`d${at}`, `team/app-${at % 20}`);
	await Promise.all([service.worker({ concurrency: 4 }), service.worker({ concurrency: 4 })]);
	expect(await service.scans.request({ target: { registry: service.registryId }, reason: "schedule" })).toMatchObject({
		queued: images,
	});
	let most = 0;
	const watch = setInterval(() => {
		void sql<{ n: number }>`SELECT count(*)::int AS n FROM scan_groups WHERE worker IS NOT NULL`
			.execute(db)
			.then((result) => {
				most = Math.max(most, result.rows[0]?.n ?? 0);
			});
	}, 20);
	const states = await service.settled(120_000);
	clearInterval(watch);
	expect(states).toEqual({ complete: images });
	expect(most).toBeGreaterThan(1);
	expect(most).toBeLessThanOrEqual(3);
	const workers = await rows<{ n: number }>(sql`SELECT count(*)::int AS n FROM scan_groups WHERE attempts <> 1`);
	expect(workers).toEqual([{ n: 0 }]);
}, 180_000);

test("a registry of 20,000 artifacts is queued in seconds, and what is known is left alone", async () => {
	const { db } = service.database;
	await service.image("first", "big/app");
	await sql`
		INSERT INTO artifacts (registry_id, space_id, repository_id, digest, media_type, kind)
		SELECT registry_id, space_id, repository_id, 'sha256:' || lpad(to_hex(n), 64, '0'), media_type, 'image'
		FROM artifacts, generate_series(1, 19999) AS n
	`.execute(db);
	const began = Date.now();
	const asked = await service.scans.request({ target: { registry: service.registryId }, reason: "schedule" });
	const took = Date.now() - began;
	expect(asked).toMatchObject({ queued: 20_000, joined: 0 });
	expect(asked.scanIds).toHaveLength(1_000);
	expect((await service.queue.counts())["scan-group"]).toEqual({ waiting: 20_000, running: 0 });
	expect(await rows(sql`SELECT count(*)::int AS n FROM artifacts WHERE state = 'queued'`)).toEqual([{ n: 20_000 }]);
	expect(await service.scans.request({ target: { registry: service.registryId }, reason: "push" })).toMatchObject({
		queued: 0,
		joined: 20_000,
	});
	process.stdout.write(`20,000 artifacts queued in ${took} ms\n`);
}, 120_000);

test("children of an index that is asked for are read in one go; one that is asked for alone is its own", async () => {
	const index = await service.index(["a", "b", "c"]);
	const [first, second] = index.children;
	await service.scans.request({ target: { artifact: first?.id ?? "" }, reason: "manual" });
	await sql`UPDATE artifacts SET state = 'not_supported' WHERE id = ${second?.id}`.execute(service.database.db);
	expect(await service.scans.request({ target: { artifact: index.id }, reason: "manual" })).toMatchObject({
		queued: 1,
		joined: 1,
		unsupported: 1,
	});
	expect(await rows(sql`SELECT artifact_id FROM scan_groups ORDER BY id`)).toEqual([
		{ artifact_id: first?.id },
		{ artifact_id: index.id },
	]);
	await service.worker();
	expect(await service.settled()).toEqual({ complete: 2 });
	expect(await rows(sql`SELECT state FROM artifacts WHERE id = ${index.id}`)).toEqual([{ state: "complete" }]);
});
