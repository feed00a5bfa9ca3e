/** The routes of scans, over a real worker: who may do what, and logs as they are written. */
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WorkspaceRole } from "#contract";
import { type App, createApp, type Principal, type Sight, scanRoutes, seesAll } from "#server";
import { sseClient } from "#server/testing";
import { eventually } from "../support/eventually.ts";
import { type KnownImage, type ScanService, scanService } from "./scan-service.ts";

const entry = fileURLToPath(new URL("odd-scan-child.ts", import.meta.url));
const audited: string[] = [];
let service: ScanService;
let app: App;
let url: string;
let image: KnownImage;
let spaceId: string;

/** Who asks says so in a header: `admin`, or a role in the images' space. */
function sightOf(role: string): Sight {
	if (role === "admin") return seesAll;
	return { all: false, spaces: new Map(role === "nobody" ? [] : [[spaceId, role as WorkspaceRole]]) };
}

beforeAll(async () => {
	service = await scanService();
	image = await service.image("one", "slow/app");
	const { rows } = await sql<{ id: string }>`SELECT space_id AS id FROM artifacts WHERE id = ${image.id}`.execute(
		service.database.db,
	);
	spaceId = rows[0]?.id ?? "";
	const user = await sql<{ id: string }>`
		INSERT INTO users (username, password_hash) VALUES ('mia', '') RETURNING id
	`.execute(service.database.db);
	const principal = {
		userId: user.rows[0]?.id ?? "",
		username: "mia",
		platformAdmin: false,
		via: "session",
		scopes: new Set(["read", "scan"]),
		workspaceId: null,
		mustChangePassword: false,
	} as unknown as Principal;
	app = createApp({
		log: null,
		gatekeeper: {
			identify: async (request) => ({ principal, sight: sightOf(String(request.headers["x-role"])) }),
		},
	});
	app.register(async (scope) =>
		scanRoutes(scope as unknown as App, {
			scans: service.scans,
			audit: { record: async ({ action, subject }) => void audited.push(`${action} ${subject}`) },
			scannerIds: ["builtin"],
		}),
	);
	url = await app.listen({ host: "127.0.0.1", port: 0 });
}, 60_000);
afterAll(async () => {
	await app?.close();
	await service?.close();
});

async function call(role: string, method: "GET" | "POST", path: string, body?: object) {
	const response = await fetch(`${url}/api/v1${path}`, {
		method,
		headers: { "x-role": role, ...(body ? { "content-type": "application/json" } : {}) },
		...(body ? { body: JSON.stringify(body) } : {}),
	});
	const text = await response.text();
	return { status: response.status, headers: response.headers, text, json: (): never => JSON.parse(text) as never };
}

