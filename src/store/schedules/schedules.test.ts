import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Id, ScheduleAction, ScheduleScope } from "#contract";
import type { DueSchedule, NewSchedule, NextOf, Plan } from "#server";
import { type TestDatabase, testDatabase } from "../testing/postgres.ts";
import { addImage, addScan, type ImageFacts } from "./catalog-fixture.ts";
import { scheduleStore } from "./store.ts";

let database: TestDatabase;
let store: ReturnType<typeof scheduleStore>;
beforeAll(async () => {
	database = await testDatabase();
	store = scheduleStore(database.db);
});
afterAll(() => database.close());
beforeEach(async () => {
	await sql`TRUNCATE registries, schedules CASCADE`.execute(database.db);
});

const now = new Date("2026-06-01T03:00:10Z");
const due = new Date("2026-06-01T03:00:00Z");
const nextOf: NextOf = () => ({ dueAt: due, runAt: due });
const input = (rest: Partial<NewSchedule> = {}): NewSchedule => ({
	name: "nightly",
	cron: "0 3 * * *",
	timeZone: "UTC",
	action: "rescan",
	scope: {},
	jitterSeconds: 0,
	paused: false,
	createdBy: null,
	...rest,
});
const once = ({ dueAt }: DueSchedule): Plan => ({
	runs: [{ dueAt, state: "running", error: null }],
	next: { dueAt: new Date(dueAt.getTime() + 86_400_000), runAt: new Date(dueAt.getTime() + 86_400_000) },
});

/** What a run takes, in the order that it was made. */
async function taken(action: ScheduleAction, scope: ScheduleScope): Promise<readonly Id[]> {
	const { id } = await store.create(input({ name: `${action} ${JSON.stringify(scope)}`, action, scope }), nextOf);
	await store.runNow(id, new Date());
	const ids: Id[] = [];
	while (await store.queueNext(now, [], async (_run, artifacts) => void ids.push(...artifacts)));
	return ids;
}

describe("scope", () => {
	/** Which of these images a run takes wrongly, or leaves out. */
	async function wrong(scope: ScheduleScope, cases: readonly (readonly [ImageFacts, boolean])[]) {
		const made: (readonly [Id, ImageFacts, boolean])[] = [];
		for (const [facts, inside] of cases) made.push([await addImage(database.db, facts), facts, inside]);
		const ids = await taken("rescan", scope);
		return made.filter(([id, , inside]) => ids.includes(id) !== inside).map(([, facts]) => facts);
	}

	test("patterns of repositories", async () => {
		const found = await wrong({ repositories: ["team/*", "lib.ary/**", "x/+y"] }, [
			[{ repository: "team/a" }, true],
			[{ repository: "team/a/b" }, false],
			[{ repository: "steam/a" }, false],
			[{ repository: "lib.ary/a/b/c" }, true],
			[{ repository: "libXary/a" }, false],
			[{ repository: "x/+y" }, true],
			[{ repository: "x/xy" }, false],
		]);
		expect(found).toEqual([]);
	});

	test("patterns of tags", async () => {
		const found = await wrong({ tags: ["v1.*", "latest"] }, [
			[{ tags: ["v1.2", "old"] }, true],
			[{ tags: ["latest"] }, true],
			[{ tags: ["v2.0", "xlatest"] }, false],
			[{}, false],
		]);
		expect(found).toEqual([]);
	});

	test("days since push and pull; an unknown push counts from when we saw it", async () => {
		const found = await wrong({ pushedWithinDays: 10, pulledWithinDays: 5 }, [
			[{ pushedDaysAgo: 9, pulledDaysAgo: 4 }, true],
			[{ pushedDaysAgo: 11, pulledDaysAgo: 4 }, false],
			[{ pushedDaysAgo: 9, pulledDaysAgo: 6 }, false],
			[{ pushedDaysAgo: 9 }, false],
			[{ pulledDaysAgo: 1 }, false],
		]);
		expect(found).toEqual([]);
	});

	test("a registry, and what can be scanned at all; images of an index go with it", async () => {
		const { db } = database;
		await addImage(db, { registry: "other" });
		const index = await addImage(db, { kind: "index" });
		await addImage(db, { parent: index });
		const image = await addImage(db);
		await addImage(db, { state: "not_supported" });
		await addImage(db, { kind: "other", state: "not_supported" });
		await addImage(db, { kind: "index" });
		const { rows } = await sql<{ id: Id }>`SELECT id FROM registries WHERE name = 'main'`.execute(db);
		expect(await taken("rescan", { registry: rows[0]?.id ?? "" })).toEqual([index, image]);
		expect(await taken("rescan", {})).toHaveLength(3);
	});

	test("what is new: never scanned, or failed without a result and not just now", async () => {
		const { db } = database;
		const fresh = await addImage(db);
		await addImage(db, { state: "complete", scannedDaysAgo: 1 });
		await addImage(db, { state: "failed", failedHoursAgo: 1 });
		const failedLongAgo = await addImage(db, { state: "failed", failedHoursAgo: 30 });
		await addImage(db, { state: "failed", scannedDaysAgo: 3, failedHoursAgo: 30 });
		await addImage(db, { state: "queued" });
		const index = await addImage(db, { kind: "index", state: "failed", scannedDaysAgo: 1 });
		await addImage(db, { parent: index, state: "complete", scannedDaysAgo: 1 });
		await addImage(db, { parent: index, state: "failed", failedHoursAgo: 30 });
		const whole = await addImage(db, { kind: "index", state: "complete", scannedDaysAgo: 1 });
		await addImage(db, { parent: whole, state: "complete", scannedDaysAgo: 1 });
		expect(await taken("scan_new", {})).toEqual([fresh, failedLongAgo, index]);
	});
});

