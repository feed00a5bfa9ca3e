import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Event } from "#contract";
import { type NewEvent, seesAll } from "#server";
import { type TestDatabase, testDatabase } from "../testing/postgres.ts";
import { publishIn } from "./publish.ts";
import { eventStore, type OpenEventStore } from "./store.ts";

let database: TestDatabase;
const opened: OpenEventStore[] = [];
beforeAll(async () => {
	database = await testDatabase();
});
afterEach(async () => {
	await Promise.all(opened.splice(0).map((store) => store.close()));
});
afterAll(() => database.close());

/** Another one is another process's, as far as the database can tell. */
function open(): OpenEventStore {
	const store = eventStore(database);
	opened.push(store);
	return store;
}

async function listener(store = open()): Promise<{ readonly heard: Event[]; readonly from: string }> {
	const heard: Event[] = [];
	store.subscribe((event) => heard.push(event));
	return { heard, from: await store.listening() };
}

const counted = (n: number): NewEvent => ({
	spaceId: null,
	audience: "everybody",
	body: { type: "artifact.counts", artifactId: String(n), repository: "library/a" },
});
const numberOf = (event: Event): number => ("artifactId" in event.body ? Number(event.body.artifactId) : -1);

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
	const patience = AbortSignal.timeout(15_000);
	while (!(await condition())) {
		patience.throwIfAborted();
		await pause(10);
	}
}

/** Every id behind `from` that is kept, by a plain query. */
async function keptAfter(from: string): Promise<string[]> {
	const { rows } = await sql<{ id: string }>`SELECT id FROM events WHERE id > ${from}::bigint ORDER BY id`.execute(
		database.db,
	);
	return rows.map(({ id }) => id);
}

async function cutListeners(): Promise<number> {
	const { rows } = await sql<{ ended: boolean }>`SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
		WHERE application_name = 'plimsoll events' AND datname = current_database()`.execute(database.db);
	return rows.length;
}

describe("publishing", () => {
	test("tells every process, in order, with ids that rise", async () => {
		const [one, two] = [await listener(), await listener()];
		await open().publish([counted(1), counted(2)]);
		await open().publish([counted(3)]);
		await until(() => one.heard.length === 3 && two.heard.length === 3);
		for (const { heard, from } of [one, two]) {
			expect(heard.map(numberOf)).toEqual([1, 2, 3]);
			expect(heard.map(({ id }) => id)).toEqual(await keptAfter(from));
			expect(heard.every(({ id }) => Number(id) > Number(from))).toBe(true);
		}
	});

	test("keeps and tells nothing of a transaction that is rolled back", async () => {
		const { heard, from } = await listener();
		const failed = database.db.transaction().execute(async (tx) => {
			await publishIn(tx, [counted(1)]);
			throw new Error("no");
		});
		await expect(failed).rejects.toThrow("no");
		await open().publish([counted(2)]);
		await until(() => heard.length > 0);
		expect(heard.map(numberOf)).toEqual([2]);
		expect(await keptAfter(from)).toHaveLength(1);
	});

	test("gives ids in the order of commits, not of inserts", async () => {
		const { heard, from } = await listener();
		const second = Promise.withResolvers<void>();
		const inserted = Promise.withResolvers<void>();
		const first = database.db.transaction().execute(async (tx) => {
			await publishIn(tx, [counted(1)]);
			inserted.resolve();
			await second.promise;
		});
		await inserted.promise;
		await open().publish([counted(2)]);
		const read = await open().since(from, seesAll, 10);
		expect(read.map(numberOf)).toEqual([2]);
		second.resolve();
		await first;
		const later = await open().since(read[0]?.id ?? "0", seesAll, 10);
		expect(later.map(numberOf)).toEqual([1]);
		await until(() => heard.length === 2);
		expect(heard.map(numberOf)).toEqual([2, 1]);
	});

	test("takes an event that is larger than a notification can be", async () => {
		const { heard } = await listener();
		const packages = Array.from({ length: 2_000 }, (_, n) => `pkg:npm/package-${n}@1.0.0`);
		const body = {
			type: "vulnerability.new",
			vulnerability: "CVE-1",
			severity: "high",
			artifacts: 2,
			packages,
		} as const;
		await open().publish([{ spaceId: null, audience: "everybody", body }]);
		await until(() => heard.length === 1);
		expect(heard[0]?.body).toEqual(body);
	});

	test("does not keep passing ones, and tells them with the space's registry", async () => {
		const { db } = database;
		const registry = await db
			.insertInto("registries")
			.values({ name: "r", kind: "distribution", url: "http://127.0.0.1" })
			.returning("id")
			.executeTakeFirstOrThrow();
		const space = await db
			.insertInto("spaces")
			.values({ registry_id: registry.id, name: "library" })
			.returning("id")
			.executeTakeFirstOrThrow();
		const { heard, from } = await listener();
		const progress = { percent: 50, bytesDone: 1, bytesTotal: 2, place: null, estimateSeconds: null };
		const body = { type: "scan.progress", scanId: "1", artifactId: "2", progress } as const;
		await open().publish([{ spaceId: space.id, audience: "space", body }]);
		await until(() => heard.length === 1);
		expect(heard[0]).toEqual({
			id: null,
			at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
			spaceId: space.id,
			registryId: registry.id,
			audience: "space",
			body,
		});
		expect(await keptAfter(from)).toEqual([]);
	});

	test("is not stopped by a listener that throws, or by a notification that is none of ours", async () => {
		const store = open();
		store.subscribe(() => {
			throw new Error("a bad listener");
		});
		const { heard } = await listener(store);
		for (const text of ["", "{", "null", "3", "{}"])
			await sql`SELECT pg_notify('plimsoll_passing', ${text})`.execute(database.db);
		await store.publish([counted(1)]);
		await until(() => heard.length === 1);
		expect(heard.map(numberOf)).toEqual([1]);
	});
});