describe("a scan, by its routes", () => {
	let id = "";

	test("is asked for by editors, not by viewers, and is not there for others", async () => {
		const target = { artifact: image.id };
		expect((await call("nobody", "POST", "/scans", { target })).status).toBe(404);
		expect((await call("viewer", "POST", "/scans", { target })).status).toBe(403);
		expect((await call("viewer", "POST", "/scans", { target: { space: spaceId } })).status).toBe(403);
		expect((await call("viewer", "POST", "/scans", { target: { registry: service.registryId } })).status).toBe(403);
		expect((await call("nobody", "POST", "/scans", { target: { registry: service.registryId } })).status).toBe(404);
		expect((await call("admin", "POST", "/scans", { target: { artifact: "987654321" } })).status).toBe(404);
		expect((await call("viewer", "POST", "/scans", { target: { query: {} } })).json()).toMatchObject({ queued: 0 });
		expect((await call("editor", "POST", "/scans", { target, scanner: "nothing" })).status).toBe(400);
		for (const wrong of [{}, { target: {} }, { target: { artifact: "x" } }, { target: { artifact: "1", space: "1" } }])
			expect((await call("editor", "POST", "/scans", wrong)).status).toBe(400);
		const asked = await call("editor", "POST", "/scans", { target });
		expect(asked.status).toBe(202);
		const { queued, scanIds }: { queued: number; scanIds: string[] } = asked.json();
		expect([queued, scanIds.length]).toEqual([1, 1]);
		id = scanIds[0] ?? "";
		expect(audited).toContain(`scan.request artifact/${image.id}`);
	});

	test("is seen by viewers, waiting in its place", async () => {
		expect((await call("viewer", "GET", `/scans/${id}`)).json()).toMatchObject({
			id,
			state: "queued",
			reason: "manual",
			requestedBy: "mia",
			progress: { place: 1, percent: null },
		});
		expect((await call("nobody", "GET", `/scans/${id}`)).status).toBe(404);
		expect((await call("viewer", "GET", "/scans?total=true")).json()).toMatchObject({ items: [{ id }], total: 1 });
		expect((await call("nobody", "GET", "/scans?total=true")).json()).toMatchObject({ items: [], total: 0 });
		expect((await call("viewer", "GET", `/scans?artifact=${image.id}&state=failed`)).json()).toMatchObject({
			items: [],
		});
		expect((await call("viewer", "GET", "/scans?sort=nothing")).status).toBe(400);
		for (const path of ["log", "log/stream"])
			expect((await call("nobody", "GET", `/scans/${id}/${path}`)).status).toBe(404);
		for (const path of ["stop", "retry"]) {
			expect((await call("nobody", "POST", `/scans/${id}/${path}`)).status).toBe(404);
			expect((await call("viewer", "POST", `/scans/${id}/${path}`)).status).toBe(403);
		}
		expect((await call("editor", "POST", `/scans/${id}/retry`)).status).toBe(409);
	});

	test("streams its log while it runs, and the stream ends with it", async () => {
		const stream = sseClient(`${url}/api/v1/scans/${id}/log/stream`, { headers: { "x-role": "viewer" } });
		await eventually(async () => stream.comments.length > 0 || null);
		expect(stream.frames).toEqual([]);
		const worker = await service.worker({ entry });
		await stream.next(({ event }) => event === "line", 30_000);
		await stream.next(({ event }) => event === "end", 30_000);
		await stream.ended;
		const lines = stream.frames
			.filter(({ event }) => event === "line")
			.map(({ data }) => JSON.parse(data) as { line: number; message: string });
		expect(lines.map(({ line }) => line)).toEqual(lines.map((_, at) => at + 1));
		expect(lines.at(-1)?.message).toMatch(/^Ended after/);
		const again = sseClient(`${url}/api/v1/scans/${id}/log/stream`, {
			headers: { "x-role": "viewer" },
			lastEventId: String(lines.length - 1),
		});
		await again.ended;
		expect(again.frames.map(({ event }) => event)).toEqual(["line", "end"]);
		await service.settled();
		await worker.kill("SIGTERM");
	}, 90_000);

	test("has a log to read by pages and to download", async () => {
		const first: { items: { line: number }[]; next: string } = (
			await call("viewer", "GET", `/scans/${id}/log?limit=2`)
		).json();
		expect(first.items.map(({ line }) => line)).toEqual([1, 2]);
		const second: { items: { line: number }[] } = (
			await call("viewer", "GET", `/scans/${id}/log?limit=2&cursor=${first.next}`)
		).json();
		expect(second.items.map(({ line }) => line)).toEqual([3, 4]);
		const text = await call("viewer", "GET", `/scans/${id}/log?format=text`);
		expect(text.headers.get("content-type")).toBe("text/plain; charset=utf-8");
		expect(text.headers.get("content-disposition")).toContain(`scan-${id}.log`);
		expect(text.text).toMatch(/^\S+Z info {4}Scan of slow\/app@sha256:/);
	});

	test("is complete, cannot be stopped any more, and can be done again", async () => {
		expect((await call("viewer", "GET", `/scans/${id}`)).json()).toMatchObject({
			state: "complete",
			progress: null,
			error: null,
			attempts: 1,
			summary: { total: expect.any(Number) },
		});
		expect((await call("editor", "POST", `/scans/${id}/stop`)).status).toBe(409);
		const again = await call("editor", "POST", `/scans/${id}/retry`);
		expect(again.json()).toMatchObject({ queued: 1 });
		const { scanIds }: { scanIds: string[] } = again.json();
		expect((await call("editor", "POST", `/scans/${scanIds[0]}/stop`)).json()).toEqual({ stopped: 1 });
		const scan: { state: string; reason: string } = (await call("viewer", "GET", `/scans/${scanIds[0]}`)).json();
		expect(scan).toMatchObject({ state: "stopped", reason: "retry" });
		// The last good result stays.
		const { rows } = await sql`SELECT state, result_scan_id FROM artifacts WHERE id = ${image.id}`.execute(
			service.database.db,
		);
		expect(rows).toEqual([{ state: "stopped", result_scan_id: id }]);
		expect(audited.slice(-2)).toEqual([`scan.retry scan/${id}`, `scan.stop scan/${scanIds[0]}`]);
	});
});