describe("a due time runs once", () => {
	test("however many schedulers take it at once", async () => {
		const { id } = await store.create(input(), nextOf);
		const others = Array.from({ length: 6 }, () => scheduleStore(database.db));
		const took = await Promise.all(others.map((other) => other.take(now, once)));
		expect(took.reduce((a, b) => a + b)).toBe(1);
		expect((await store.runs(id, {})).items).toHaveLength(1);
		expect(await store.take(now, once)).toBe(0);
		expect((await store.get(id))?.nextRunAt).toBe("2026-06-02T03:00:00.000Z");
	});

	test("also when a plan gives the same due time again", async () => {
		const { id } = await store.create(input(), nextOf);
		const again = (schedule: DueSchedule): Plan => ({ ...once(schedule), next: { dueAt: due, runAt: due } });
		await store.take(now, again);
		await store.take(now, once);
		expect((await store.runs(id, {})).items).toHaveLength(1);
	});

	test("a paused one is never due; resumed, it goes on from now", async () => {
		const { id } = await store.create(input({ paused: true }), nextOf);
		expect([await store.take(now, once), await store.nextRunAt()]).toEqual([0, null]);
		const resumed = await store.update(id, { paused: false }, nextOf);
		expect(resumed?.nextRunAt).toBe(due.toISOString());
		const paused = await store.update(id, { paused: true }, nextOf);
		expect(paused?.nextRunAt).toBeNull();
	});

	test("a change of the name alone leaves the next run as it is", async () => {
		const { id } = await store.create(input(), nextOf);
		const later = new Date("2027-01-01T00:00:00Z");
		const never: NextOf = () => ({ dueAt: later, runAt: later });
		expect((await store.update(id, { name: "other" }, never))?.nextRunAt).toBe(due.toISOString());
		expect((await store.update(id, { cron: "0 4 * * *" }, never))?.nextRunAt).toBe(later.toISOString());
	});
});

