/** The routes of registries over a real database, with registries that this test plays. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ConnectionCheck, Registry } from "#contract";
import {
	accessRoutes,
	allowedAddresses,
	checkRegistry,
	connectorFor,
	enqueueDueChecks,
	registryRoutes,
	workChecks,
} from "#server";
import { registryStore, secretBox, secretKey } from "#store";
import { type AccessService, type Credentials, startAccessService } from "../support/access-service.ts";

interface Played {
	readonly url: string;
	/** `Authorization` of each request. */
	readonly seen: (string | undefined)[];
	/** What it answers to everything; null: nothing at all. */
	status: number | null;
	readonly server: Server;
}

async function play(): Promise<Played> {
	const seen: (string | undefined)[] = [];
	const server = createServer((request, response) => {
		seen.push(request.headers.authorization);
		if (played.status === null) return;
		const known = request.headers.authorization !== undefined;
		if (played.status === 401 && known) return void response.writeHead(200).end("{}");
		response.writeHead(played.status, played.status === 401 ? { "www-authenticate": "Basic realm=x" } : {}).end("{}");
	});
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	const played: Played = {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		seen,
		status: 200,
		server,
	};
	return played;
}

const store = (service: AccessService) =>
	registryStore(service.database.db, secretBox({ current: secretKey(Buffer.alloc(32, 5)), older: [] }));
const connectTo = (access: Parameters<typeof connectorFor>[0]) => connectorFor(access, { fetchFor: () => fetch });

let service: AccessService;
let one: Played;
let two: Played;
let admin: Credentials;
let member: Credentials;
const jobs: { readonly kind: string; readonly payload: unknown; readonly key: string | undefined }[] = [];
const queue = {
	send: async (kind: string, payload: unknown, options: { readonly key?: string } = {}) => {
		if (jobs.some((job) => job.key === options.key)) return null;
		jobs.push({ kind, payload, key: options.key });
		return String(jobs.length);
	},
};

beforeAll(async () => {
	[one, two] = [await play(), await play()];
	service = await startAccessService((app, deps, database) => {
		accessRoutes(app, deps);
		registryRoutes(app, {
			registries: registryStore(database.db, secretBox({ current: secretKey(Buffer.alloc(32, 5)), older: [] })),
			connectTo,
			addresses: allowedAddresses("127.0.0.0/8"),
			queue,
			audit: deps.audit,
			clock: () => new Date(),
		});
	});
	await service.user("root", { platformAdmin: true });
	await service.workspace("team", { [await service.user("member")]: "admin" });
	[admin, member] = [await service.signIn("root"), await service.signIn("member")];
});
beforeEach(() => {
	for (const played of [one, two]) {
		played.status = 200;
		played.seen.length = 0;
	}
	jobs.length = 0;
});
afterAll(async () => {
	for (const { server } of [one, two]) {
		server.closeAllConnections();
		server.close();
	}
	await service.close();
});

const credentials = { kind: "password", username: "me", password: "hunter2-hunter2" } as const;
const basic = `Basic ${Buffer.from("me:hunter2-hunter2").toString("base64")}`;
let made = 0;
const input = (more: object = {}) => ({
	kind: "distribution",
	name: `registry ${++made}`,
	url: one.url,
	insecure: true,
	...more,
});

async function create(more: object = {}): Promise<Registry> {
	const answer = await service.ask("POST", "registries", admin, input(more));
	expect([answer.statusCode, answer.body]).toEqual([201, expect.any(String)]);
	return answer.json();
}

async function check(path: string, body?: unknown): Promise<ConnectionCheck> {
	const answer = await service.ask("POST", `registries/${path}`, admin, body);
	expect([answer.statusCode, answer.body]).toEqual([200, expect.any(String)]);
	expect(answer.body).not.toContain("hunter2");
	return answer.json();
}

async function lastAudit(): Promise<{ action: string; subject: string; details: unknown; outcome: string }> {
	const row = await service.database.db
		.selectFrom("audit_log")
		.selectAll()
		.orderBy("id", "desc")
		.executeTakeFirstOrThrow();
	return { action: row.action, subject: row.subject, details: row.details, outcome: row.outcome };
}

