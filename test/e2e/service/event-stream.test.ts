/** The event stream over HTTP, from the table to the reader, on a real PostgreSQL. */
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Id, WorkspaceRole } from "#contract";
import { type App, createApp, eventRoutes, type Identified, type NewEvent, ServerError } from "#server";
import { type SseClient, type SseOptions, sseClient } from "#server/testing";
import { eventStore, type OpenEventStore } from "#store";
import { type TestDatabase, testDatabase } from "#store/testing";

const times = { heartbeatMs: 50, progressMs: 20, stalledMs: 1_500, retryMs: 50 };

let database: TestDatabase;
let spaces: readonly string[];
let registry: string;
beforeAll(async () => {
	database = await testDatabase();
	const { db } = database;
	const row = { name: "r", kind: "distribution", url: "http://127.0.0.1" };
	registry = (await db.insertInto("registries").values(row).returning("id").executeTakeFirstOrThrow()).id;
	const made = await db
		.insertInto("spaces")
		.values(["mine", "other"].map((name) => ({ registry_id: registry, name })))
		.returning("id")
		.execute();
	spaces = made.map(({ id }) => id);
});
afterAll(() => database.close());

let store: OpenEventStore;
let app: App;
let url: string;
/** Who holds which key now. */
let people: Map<string, Identified | Error>;
const clients: SseClient[] = [];

beforeEach(async () => {
	store = eventStore(database);
	people = new Map([
		["admin", person("1", { all: true, spaces: new Map() })],
		["member", person("2", sightOf([spaces[0] ?? ""]))],
	]);
	app = createApp({
		gatekeeper: {
			identify: async ({ headers }) => {
				const found = people.get(String(headers.authorization)) ?? null;
				if (found instanceof Error) throw found;
				return found;
			},
		},
		log: null,
	});
	app.register(async (scope) => {
		eventRoutes(scope, {
			events: store,
			gatekeeper: { identify: async ({ headers }) => settled(people.get(String(headers.authorization))) },
			streams: { times, perUser: 3, recheckMs: 30, unsureMs: 300 },
		});
	});
	url = await app.listen({ host: "127.0.0.1", port: 0 });
});
afterEach(async () => {
	await Promise.all(clients.splice(0).map((client) => client.close()));
	await app.close();
	await store.close();
});

function settled(found: Identified | Error | undefined): Identified | null {
	if (found instanceof Error) throw found;
	return found ?? null;
}

function sightOf(ids: readonly Id[]): Identified["sight"] {
	return { all: false, spaces: new Map(ids.map((id): [Id, WorkspaceRole] => [id, "viewer"])) };
}

function person(userId: Id, sight: Identified["sight"]): Identified {
	return {
		sight,
		principal: {
			userId,
			username: `user-${userId}`,
			platformAdmin: sight.all,
			via: "session",
			scopes: new Set(["read", "scan", "admin"]),
			workspaceId: null,
			mustChangePassword: false,
		},
	};
}

/** A reader whose stream has begun. */
async function reader(who: string, query = "", options: SseOptions = {}): Promise<SseClient> {
	const client = sseClient(`${url}/api/v1/events${query}`, { headers: { authorization: who }, ...options });
	clients.push(client);
	await until(() => client.comments.length > 0 || client.statuses.some((status) => status !== 200));
	return client;
}

async function until(condition: () => boolean): Promise<void> {
	const patience = AbortSignal.timeout(10_000);
	while (!condition()) {
		patience.throwIfAborted();
		await pause(5);
	}
}

const pushed = (n: number, spaceId: Id | null = null, repository = "library/a"): NewEvent => ({
	spaceId,
	audience: spaceId ? "space" : "everybody",
	body: { type: "artifact.pushed", artifactId: String(n), repository, tag: null, digest: "sha256:0" },
});
const progressed = (scanId: string, percent: number, spaceId: Id): NewEvent => ({
	spaceId,
	audience: "space",
	body: {
		type: "scan.progress",
		scanId,
		artifactId: scanId,
		progress: { percent, bytesDone: percent, bytesTotal: 100, place: null, estimateSeconds: null },
	},
});

interface Told {
	readonly id: string | null;
	readonly registryId: string | null;
	readonly type: string;
	readonly artifactId?: string;
	readonly progress?: { readonly percent: number };
}
const told = (client: SseClient): Told[] => client.frames.map(({ data }) => JSON.parse(data) as Told);
const numbers = (client: SseClient): number[] => told(client).map(({ artifactId }) => Number(artifactId));

async function history(who: string, query: string): Promise<{ items: Told[]; next: string | null; total?: number }> {
	const answer = await fetch(`${url}/api/v1/events/history${query}`, { headers: { authorization: who } });
	expect(answer.status).toBe(200);
	return (await answer.json()) as { items: Told[]; next: string | null; total?: number };
}