describe("queueing", () => {
	test("goes on where another process died, and asks for nothing twice", async () => {
		const { db } = database;
		const images = [await addImage(db), await addImage(db), await addImage(db)];
		const { id } = await store.create(input(), nextOf);
		const run = await store.runNow(id, now);
		// It died when the first image's scan was kept and the cursor was not.
		await addScan(db, images[0] ?? "", { state: "queued", runId: run?.id ?? "" });
		const asked: Id[] = [];
		while (await store.queueNext(now, [], async (_run, ids) => void asked.push(...ids)));
		expect(asked).toEqual(images.slice(1));
	});

	test("of many images goes part by part, also between two schedulers", async () => {
		const { db } = database;
		const first = await addImage(db);
		await sql`INSERT INTO artifacts (registry_id, space_id, repository_id, digest, media_type, kind)
			SELECT registry_id, space_id, repository_id, 'sha256:' || n, media_type, 'image'
			FROM artifacts, generate_series(1, 1200) n WHERE id = ${first}`.execute(db);
		const { id } = await store.create(input(), nextOf);
		await store.runNow(id, now);
		const parts: number[] = [];
		const all = new Set<Id>();
		const drain = async (one: typeof store): Promise<void> => {
			for (let empty = 0; empty < 3; ) {
				const part = await one.queueNext(now, [], async (_run, ids) => {
					parts.push(ids.length);
					for (const each of ids) all.add(each);
				});
				if (!part) empty++;
			}
		};
		await Promise.all([drain(store), drain(scheduleStore(db))]);
		expect([parts.toSorted((a, b) => a - b), all.size]).toEqual([[201, 500, 500], 1201]);
	});

	test("that fails is tried again, says why, and gives up in the end", async () => {
		await addImage(database.db);
		const { id } = await store.create(input(), nextOf);
		await store.runNow(id, now);
		const fails = (): Promise<never> => Promise.reject(new Error("the queue is away"));
		const part = await store.queueNext(now, [], fails);
		expect(part?.error).toMatchObject({ message: "the queue is away" });
		expect(await store.queueNext(now, [part?.runId ?? ""], fails)).toBeNull();
		expect((await store.runs(id, {})).items[0]).toMatchObject({
			state: "running",
			error: expect.stringContaining("the queue is away"),
		});
		for (let tries = 1; tries < 120; tries++) await store.queueNext(now, [], fails);
		expect((await store.runs(id, {})).items[0]).toMatchObject({ state: "failed", finishedAt: now.toISOString() });
		expect(await store.queueNext(now, [], fails)).toBeNull();
	});
});

describe("the history", () => {
	async function runWith(states: readonly ("queued" | "complete" | "failed")[]): Promise<Id> {
		const { db } = database;
		const { id } = await store.create(input({ name: states.join() }), nextOf);
		const run = await store.runNow(id, now);
		while (await store.queueNext(now, [], async () => {}));
		for (const state of states) await addScan(db, await addImage(db), { state, runId: run?.id ?? "" });
		return id;
	}

	test.each([
		[[], "complete", { queued: 0, complete: 0, failed: 0 }],
		[["complete", "queued"], "running", { queued: 2, complete: 1, failed: 0 }],
		[["complete", "failed"], "complete", { queued: 2, complete: 1, failed: 1 }],
		[["failed", "failed"], "failed", { queued: 2, complete: 0, failed: 2 }],
	] as const)("of %j is %s, before it is settled and after", async (states, state, scans) => {
		const id = await runWith(states);
		const before = (await store.runs(id, {})).items;
		expect(before).toMatchObject([{ state, scans }]);
		expect(before[0]?.finishedAt === null).toBe(state === "running");
		expect(await store.settle(now)).toBe(state === "running" ? 0 : 1);
		expect((await store.runs(id, {})).items).toEqual(before);
	});

	test("stays when its scans are pruned", async () => {
		const id = await runWith(["complete"]);
		await store.settle(now);
		await sql`DELETE FROM scans`.execute(database.db);
		expect((await store.runs(id, {})).items).toMatchObject([{ state: "complete", scans: { queued: 1, complete: 1 } }]);
	});

	test("is paged, newest first", async () => {
		const { id } = await store.create(input(), nextOf);
		for (let n = 0; n < 5; n++) await store.runNow(id, new Date(now.getTime() + n));
		const first = await store.runs(id, { limit: 3, total: true });
		const rest = await store.runs(id, { limit: 3, cursor: first.next ?? "" });
		const dues = [...first.items, ...rest.items].map(({ dueAt }) => Date.parse(dueAt) - now.getTime());
		expect([dues, first.total, rest.next]).toEqual([[4, 3, 2, 1, 0], 5, null]);
	});
});

test("refuses a name twice and a scope that is not there; tells what is not there", async () => {
	const { id } = await store.create(input(), nextOf);
	await expect(store.create(input(), nextOf)).rejects.toMatchObject({ code: "conflict" });
	await store.create(input({ name: "b" }), nextOf);
	await expect(store.update(id, { name: "b" }, nextOf)).rejects.toMatchObject({ code: "conflict" });
	await expect(store.create(input({ name: "c", scope: { space: "999" } }), nextOf)).rejects.toMatchObject({
		code: "unprocessable",
		message: expect.stringContaining("space"),
	});
	expect(await store.remove(id)).toBe(true);
	expect([
		await store.remove(id),
		await store.get(id),
		await store.update(id, {}, nextOf),
		await store.runNow(id, now),
	]).toEqual([false, null, null, null]);
	expect((await store.list({ sort: "-name" })).items.map(({ name }) => name)).toEqual(["b"]);
});