describe("settings", () => {
	test("are made, read, listed, changed and deleted; secrets never come out, and all is written down", async () => {
		const registry = await create({ credentials, repositories: ["team/app"], maxBytesPerSecond: 1_000_000 });
		expect(registry).toMatchObject({ url: one.url, credentials: { kind: "password", username: "me" }, mode: "native" });
		expect(await lastAudit()).toMatchObject({ action: "registry.create", subject: `registry/${registry.id}` });
		const list = await service.ask("GET", "registries?q=registry&total=true", admin);
		expect(list.json().items).toContainEqual(registry);
		const changed = await service.ask("PATCH", `registries/${registry.id}`, admin, {
			name: "renamed",
			scanOnPush: false,
		});
		expect(changed.json()).toMatchObject({ name: "renamed", scanOnPush: false, credentials: { username: "me" } });
		const moved = await service.ask("PATCH", `registries/${registry.id}`, admin, { url: two.url });
		expect(moved.json()).toMatchObject({ url: two.url, credentials: null });
		expect((await lastAudit()).details).toMatchObject({ changed: ["url"], credentials: "forgotten" });
		for (const answer of [list, changed, moved]) expect(answer.body).not.toContain("hunter2");
		expect((await service.ask("DELETE", `registries/${registry.id}`, admin)).statusCode).toBe(204);
		expect((await service.ask("GET", `registries/${registry.id}`, admin)).statusCode).toBe(404);
		const { rows } = await service.database.pool.query("SELECT details::text FROM audit_log");
		expect(JSON.stringify(rows)).not.toContain("hunter2");
	});

	test.each([
		["a name that is taken", 409, () => ({ name: "taken" })],
		["loopback that is not allowed", 422, () => ({ url: "https://[::1]" })],
		["metadata", 422, () => ({ url: "http://169.254.169.254" })],
		["an odd spelling", 422, () => ({ url: "http://0x7f.1" })],
		["a password in the URL", 422, () => ({ url: "https://me:hunter2@registry.example" })],
		["plain HTTP unasked", 422, () => ({ url: "http://registry.example", insecure: false })],
		["a folder", 422, () => ({ url: "layout:/etc" })],
		["a folder by kind", 400, () => ({ kind: "layout", url: "layout:/etc" })],
		[
			"a token for Docker Hub",
			422,
			() => ({ preset: "docker-hub", url: "https://docker.io", credentials: { kind: "token", token: "t" } }),
		],
		[
			"an AWS key for another host",
			422,
			() => ({
				preset: "ecr",
				credentials: { kind: "aws", accessKeyId: "a", secretAccessKey: "hunter2", region: "eu-west-1" },
			}),
		],
		[
			"an AWS key for Artifactory",
			422,
			() => ({
				kind: "artifactory",
				credentials: { kind: "aws", accessKeyId: "a", secretAccessKey: "hunter2", region: "eu-west-1" },
			}),
		],
		[
			"a CA that is none",
			422,
			() => ({ caCertificate: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }),
		],
		["repositories that are none", 422, () => ({ repositories: ["Team/App"] })],
		["something unknown", 400, () => ({ admin: true })],
		["a URL that is no text", 400, () => ({ url: 7 })],
	])("%s is refused", async (_, status, more) => {
		if (status === 409) await create({ name: "taken" });
		const answer = await service.ask("POST", "registries", admin, input(more()));
		expect([answer.statusCode, answer.body]).toEqual([status, expect.any(String)]);
		expect(answer.json().hint).toMatch(/\w/);
		expect(answer.body).not.toContain("hunter2");
	});

	test("are checked as a whole when they change", async () => {
		const { id } = await create({ credentials });
		const patch = async (body: object) => (await service.ask("PATCH", `registries/${id}`, admin, body)).statusCode;
		expect(await patch({ insecure: false })).toBe(422);
		expect(await patch({ url: "https://127.0.0.1:9999\\@evil" })).toBe(422);
		expect(await patch({ preset: "ecr" })).toBe(422);
		expect(await patch({ kind: "artifactory" })).toBe(400);
		expect(await patch({ preset: "quay", credentials: { kind: "token", token: "t" } })).toBe(200);
		expect(await patch({ preset: "docker-hub" })).toBe(422);
		expect((await service.ask("PATCH", "registries/999999", admin, { name: "x" })).statusCode).toBe(404);
	});

	test("a folder keeps its folder", async () => {
		const { id } = await store(service).createLayout("Samples of the test", "/data/samples");
		const patch = async (body: object) => (await service.ask("PATCH", `registries/${id}`, admin, body)).statusCode;
		expect(await patch({ url: "https://registry.example" })).toBe(422);
		expect(await patch({ credentials })).toBe(422);
		expect(await patch({ name: "My samples", syncIntervalSeconds: 60 })).toBe(200);
	});
});

