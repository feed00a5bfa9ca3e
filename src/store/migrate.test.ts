import { afterAll, beforeAll, expect, test } from "vitest";
import { migrate } from "./migrate.ts";
import { type TestDatabase, testDatabase } from "./testing/postgres.ts";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

test("a migrated database is not migrated again", async () => {
	expect(await migrate(database.pool)).toEqual([]);
});