test("everybody hears what they may see, in order, with ids", async () => {
	const [admin, member] = [await reader("admin"), await reader("member")];
	await store.publish([
		pushed(1, spaces[0]),
		pushed(2, spaces[1]),
		{ ...pushed(3, spaces[0]), audience: "administrators" },
		pushed(4),
	]);
	await until(() => admin.frames.length === 4 && member.frames.length === 2);
	expect(numbers(admin)).toEqual([1, 2, 3, 4]);
	expect(numbers(member)).toEqual([1, 4]);
	expect(told(admin)[0]?.registryId).toBe(registry);
	expect(admin.frames.map(({ id }) => id)).toEqual(told(admin).map(({ id }) => id));
	expect(admin.frames[0]?.event).toBe("artifact.pushed");
});

test("the answer is a stream that nothing between may keep or hold up", async () => {
	const answer = await fetch(`${url}/api/v1/events`, { headers: { authorization: "admin" } });
	expect(answer.headers.get("content-type")).toMatch(/^text\/event-stream/);
	expect(answer.headers.get("cache-control")).toBe("no-store, no-transform");
	expect(answer.headers.get("x-accel-buffering")).toBe("no");
	await answer.body?.cancel();
});

test("filters by type, artifact and registry", async () => {
	const client = await reader("admin", `?types=artifact.pushed,scan.state&artifact=7&registry=${registry}`);
	await store.publish([
		pushed(7),
		pushed(8, spaces[0]),
		{ ...pushed(7, spaces[0]), body: { type: "artifact.counts", artifactId: "7", repository: "a" } },
		pushed(7, spaces[0]),
	]);
	await until(() => client.frames.length === 1);
	expect(told(client)[0]).toMatchObject({ registryId: registry, type: "artifact.pushed", artifactId: "7" });
	await until(() => client.lastEventId > (client.frames[0]?.id ?? "") || client.comments.length > 4);
	expect(client.frames).toHaveLength(1);
});

test("a reader that comes back misses nothing and hears nothing twice, however often it is cut off", async () => {
	const client = await reader("admin", "", { reconnect: true });
	const from = client.lastEventId;
	for (let n = 0; n < 300; n += 10) {
		await store.publish(Array.from({ length: 10 }, (_, at) => pushed(n + at + 1, spaces[0])));
		if (n % 50 === 0) {
			const answers = client.statuses.length;
			client.cut();
			if (n % 100 === 50) await until(() => client.statuses.length > answers);
		}
		if (n % 100 === 0)
			await database.pool.query(
				"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'plimsoll events' AND datname = current_database()",
			);
	}
	await until(() => client.frames.length >= 300);
	expect(numbers(client)).toEqual(Array.from({ length: 300 }, (_, n) => n + 1));
	expect(client.statuses.length).toBeGreaterThan(3);
	const kept = await history("admin", `?since=${from}&sort=id&limit=200`);
	expect(kept.items).toHaveLength(200);
	expect(client.frames.slice(0, 200).map(({ id }) => id)).toEqual(kept.items.map(({ id }) => id));
});

test("Last-Event-ID goes before since; an id of another database begins now", async () => {
	const from = await store.newest();
	await store.publish([pushed(1), pushed(2), pushed(3)]);
	const since = await reader("admin", `?since=${from}`);
	await until(() => since.frames.length === 3);
	const header = await reader("admin", `?since=${from}`, { lastEventId: since.frames[1]?.id ?? "" });
	await until(() => header.frames.length === 1);
	expect(numbers(header)).toEqual([3]);
	const foreign = await reader("admin", "?since=999999999");
	await store.publish([pushed(4)]);
	await until(() => foreign.frames.length === 1);
	expect(numbers(foreign)).toEqual([4]);
});

test("progress is told as it is now, not as it was, and never after the end", async () => {
	const client = await reader("admin");
	const space = spaces[0] ?? "";
	const from = await store.newest();
	for (let percent = 1; percent <= 100; percent++) await store.publish([progressed("5", percent, space)]);
	await until(() => told(client).some(({ progress }) => progress?.percent === 100));
	const percents = told(client).map(({ progress }) => progress?.percent ?? -1);
	expect(percents).toEqual(percents.toSorted((a, b) => a - b));
	expect((await history("admin", `?since=${from}`)).items).toEqual([]);
	await store.publish([
		progressed("6", 99, space),
		{
			spaceId: space,
			audience: "space",
			body: { type: "scan.state", scanId: "6", artifactId: "6", repository: "a", state: "complete" },
		},
	]);
	const end = await client.next(({ event }) => event === "scan.state");
	const beats = client.comments.length;
	await until(() => client.comments.length > beats + 2);
	const later = client.frames.slice(client.frames.indexOf(end) + 1);
	expect(later).toEqual([]);
});

