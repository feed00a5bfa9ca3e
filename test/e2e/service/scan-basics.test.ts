import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { seesAll } from "#server";
import { type ScanService, scanService } from "./scan-service.ts";

let service: ScanService;
beforeAll(async () => {
	service = await scanService();
}, 60_000);
afterAll(() => service?.close());

test("an image and an index are scanned, with logs", async () => {
	const { scans } = service;
	const one = await service.image("one");
	const index = await service.index(["a", "b", "c"]);
	const worker = await service.worker();
	const asked = await scans.request({ target: { artifact: one.id }, reason: "manual" });
	expect(asked).toMatchObject({ queued: 1, joined: 0, current: 0, unsupported: 0 });
	expect(await scans.request({ target: { artifact: index.id }, reason: "manual" })).toMatchObject({ queued: 3 });
	expect(await service.settled(), worker.said()).toEqual({ complete: 4 });
	const scan = await scans.get(asked.scanIds[0] ?? "", seesAll);
	expect(scan).toMatchObject({ state: "complete", attempts: 1, status: expect.any(String), progress: null });
	const { rows } = await sql<{ state: string; active_scan_id: string | null; critical: number }>`
		SELECT state, active_scan_id, critical FROM artifacts WHERE id IN (${index.id}, ${one.id})`.execute(
		service.database.db,
	);
	expect(rows.map(({ state, active_scan_id }) => [state, active_scan_id])).toEqual([
		["complete", null],
		["complete", null],
	]);
	const log = await scans.log(asked.scanIds[0] ?? "", {}, seesAll);
	expect(log?.items.map(({ message }) => message).join("\n")).toMatch(
		/attempt 1[\s\S]*Layer [\s\S]*findings[\s\S]*Ended after/,
	);
	expect(await scans.request({ target: { artifact: one.id }, reason: "manual" })).toMatchObject({
		current: 1,
		queued: 0,
	});
	expect(await scans.request({ target: { artifact: index.id }, reason: "push" })).toMatchObject({ current: 3 });
	await worker.kill("SIGTERM");
});