describe("a subscriber hears each kept event once, in the order of ids", () => {
	test("in a storm of 10,000 from many transactions, with the connection cut again and again", async () => {
		const [one, two] = [await listener(), await listener()];
		const publisher = open();
		let published = 0;
		const publishing = Promise.all(
			Array.from({ length: 8 }, async (_, lane) => {
				for (let n = 0; n < 25; n++) {
					await publisher.publish(Array.from({ length: 50 }, (__, at) => counted(lane * 10_000 + n * 50 + at)));
					published += 50;
				}
			}),
		);
		let cuts = 0;
		for (let at = 1_000; at < 10_000; at += 2_000) {
			await until(() => published >= at);
			cuts += await cutListeners();
		}
		await publishing;
		expect(cuts).toBeGreaterThan(0);
		const kept = await keptAfter(one.from);
		expect(kept).toHaveLength(10_000);
		await until(() => one.heard.length >= 10_000 && two.heard.length >= 10_000);
		expect(one.heard.map(({ id }) => id)).toEqual(kept);
		expect(two.heard.map(({ id }) => id)).toEqual(await keptAfter(two.from));
	});

	test("of one transaction with 10,000", async () => {
		const { heard, from } = await listener();
		await open().publish(Array.from({ length: 10_000 }, (_, n) => counted(n)));
		await until(() => heard.length === 10_000);
		expect(heard.map(numberOf)).toEqual(Array.from({ length: 10_000 }, (_, n) => n));
		expect(heard.map(({ id }) => id)).toEqual(await keptAfter(from));
	});

	test("whatever the order in which transactions begin, insert and commit: a reader never has to go back", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.record({ commits: fc.integer({ min: 0, max: 40 }), events: fc.integer({ min: 1, max: 3 }) }), {
					minLength: 2,
					maxLength: 6,
				}),
				async (transactions) => {
					const reader = open();
					let at = await reader.newest();
					const start = at;
					const read: string[] = [];
					const writing = Promise.all(
						transactions.map(({ commits, events }) =>
							database.db.transaction().execute(async (tx) => {
								await publishIn(
									tx,
									Array.from({ length: events }, (_, n) => counted(n)),
								);
								await pause(commits);
							}),
						),
					);
					let done = false;
					void writing.finally(() => {
						done = true;
					});
					for (let last = false; !last; ) {
						last = done;
						for (const { id } of await reader.since(at, seesAll, 100)) {
							read.push(id ?? "");
							at = id ?? at;
						}
					}
					await writing;
					expect(read).toEqual(await keptAfter(start));
				},
			),
			{ numRuns: 15 },
		);
	});
});

