/** Processes are killed with -9; every accepted scan ends once. */
import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { childOf, isAlive } from "./processes.ts";
import { type ScanService, scanService, type TestWorker } from "./scan-service.ts";

const entry = fileURLToPath(new URL("odd-scan-child.ts", import.meta.url));

let service: ScanService;
beforeEach(async () => {
	service = await scanService();
}, 60_000);
afterEach(() => service?.close());

/** The same numbers in every run. */
function randomOf(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}

const rows = async <T>(query: ReturnType<typeof sql>): Promise<readonly T[]> =>
	(await (query as ReturnType<typeof sql<T>>).execute(service.database.db)).rows;

async function scanning(): Promise<void> {
	await eventually(async () => ((await service.states())["scanning"] ?? 0) > 0 || null);
}

test("workers, killed 20 times at any moment: every scan is completed, once", async () => {
	const images = 60;
	for (let at = 0; at < images; at++) await service.image(`k${at}`, at % 2 === 0 ? "slow/app" : "team/app");
	await service.scans.request({ target: { registry: service.registryId }, reason: "schedule" });
	const random = randomOf(11);
	const workers: TestWorker[] = [await service.worker({ entry }), await service.worker({ entry })];
	const late: number[] = [];
	for (let round = 0; round < 20; round++) {
		await pause(random() * 400);
		const [victim] = workers.splice(round % 2, 1);
		await victim?.kill();
		const killed = Date.now();
		const replacement = service.worker({ entry });
		await eventually(async () => {
			const left = await rows(sql`SELECT 1 FROM queue_claims WHERE worker = ${victim?.number}`);
			return left.length === 0 || null;
		});
		late.push(Date.now() - killed);
		workers.push(await replacement);
	}
	const states = await service.settled(90_000);
	expect(Object.values(states).reduce((sum, count) => sum + count, 0)).toBe(images);
	// An image whose worker was killed three times counts as poison; by chance that is possible.
	expect((states["complete"] ?? 0) + (states["failed"] ?? 0)).toBe(images);
	expect(states["complete"]).toBeGreaterThan(images - 3);
	expect(await rows(sql`SELECT 1 FROM queue_claims`)).toEqual([]);
	const told = await rows<{ n: number }>(sql`SELECT max(n)::int AS n FROM (
		SELECT count(*) AS n FROM events WHERE body->>'type' = 'scan.state' AND body->>'state' = 'complete'
		GROUP BY body->>'scanId') AS per`);
	expect(told).toEqual([{ n: 1 }]);
	const counted = await rows<{ lost: number }>(sql`SELECT sum(crashes)::int AS lost FROM scan_groups`);
	expect(counted[0]?.lost).toBeGreaterThan(0);
	// Two looks, two seconds apart; a loaded machine takes its time. Never the half minute of the fallback.
	expect(Math.max(...late)).toBeLessThan(20_000);
}, 180_000);

test("the child of a killed worker ends, too", async () => {
	await service.image("one", "hang/app");
	await service.scans.request({ target: { registry: service.registryId }, reason: "manual" });
	const worker = await service.worker({ entry, time: true });
	await scanning();
	const child = await eventually(async () => childOf(worker.pid));
	await worker.kill();
	await eventually(async () => !isAlive(child) || null, 5_000);
	expect(isAlive(child)).toBe(false);
}, 60_000);

test("whoever asks for scans, killed in the middle: what is queued is whole, and asking again adds the rest", async () => {
	const images = 4_000;
	await service.image("first", "big/app");
	await sql`
		INSERT INTO artifacts (registry_id, space_id, repository_id, digest, media_type, kind)
		SELECT registry_id, space_id, repository_id, 'sha256:' || lpad(to_hex(n), 64, '0'), media_type, 'image'
		FROM artifacts, generate_series(1, ${images - 1}) AS n
	`.execute(service.database.db);
	const program = fileURLToPath(new URL("scan-requester.ts", import.meta.url));
	for (let round = 0; round < 3; round++) {
		const child = spawn(process.execPath, [program, service.database.url, service.registryId], {
			env: { PATH: process.env["PATH"] },
			stdio: ["ignore", "pipe", "inherit"],
		});
		const exited = new Promise((resolve) => child.once("exit", resolve));
		await new Promise((resolve) => child.stdout.once("data", resolve));
		await pause(100 + round * 130);
		child.kill("SIGKILL");
		await exited;
		const [whole] = await rows<Record<string, number>>(sql`
			SELECT (SELECT count(*) FROM scans)::int AS scans, (SELECT count(*) FROM scan_groups)::int AS groups,
				(SELECT count(*) FROM pgboss.job WHERE name = 'scan-group')::int AS jobs,
				(SELECT count(*) FROM artifacts WHERE state = 'queued')::int AS artifacts`);
		expect(new Set(Object.values(whole ?? {})).size, JSON.stringify(whole)).toBe(1);
	}
	const asked = await service.scans.request({ target: { registry: service.registryId }, reason: "manual" });
	expect(asked.queued + asked.joined).toBe(images);
	expect((await service.queue.counts())["scan-group"].waiting).toBe(images);
}, 60_000);