test("who is no longer bound to a space hears no more of it; who is signed out hears nothing", async () => {
	const client = await reader("member");
	await store.publish([pushed(1, spaces[0])]);
	await until(() => client.frames.length === 1);
	people.set("member", person("2", sightOf([spaces[1] ?? ""])));
	// Each try is one event more; at some time none of the first space is told, and those of the other are.
	await until(() => {
		void store.publish([pushed(3, spaces[1])]);
		return numbers(client).includes(3);
	});
	await store.publish([pushed(2, spaces[0]), pushed(4, spaces[1])]);
	await until(() => numbers(client).includes(4));
	expect(numbers(client)).not.toContain(2);
	people.set("member", new ServerError("unauthenticated", "Gone.", "Sign in."));
	await client.ended;
});

test("a database that does not answer ends a stream only after a while", async () => {
	const client = await reader("member");
	people.set("member", new Error("the database is away"));
	const beats = client.comments.length;
	await until(() => client.comments.length > beats + 1);
	people.set("member", person("2", sightOf([spaces[0] ?? ""])));
	await store.publish([pushed(1, spaces[0])]);
	await until(() => client.frames.length === 1);
	people.set("member", new Error("the database is away"));
	await client.ended;
	expect(numbers(client)).toEqual([1]);
});

test("a user has so many streams, and no more; one that ends makes room", async () => {
	const mine = [await reader("admin"), await reader("admin"), await reader("admin")];
	const fourth = await reader("admin");
	expect(fourth.statuses).toEqual([429]);
	expect((await reader("member")).statuses).toEqual([200]);
	await mine[0]?.close();
	let again = await reader("admin");
	for (let tries = 0; again.statuses[0] === 429 && tries < 100; tries++) again = await reader("admin");
	expect(again.statuses).toEqual([200]);
});

test("a reader that stops reading costs little memory, is cut off, and can take up again", async () => {
	const { port } = new URL(url);
	const socket = connect(Number(port), "127.0.0.1");
	await once(socket, "connect");
	socket.write("GET /api/v1/events HTTP/1.1\r\nhost: x\r\nauthorization: admin\r\n\r\n");
	let received = "";
	socket.on("data", (bytes: Buffer) => {
		received += bytes.toString("latin1");
	});
	const gone = new Promise<void>((resolve) => {
		socket.once("close", () => resolve());
		socket.once("error", () => resolve());
	});
	await until(() => received.includes(": alive"));
	socket.pause();
	const from = await store.newest();
	const quick = await reader("admin");
	const long = "x".repeat(10_000);
	for (let n = 0; n < 1_500; n += 100)
		await store.publish(Array.from({ length: 100 }, (_, at) => pushed(n + at, spaces[0], long)));
	await until(() => quick.frames.length === 1_500);
	// The server ends it; what was under way is still in the sockets.
	await pause(times.stalledMs + 500);
	socket.resume();
	await gone;
	const ids = [...received.matchAll(/^id: (\d+)\nevent/gm)].map((match) => match[1] ?? "");
	expect(ids.length).toBeLessThan(1_500);
	const last = ids.at(-1) ?? from;
	const back = await reader("admin", "", { lastEventId: last });
	await until(() => back.frames.length === 1_500 - ids.length);
	expect([...ids, ...back.frames.map(({ id }) => id)]).toEqual(quick.frames.map(({ id }) => id));
}, 30_000);

test("streams end when the server closes", async () => {
	const client = await reader("admin");
	await app.close();
	await client.ended;
	expect(client.statuses).toEqual([200]);
});

test("refuses what it does not know", async () => {
	const get = async (path: string, headers: Record<string, string> = {}): Promise<number> => {
		const answer = await fetch(`${url}/api/v1/events${path}`, { headers: { authorization: "admin", ...headers } });
		await answer.body?.cancel();
		return answer.status;
	};
	expect(await get("?types=scan.state,nothing")).toBe(400);
	expect(await get("?artifact=x")).toBe(400);
	expect(await get("?since=-1")).toBe(400);
	expect(await get("", { "last-event-id": "1; DROP" })).toBe(400);
	expect(await get("/history?sort=at")).toBe(400);
	expect(await get("/history?cursor=zz")).toBe(400);
	expect(await get("", { authorization: "nobody" })).toBe(401);
	expect(await get("/history", { authorization: "nobody" })).toBe(401);
});

test("history is paged, filtered, and as far as one sees", async () => {
	const from = await store.newest();
	await store.publish([pushed(1, spaces[0]), pushed(2, spaces[1]), pushed(3)]);
	const all = await history("admin", `?since=${from}&total=true&limit=2`);
	expect([all.items.map(({ artifactId }) => artifactId), all.total]).toEqual([["3", "2"], 3]);
	const rest = await history("admin", `?since=${from}&cursor=${all.next}`);
	expect([rest.items.map(({ artifactId }) => artifactId), rest.next]).toEqual([["1"], null]);
	const mine = await history("member", `?since=${from}&types=artifact.pushed&sort=id`);
	expect(mine.items.map(({ artifactId }) => artifactId)).toEqual(["1", "3"]);
});
