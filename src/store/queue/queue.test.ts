import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { JobContext } from "#server";
import { type TestDatabase, testDatabase } from "../testing/postgres.ts";
import { type OpenJobQueue, openJobQueue, type QueueDeps } from "./queue.ts";

let database: TestDatabase;
const opened: OpenJobQueue[] = [];
beforeAll(async () => {
	database = await testDatabase();
});
afterEach(async () => {
	await Promise.all(opened.splice(0).map((queue) => queue.stop(0)));
	await sql`TRUNCATE pgboss.job, queue_claims`.execute(database.db);
});
afterAll(() => database.close());

/** Another one is another process's, as far as the database can tell. */
async function open(more: Partial<QueueDeps> = {}): Promise<OpenJobQueue> {
	const queue = await openJobQueue({ ...database, connectionString: database.url, ...more });
	opened.push(queue);
	return queue;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
	const patience = AbortSignal.timeout(20_000);
	while (!(await condition())) {
		patience.throwIfAborted();
		await pause(20);
	}
}

test("a job is done once, by one of two", async () => {
	const [one, two] = [await open(), await open()];
	const done: string[] = [];
	for (const queue of [one, two])
		await queue.work("check-registry", 4, async ({ registryId }) => {
			await pause(5);
			done.push(registryId);
		});
	await Promise.all(Array.from({ length: 40 }, (_, n) => one.send("check-registry", { registryId: String(n) })));
	await until(() => done.length >= 40);
	await until(async () => (await one.counts())["check-registry"].running === 0);
	expect(new Set(done).size).toBe(40);
	expect(done).toHaveLength(40);
	expect(await sql`SELECT 1 FROM queue_claims`.execute(database.db)).toMatchObject({ rows: [] });
});

test("a key has one job that waits or runs", async () => {
	const queue = await open();
	const gate = Promise.withResolvers<void>();
	let runs = 0;
	expect(await queue.send("prune", {}, { key: "k" })).not.toBeNull();
	expect(await queue.send("prune", {}, { key: "k" })).toBeNull();
	expect(await queue.send("prune", {}, { key: "other" })).not.toBeNull();
	await queue.work("prune", 1, async () => {
		runs++;
		await gate.promise;
	});
	await until(() => runs === 1);
	expect(await queue.send("prune", {}, { key: "k" })).toBeNull();
	gate.resolve();
	await until(async () => (await queue.counts()).prune.running + (await queue.counts()).prune.waiting === 0);
	expect(runs).toBe(2);
	expect(await queue.send("prune", {}, { key: "k" })).not.toBeNull();
});

test("one that waits for its time goes at once when somebody is in a hurry", async () => {
	const queue = await open();
	await queue.send("prune", {}, { key: "k", startAfterSeconds: 3600 });
	let runs = 0;
	await queue.work("prune", 1, async () => void (runs += 1));
	expect(await queue.send("prune", {}, { key: "k" })).toBeNull();
	await pause(100);
	expect(runs).toBe(0);
	expect(await queue.send("prune", {}, { key: "k", hurry: true })).toBeNull();
	await until(() => runs === 1);
});

test("what fails is tried again, and goes to the dead letters in the end", async () => {
	const queue = await open();
	const attempts: [number, boolean][] = [];
	await queue.boss.updateQueue("check-registry", { retryLimit: 1, retryDelay: 0, retryBackoff: false });
	// The settings are read with each job that is sent.
	await queue.work("check-registry", 1, async (_payload, { attempt, lastAttempt }: JobContext) => {
		attempts.push([attempt, lastAttempt]);
		throw new Error("no");
	});
	await queue.send("check-registry", { registryId: "1" });
	const dead = () =>
		sql<{ data: unknown }>`SELECT data FROM pgboss.job WHERE name = 'dead-letters'`.execute(database.db);
	await until(async () => (await dead()).rows.length > 0);
	expect(attempts).toEqual([
		[1, false],
		[2, true],
	]);
	expect((await dead()).rows).toEqual([{ data: { registryId: "1" } }]);
});

test("a job in a transaction that is rolled back was never sent", async () => {
	const queue = await open();
	const failed = database.db.transaction().execute(async (tx) => {
		await queue.sendIn(tx, "prune", [{ payload: {}, options: { key: "gone" } }]);
		throw new Error("no");
	});
	await expect(failed).rejects.toThrow("no");
	expect((await queue.counts()).prune).toEqual({ waiting: 0, running: 0 });
});

test("0 goes first", async () => {
	const queue = await open();
	const order: string[] = [];
	for (const [registryId, priority] of [
		["c", 2],
		["a", 0],
		["b", 1],
	] as const)
		await queue.send("check-registry", { registryId }, { priority });
	await queue.work("check-registry", 1, async ({ registryId }) => void order.push(registryId));
	await until(() => order.length === 3);
	expect(order).toEqual(["a", "b", "c"]);
});

test("a lane that is full does not keep others waiting", async () => {
	const queue = await open({ lanes: { "scan-group": async () => ({ usual: 4, limits: { full: 1 } }) } });
	const gate = Promise.withResolvers<void>();
	const begun: string[] = [];
	for (const [groupId, lane] of [
		["1", "full"],
		["2", "full"],
		["3", "free"],
	] as const)
		await queue.send("scan-group", { groupId }, { lane });
	await queue.work("scan-group", 3, async ({ groupId }) => {
		begun.push(groupId);
		await gate.promise;
	});
	await until(() => begun.length === 2);
	await pause(100);
	expect(begun).toEqual(["1", "3"]);
	gate.resolve();
	await until(() => begun.length === 3);
});

test("stop lets what runs end, aborts what does not, and others take that up at once", async () => {
	const [one, two] = [await open(), await open()];
	const seen: string[] = [];
	await one.work("check-registry", 2, async ({ registryId }, { signal }) => {
		seen.push(`one ${registryId}`);
		if (registryId === "quick") return await pause(100);
		await new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
	});
	await one.send("check-registry", { registryId: "quick" });
	await one.send("check-registry", { registryId: "long" });
	await until(() => seen.length === 2);
	await one.stop(200);
	opened.splice(opened.indexOf(one), 1);
	await two.work(
		"check-registry",
		2,
		async ({ registryId }, { attempt }) => void seen.push(`two ${registryId} ${attempt}`),
	);
	await until(() => seen.length === 3);
	expect(seen.slice(2)).toEqual(["two long 2"]);
});
