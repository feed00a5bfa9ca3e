/** Registries, images, connections and children misbehave; every accepted scan ends in a final state, with its reason. */
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import { seesAll } from "#server";
import { eventually } from "../support/eventually.ts";
import { childOf, isAlive } from "./processes.ts";
import { type ScanService, scanService } from "./scan-service.ts";

const entry = fileURLToPath(new URL("odd-scan-child.ts", import.meta.url));

let service: ScanService;
beforeEach(async () => {
	service = await scanService();
}, 60_000);
afterEach(() => service?.close());

const rows = async <T>(query: ReturnType<typeof sql>): Promise<readonly T[]> =>
	(await (query as ReturnType<typeof sql<T>>).execute(service.database.db)).rows;

async function scanning(count = 1): Promise<void> {
	await eventually(async () => ((await service.states())["scanning"] ?? 0) >= count || null);
}

async function logOf(scanId: string): Promise<string> {
	const log = await service.scans.log(scanId, { limit: 1_000 }, seesAll);
	return log?.items.map(({ message }) => message).join("\n") ?? "";
}

test("database connections that are cut cost nothing", async () => {
	const images = 40;
	for (let at = 0; at < images; at++) await service.image(`c${at}`, "slow/app");
	await service.scans.request({ target: { registry: service.registryId }, reason: "schedule" });
	const worker = await service.worker({ entry });
	for (let round = 0; round < 8; round++) {
		await pause(300);
		await rows(sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE application_name IN ('scan-worker', 'plimsoll scans', ${`plimsoll worker ${worker.number}`})`);
	}
	expect(await service.settled(), worker.said().slice(-2_000)).toEqual({ complete: images });
	// Cut off twice just when somebody looked it may have been taken for dead; no image is given up for that.
	expect(await rows(sql`SELECT 1 FROM scans WHERE state <> 'complete'`)).toEqual([]);
	expect(await rows(sql`SELECT 1 FROM scans GROUP BY artifact_id HAVING count(*) > 1`)).toEqual([]);
}, 90_000);

test("a registry that is down, then up: tried again until it answers", async () => {
	const { id } = await service.image("down");
	const worker = await service.worker({ registry: "http://127.0.0.1:1" });
	const { scanIds } = await service.scans.request({ target: { artifact: id }, reason: "manual" });
	const [scanId = ""] = scanIds;
	await eventually(async () => ((await logOf(scanId)).includes("tried again") ? true : null));
	await eventually(async () => ((await service.scans.get(scanId, seesAll))?.state === "queued" ? true : null));
	await worker.kill("SIGTERM");
	await service.worker();
	expect(await service.settled()).toEqual({ complete: 1 });
	expect((await service.scans.get(scanId, seesAll))?.attempts).toBeGreaterThan(1);
	expect(await rows(sql`SELECT crashes FROM scan_groups`)).toEqual([{ crashes: 0 }]);
}, 60_000);

test("a registry that stays down: failed with the reason, in the log as well", async () => {
	const { id } = await service.image("down");
	await service.worker({ registry: "http://127.0.0.1:1", mostAttempts: 2 });
	const { scanIds } = await service.scans.request({ target: { artifact: id }, reason: "manual" });
	expect(await service.settled()).toEqual({ failed: 1 });
	const scan = await service.scans.get(scanIds[0] ?? "", seesAll);
	expect(scan?.error).toMatchObject({
		code: "registry_unreachable",
		message: expect.stringContaining("tried 2 times"),
	});
	expect(await logOf(scanIds[0] ?? "")).toContain(scan?.error?.message);
}, 60_000);

test("an image that the registry does not have fails at once; its siblings in an index do not", async () => {
	const missing = await service.missingImage("nowhere");
	const index = await service.index(["x", "y", "z"]);
	const broken = index.children[1];
	for (let time = 0; time < 9; time++)
		service.registry.misbehave(`/manifests/${broken?.digest}`, { kind: "status", status: 404 });
	await service.worker();
	const asked = await service.scans.request({ target: { artifactIds: [missing, index.id] }, reason: "manual" });
	expect(asked).toMatchObject({ queued: 4 });
	expect(await service.settled()).toEqual({ complete: 2, failed: 2 });
	const failed = await service.scans.list({ state: "failed" }, seesAll);
	expect(failed.items.map(({ error }) => error?.code)).toEqual(["registry_not_found", "registry_not_found"]);
	const state = await rows(sql`SELECT state FROM artifacts WHERE id = ${index.id}`);
	expect(state).toEqual([{ state: "failed" }]);
	// The registry has it by now: only that child is scanned again, and the index is whole.
	const child = failed.items.find(({ artifactId }) => artifactId === broken?.id);
	await eventually(async () => {
		await service.scans.retry(child?.id ?? "", null, seesAll).catch(() => null);
		await service.settled();
		const now = await rows<{ state: string }>(sql`SELECT state FROM artifacts WHERE id = ${index.id}`);
		return now[0]?.state === "complete" || null;
	});
}, 60_000);

test("stopping kills the child; what is queued stops at once", async () => {
	await service.image("h", "hang/app");
	await service.image("w", "hang/app");
	const worker = await service.worker({ entry, concurrency: 1 });
	await service.scans.request({ target: { registry: service.registryId }, reason: "manual" });
	await scanning();
	const list = await service.scans.list({}, seesAll);
	const [running, queued] = [
		list.items.find((one) => one.state === "scanning"),
		list.items.find((one) => one.state === "queued"),
	];
	const child = await eventually(async () => childOf(worker.pid));
	expect(queued?.progress).toMatchObject({ place: 1 });
	expect(await service.scans.stop(queued?.id ?? "", "mia", seesAll)).toBe(1);
	expect((await service.scans.get(queued?.id ?? "", seesAll))?.state).toBe("stopped");
	expect((await service.queue.counts())["scan-group"].waiting).toBe(0);
	expect(await service.scans.stop(running?.id ?? "", "mia", seesAll)).toBe(1);
	await eventually(async () => !isAlive(child) || null, 5_000);
	expect(await service.settled()).toEqual({ stopped: 2 });
	await expect(service.scans.stop(running?.id ?? "", "mia", seesAll)).rejects.toMatchObject({ code: "conflict" });
	expect(await logOf(running?.id ?? "")).toContain("Stopped by mia.");
	// The worker goes on with others.
	const next = await service.image("next");
	await service.scans.request({ target: { artifactIds: [next.id] }, reason: "manual" });
	await service.settled();
	expect((await service.states())["complete"]).toBe(1);
}, 60_000);

test("an image that kills its process three times is poison; the last good result stays", async () => {
	const { id } = await service.image("p", "poison/app");
	await service.worker({ entry });
	const { scanIds } = await service.scans.request({ target: { artifact: id }, reason: "manual" });
	expect(await service.settled()).toEqual({ failed: 1 });
	const scan = await service.scans.get(scanIds[0] ?? "", seesAll);
	expect(scan).toMatchObject({
		attempts: 3,
		error: { code: "worker_died", message: expect.stringContaining("three times") },
	});
	expect(await logOf(scanIds[0] ?? "")).toMatch(/signal SIGKILL[\s\S]*three times/);
}, 60_000);

test("an image that takes too much memory costs a child, and nothing else", async () => {
	const hungry = await service.image("m", "hungry/app");
	const worker = await service.worker({ entry, memoryBytes: 3e8 });
	const fine = await service.image("fine");
	await service.scans.request({ target: { artifactIds: [hungry.id, fine.id] }, reason: "manual" });
	expect(await service.settled(), worker.said()).toEqual({ complete: 1, failed: 1 });
	const [failed] = (await service.scans.list({ state: "failed" }, seesAll)).items;
	expect(failed).toMatchObject({ attempts: 1, error: { code: "scan_memory_exceeded" } });
}, 60_000);

test("a worker that is asked to end gives its scans back, and that is no crash", async () => {
	await service.image("g", "hang/app");
	const worker = await service.worker({ entry, graceMs: 300 });
	await service.scans.request({ target: { registry: service.registryId }, reason: "manual" });
	await scanning();
	await worker.kill("SIGTERM");
	expect(await service.states()).toEqual({ queued: 1 });
	expect(await rows(sql`SELECT worker, crashes, attempts FROM scan_groups`)).toEqual([
		{ worker: null, crashes: 0, attempts: 1 },
	]);
	await service.worker();
	expect(await service.settled()).toEqual({ complete: 1 });
}, 60_000);