test("only platform administrators get in", async () => {
	const { id } = await create();
	const routes = [
		["GET", "registries", undefined],
		["POST", "registries", input()],
		["POST", "registries/test", input()],
		["GET", `registries/${id}`, undefined],
		["PATCH", `registries/${id}`, { name: "x" }],
		["DELETE", `registries/${id}`, undefined],
		["POST", `registries/${id}/check`, undefined],
		["POST", `registries/${id}/sync`, undefined],
		["POST", `registries/${id}/webhook-token`, undefined],
		["DELETE", `registries/${id}/webhook-token`, undefined],
	] as const;
	for (const [method, path, body] of routes) {
		expect([path, (await service.ask(method, path, member, body)).statusCode]).toEqual([path, 403]);
		expect([path, (await service.ask(method, path, {}, body)).statusCode]).toEqual([path, 401]);
	}
	expect((await service.ask("GET", `registries/${id}`, admin)).statusCode).toBe(200);
});

describe("a connection test", () => {
	test("needs nothing that is kept", async () => {
		expect(await check("test", { kind: "distribution", url: one.url, insecure: true })).toMatchObject({ ok: true });
		one.status = 500;
		expect(await check("test", { kind: "distribution", url: one.url, insecure: true })).toMatchObject({
			ok: false,
			state: "failing",
		});
		expect(await lastAudit()).toMatchObject({ action: "registry.test", outcome: "failed" });
	});

	test("uses kept credentials with the server that they were given for", async () => {
		one.status = 401;
		const { id } = await create({ credentials });
		expect(await check("test", { id, kind: "distribution", url: one.url })).toMatchObject({ ok: true });
		expect(one.seen).toContain(basic);
	});

	test("sends kept credentials to no other server, and says so", async () => {
		two.status = 401;
		const { id } = await create({ credentials });
		const found = await check("test", { id, kind: "distribution", url: two.url });
		expect(found).toMatchObject({ ok: false, state: "unauthorized", hint: expect.stringContaining("were not sent") });
		expect(two.seen.every((header) => header === undefined)).toBe(true);
		expect(await check("test", { id, kind: "distribution", url: two.url, credentials })).toMatchObject({ ok: true });
	});

	test("of a registry that is not there is 404, of a refused address 422", async () => {
		const of = async (body: object) =>
			(
				await service.ask("POST", "registries/test", admin, {
					kind: "distribution",
					url: one.url,
					insecure: true,
					...body,
				})
			).statusCode;
		expect(await of({ id: "999999" })).toBe(404);
		expect(await of({ url: "http://169.254.169.254/" })).toBe(422);
	});
});

