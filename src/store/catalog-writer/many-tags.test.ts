import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../testing/postgres.ts";
import { addRegistry, tagsOf } from "./catalog-fixture.ts";
import { image, memoryRegistry, syncing } from "./registry-fixture.ts";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

const tags = 10_000;

test("a registry of many tags is not asked for all of them in each round, but for each within a day", {
	timeout: 60_000,
}, async () => {
	const registry = memoryRegistry(1000);
	for (let at = 0; at < tags; at++) registry.push("big/app", `v${at}`, image(`big ${at}`));
	const id = await addRegistry(database.db, "big");
	let now = Date.now();
	const { sync } = syncing(database.db, database.pool, registry.connector, () => new Date(now++));
	await sync(id);
	expect(Object.keys(await tagsOf(database.db, id))).toHaveLength(tags);

	const asked = new Set<string>();
	for (let round = 1; round <= 12; round++) {
		now += 2 * 3600_000;
		registry.asked.length = 0;
		await sync(id);
		const questions = registry.asked.filter((question) => question.startsWith("resolve"));
		expect(questions.length).toBeLessThan(tags / 8);
		for (const question of questions) asked.add(question);
	}
	expect(asked.size).toBe(tags);
});
