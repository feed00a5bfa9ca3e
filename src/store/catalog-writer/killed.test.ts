import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "../testing/postgres.ts";
import { addRegistry, catalogOf } from "./catalog-fixture.ts";
import { dyingDatabase } from "./killed-fixture.ts";
import { image, index, type MemoryRegistry, memoryRegistry, syncing } from "./registry-fixture.ts";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

function before(registry: MemoryRegistry): void {
	const [one, two] = [image("one"), image("two")];
	registry.push("team/app", "1.0", index("both", [one, two], 1), [one, two]);
	registry.push("team/app", "two", two);
	registry.push("team/app", "latest", image("old"));
	registry.push("team/gone", "1", image("gone"));
	registry.push("busybox", "latest", image("busybox"));
	registry.push("other/tool", "1", image("tool"));
}

function after(registry: MemoryRegistry): void {
	registry.remove("team/app", image("old").digest);
	registry.push("team/app", "latest", image("new"));
	registry.push("team/app", "1.1", index("more", [image("two"), image("three")]), [image("three")]);
	registry.remove("team/app", index("both", []).digest);
	registry.remove("team/app", image("one").digest);
	registry.untag("team/app", "two");
	registry.remove("team/gone");
	registry.push("fresh/thing", "1", image("thing"));
}

async function undisturbed(
	name: string,
): Promise<{ readonly first: readonly string[]; readonly last: readonly string[]; readonly scans: number }> {
	const registry = memoryRegistry();
	before(registry);
	const id = await addRegistry(database.db, name);
	const { sync, scans } = syncing(database.db, database.pool, registry.connector);
	await sync(id);
	const first = await catalogOf(database.db, id);
	after(registry);
	await sync(id);
	await sync(id);
	return { first, last: await catalogOf(database.db, id), scans: scans.flat().length };
}

/** PostgreSQL takes a lock back when it notices that its owner is gone. */
async function locksGiven(): Promise<void> {
	for (;;) {
		const { rows } = await database.pool.query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'");
		if (rows.length === 0) return;
	}
}

/** A repeatable chance. */
function chance(seed: number): () => number {
	let state = seed * 2_654_435_761;
	return () => {
		state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) >>> 0;
		return state / 2 ** 32;
	};
}

test("killed at any statement, twice in each of two syncs, it ends as if undisturbed", {
	timeout: 60_000,
}, async () => {
	const expected = await undisturbed("undisturbed");
	expect(expected.last).not.toEqual(expected.first);
	let killed = 0;
	for (let seed = 1; seed <= 30; seed++) {
		const random = chance(seed);
		const registry = memoryRegistry();
		before(registry);
		const id = await addRegistry(database.db, `killed ${seed}`);
		const asked = new Set<string>();
		const disturb = async (): Promise<void> => {
			for (let times = 0; times < 2; times++) {
				const dying = dyingDatabase(database.url, 1 + Math.floor(random() * 70), random() < 0.5);
				const { sync, scans } = syncing(dying.db, dying.pool, registry.connector);
				await sync(id).catch((error: Error) => {
					expect(error.message).toBe("killed");
					killed++;
				});
				for (const artifact of scans.flat()) asked.add(artifact);
				await dying.close();
				await locksGiven();
			}
		};
		const { sync, scans } = syncing(database.db, database.pool, registry.connector);
		await disturb();
		await sync(id);
		expect(await catalogOf(database.db, id), `seed ${seed}, first`).toEqual(expected.first);
		expect([...asked, ...scans.flat()], `seed ${seed}: a first sync asks for no scan`).toEqual([]);
		after(registry);
		await disturb();
		await sync(id);
		await sync(id);
		expect(await catalogOf(database.db, id), `seed ${seed}, last`).toEqual(expected.last);
		for (const artifact of scans.flat()) asked.add(artifact);
		expect(asked.size, `seed ${seed}: what was pushed is scanned`).toBe(expected.scans);
	}
	expect(killed).toBeGreaterThan(40);
});

test("two syncs and single repositories at once break nothing", { timeout: 60_000 }, async () => {
	const { last: expected } = await undisturbed("undisturbed, too");
	for (let round = 0; round < 5; round++) {
		const registry = memoryRegistry();
		before(registry);
		const id = await addRegistry(database.db, `crowded ${round}`);
		const many = () => [1, 2, 3].map(() => syncing(database.db, database.pool, registry.connector));
		const all = async (): Promise<void> => {
			const jobs = many().flatMap(({ sync }) => [sync(id), sync(id, "team/app"), sync(id, "busybox")]);
			await Promise.all(jobs);
		};
		await all();
		after(registry);
		await all();
		await all();
		expect(await catalogOf(database.db, id)).toEqual(expected);
	}
});