describe("health", () => {
	const healthOf = async (id: string) => (await service.ask("GET", `registries/${id}`, admin)).json<Registry>().health;
	const deps = () => ({ registries: store(service), connectTo, clock: () => new Date() });
	const never = new AbortController().signal;

	test("a person's check counts at once, the worker's after some", async () => {
		const { id } = await create();
		await checkRegistry(id, { decisive: false }, deps(), never);
		expect(await healthOf(id)).toMatchObject({ state: "healthy", reason: null });
		one.status = 404;
		await checkRegistry(id, { decisive: false }, deps(), never);
		await checkRegistry(id, { decisive: false }, deps(), never);
		expect((await healthOf(id)).state).toBe("healthy");
		await checkRegistry(id, { decisive: false }, deps(), never);
		expect(await healthOf(id)).toMatchObject({ state: "failing", reason: expect.stringContaining("does not have") });
		one.status = 200;
		expect(await check(`${id}/check`)).toMatchObject({ ok: true });
		expect((await healthOf(id)).state).toBe("healthy");
		expect((await service.ask("POST", "registries/999999/check", admin)).statusCode).toBe(404);
	});

	test("credentials that no key opens are a reason, not a crash", async () => {
		const { id } = await create({ credentials });
		const other = registryStore(service.database.db, secretBox({ current: secretKey(Buffer.alloc(32, 6)), older: [] }));
		const found = await checkRegistry(id, { decisive: true }, { ...deps(), registries: other }, never);
		expect(found).toMatchObject({ ok: false, state: "failing", reason: expect.stringContaining("key") });
		expect(one.seen).toEqual([]);
	});

	test("one that hangs delays no other, and a stopped process says nothing of it", async () => {
		one.status = null;
		const [hanging, good] = [await create(), await create({ url: two.url })];
		const stop = new AbortController();
		let handler: (payload: { readonly registryId: string }) => Promise<void> = async () => {};
		await workChecks(
			{
				work: async (_kind, _concurrency, handle) => {
					const context = { id: "1", worker: 1, attempt: 1, lastAttempt: false, signal: stop.signal };
					handler = (payload) => handle(payload as never, context);
				},
			},
			deps(),
		);
		const hangs = handler({ registryId: hanging.id });
		await handler({ registryId: good.id });
		expect((await healthOf(good.id)).state).toBe("healthy");
		stop.abort();
		await expect(hangs).rejects.toThrow(/abort/i);
		expect((await healthOf(hanging.id)).state).toBe("unknown");
	});

	test("what is due gets one job", async () => {
		const { id } = await create();
		const due = { registries: store(service), queue, clock: () => new Date() };
		await enqueueDueChecks(due);
		expect(jobs.filter(({ payload }) => (payload as { registryId: string }).registryId === id)).toHaveLength(1);
		expect(await enqueueDueChecks(due)).toBe(0);
		await checkRegistry(id, { decisive: false }, deps(), never);
		expect(await store(service).dueForCheck(new Date(), 1000)).not.toContain(id);
	});
});

describe("actions", () => {
	test("a sync is queued once", async () => {
		const { id } = await create();
		const sync = async () => (await service.ask("POST", `registries/${id}/sync`, admin)).json();
		expect([await sync(), await sync()]).toEqual([{ queued: true }, { queued: false }]);
		expect(jobs).toEqual([{ kind: "sync-registry", payload: { registryId: id }, key: `sync/${id}` }]);
		expect((await service.ask("POST", "registries/999999/sync", admin)).statusCode).toBe(404);
	});

	test("a notification token is shown once, and kept as its hash", async () => {
		const { id } = await create();
		const answer = await service.ask("POST", `registries/${id}/webhook-token`, admin);
		const { token, path } = answer.json();
		expect([answer.statusCode, path, token]).toEqual([
			201,
			`/api/v1/notifications/${id}`,
			expect.stringMatching(/^plimhook_[\w-]{43}$/),
		]);
		const shown = await service.ask("GET", `registries/${id}`, admin);
		expect(shown.json()).toMatchObject({ hasWebhookToken: true });
		const { rows } = await service.database.pool.query(
			"SELECT r::text || (SELECT string_agg(a::text, '') FROM audit_log a) AS all FROM registries r",
		);
		expect(JSON.stringify(rows) + shown.body).not.toContain(token);
		expect((await service.ask("DELETE", `registries/${id}/webhook-token`, admin)).statusCode).toBe(204);
		expect((await service.ask("GET", `registries/${id}`, admin)).json()).toMatchObject({ hasWebhookToken: false });
	});
});
