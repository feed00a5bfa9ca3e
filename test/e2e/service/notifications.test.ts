/** What may be sent to us as a notification, by whom, and what comes of it. */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { enqueueDueSyncs } from "#server";
import { syncStore } from "#store";
import { type SyncService, startSyncService } from "../support/sync-service.ts";

const token = "token-of-this-test";
let service: SyncService;
let id = "";
beforeAll(async () => {
	service = await startSyncService();
	id = await service.add("told", token);
});
afterAll(() => service.close());
beforeEach(async () => {
	await service.database.pool.query("DELETE FROM sync_notices");
});

const type = "application/vnd.docker.distribution.events.v2+json";

function send(body: unknown, headers: Record<string, string> = {}, registry = id): Promise<Response> {
	return fetch(`${service.url}/api/v1/notifications/${registry}`, {
		method: "POST",
		headers: { "content-type": type, authorization: `Bearer ${token}`, ...headers },
		body: typeof body === "string" ? body : JSON.stringify(body),
	});
}

const push = (repository: string, tag = "1") => ({
	action: "push",
	target: { repository, tag, mediaType: "application/json" },
});

async function notices(): Promise<readonly unknown[]> {
	const { rows } = await service.database.pool.query("SELECT repository, tags FROM sync_notices ORDER BY repository");
	return rows;
}

test.each([
	["a wrong token", () => send({ events: [] }, { authorization: "Bearer wrong" })],
	["no token", () => send({ events: [] }, { authorization: "" })],
	["another scheme", () => send({ events: [] }, { authorization: `Basic ${token}` })],
	["a registry that does not exist", () => send({ events: [] }, {}, "999999")],
	["something that is no id", () => send({ events: [] }, {}, "x")],
	["a wrong token with a body that is none", () => send("{", { authorization: "Bearer wrong" })],
])("%s: 401", async (_, request) => {
	const answer = await request();
	expect(answer.status).toBe(401);
	expect(await answer.json()).toMatchObject({ code: "unauthenticated" });
});

test("a registry without a token takes none", async () => {
	const { rows } = await service.database.pool.query<{ id: string }>(
		"INSERT INTO registries (name, kind, url) VALUES ('silent', 'distribution', 'http://x') RETURNING id",
	);
	expect((await send({ events: [] }, { authorization: "Bearer " }, rows[0]?.id)).status).toBe(401);
});

test("malformed events are counted, and the others are heeded", async () => {
	const answer = await send({
		events: [
			push("team/app"),
			push("../etc"),
			push("a".repeat(300)),
			push("team/app", "not a tag"),
			null,
			7,
			{ action: "push" },
			{ action: "mount", target: { repository: "team/app" } },
			{ action: "push", target: { repository: "team/app", mediaType: "application/octet-stream" } },
			{ action: "pull", target: { repository: "team/app", digest: "sha256:zz" } },
		],
	});
	expect([answer.status, await answer.json()]).toEqual([202, { accepted: 1, ignored: 2, malformed: 7 }]);
	expect(await notices()).toEqual([{ repository: "team/app", tags: ["1"] }]);
});

test.each([["[]"], ['"x"'], ["{}"], ['{"events":{}}'], ["{"], ["null"]])("%s is no notification: 400", async (body) => {
	expect((await send(body)).status).toBe(400);
});

test("more than 1 MiB: 413", async () => {
	expect((await send({ events: [], filler: "x".repeat(1_100_000) })).status).toBe(413);
});

test("Artifactory's webhooks", async () => {
	const event = {
		domain: "docker",
		event_type: "pushed",
		data: { repo_key: "docker-local", image_name: "team/app", tag: "2" },
	};
	const headers = { authorization: "", "x-jfrog-event-auth": token, "content-type": "application/json" };
	expect(await (await send(event, headers)).json()).toEqual({ accepted: 1, ignored: 0, malformed: 0 });
	expect(await notices()).toEqual([{ repository: "docker-local/team/app", tags: ["2"] }]);
	expect(await (await send({ ...event, domain: "artifact" }, headers)).json()).toMatchObject({ ignored: 1 });
	expect(await (await send({ ...event, data: {} }, headers)).json()).toMatchObject({ malformed: 1 });
});

test("1,000 notifications for one repository make few jobs; one that was left lying is found again", async () => {
	for (let at = 0; at < 1000; at += 50)
		await Promise.all(Array.from({ length: 50 }, (_, each) => send({ events: [push("busy/app", `t${at + each}`)] })));
	const { rows } = await service.database.pool.query("SELECT repository, cardinality(tags) AS tags FROM sync_notices");
	expect(rows).toEqual([{ repository: "busy/app", tags: 100 }]);
	const jobs = async () => (await service.queue.counts())["sync-registry"].waiting;
	expect(await jobs()).toBeLessThan(10);

	await service.database.pool.query("UPDATE registries SET sync_finished_at = now()");
	await service.database.pool.query(
		"INSERT INTO sync_notices (registry_id, repository, seen_as, noticed_at) VALUES ($1, 'lost/app', nextval('sync_notices_seen_as'), now() - interval '1 hour')",
		[id],
	);
	const before = await jobs();
	const deps = { sync: syncStore(service.database), queue: service.queue, clock: () => new Date() };
	expect(await enqueueDueSyncs(deps)).toBe(1);
	expect(await enqueueDueSyncs(deps)).toBe(0);
	expect(await jobs()).toBe(before + 1);
});

test("a notice that comes while it is looked at stays", async () => {
	const sync = syncStore(service.database);
	await sync.notice(id, new Map([["a", ["1"]]]), new Date());
	const first = await sync.noticed(id, "a");
	await sync.notice(id, new Map([["a", ["2"]]]), new Date());
	await sync.settle(id, "a", first?.seenAs ?? "");
	expect((await sync.noticed(id, "a"))?.tags.toSorted()).toEqual(["1", "2"]);
});

test("a flood: 429", async () => {
	let last = 0;
	for (let at = 0; at < 40 && last !== 429; at++) {
		const answers = await Promise.all(Array.from({ length: 100 }, () => send({ events: [] })));
		last = answers.at(-1)?.status ?? 0;
	}
	expect(last).toBe(429);
});