describe("reading back", () => {
	test("goes as far as somebody sees", async () => {
		const { db } = database;
		const registry = await db
			.insertInto("registries")
			.values({ name: "seen", kind: "distribution", url: "http://127.0.0.1" })
			.returning("id")
			.executeTakeFirstOrThrow();
		const [mine, other] = await db
			.insertInto("spaces")
			.values([
				{ registry_id: registry.id, name: "mine" },
				{ registry_id: registry.id, name: "other" },
			])
			.returning("id")
			.execute();
		const store = open();
		const from = await store.newest();
		const event = (n: number, spaceId: string | null, audience: Event["audience"]): NewEvent => ({
			...counted(n),
			spaceId,
			audience,
		});
		await store.publish([
			event(1, mine?.id ?? null, "space"),
			event(2, other?.id ?? null, "space"),
			event(3, null, "administrators"),
			event(4, null, "everybody"),
			event(5, mine?.id ?? null, "administrators"),
			event(6, null, "space"),
		]);
		const sight = { all: false, spaces: new Map([[mine?.id ?? "", "viewer" as const]]) };
		expect((await store.since(from, sight, 10)).map(numberOf)).toEqual([1, 4]);
		expect((await store.since(from, seesAll, 10)).map(numberOf)).toEqual([1, 2, 3, 4, 5, 6]);
		const inRegistry = await store.history({ registry: registry.id }, { since: from }, seesAll);
		expect(inRegistry.items.map(numberOf)).toEqual([5, 2, 1]);
	});

	test("pages both ways, filters and counts", async () => {
		const store = open();
		const from = await store.newest();
		await store.publish(Array.from({ length: 7 }, (_, n) => counted(n)));
		const pages: number[][] = [];
		for (let cursor: string | undefined; ; ) {
			const page = await store.history({}, { limit: 3, since: from, ...(cursor ? { cursor } : {}) }, seesAll);
			pages.push(page.items.map(numberOf));
			if (page.next === null) break;
			cursor = page.next;
		}
		expect(pages).toEqual([[6, 5, 4], [3, 2, 1], [0]]);
		const oldest = await store.history({}, { limit: 2, since: from, oldestFirst: true, total: true }, seesAll);
		expect([oldest.items.map(numberOf), oldest.total]).toEqual([[0, 1], 7]);
		const one = await store.history({ artifact: "4", types: ["artifact.counts"] }, { since: from }, seesAll);
		expect(one.items.map(numberOf)).toEqual([4]);
		expect((await store.history({ types: ["scan.state"] }, { since: from }, seesAll)).items).toEqual([]);
		await expect(store.history({}, { cursor: "AAAA" }, seesAll)).rejects.toMatchObject({ code: "invalid_request" });
	});

	test("prunes by age and gives no id twice", async () => {
		const store = open();
		await store.publish([counted(1)]);
		const newest = await store.newest();
		await sql`UPDATE events SET at = now() - interval '40 days'`.execute(database.db);
		await store.publish([counted(2)]);
		expect(await store.prune(new Date(Date.now() - 30 * 86_400_000))).toBeGreaterThan(0);
		const { rows } = await sql<{ id: string }>`SELECT id FROM events`.execute(database.db);
		expect(rows.map(({ id }) => Number(id))).toEqual([Number(newest) + 1]);
	});
});
