import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RegistryInput } from "#contract";
import { secretBox } from "../secrets/box.ts";
import { secretKey } from "../secrets/keys.ts";
import { reencryptAll } from "../secrets/rotate.ts";
import { type TestDatabase, testDatabase } from "../testing/postgres.ts";
import { healthAfter, type KnownHealth, nextCheck } from "./health.ts";
import { registryStore } from "./store.ts";

const [one, two] = [secretKey(Buffer.alloc(32, 1)), secretKey(Buffer.alloc(32, 2))];
const box = secretBox({ current: one, older: [] });
let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

const store = () => registryStore(database.db, box);
let made = 0;
const input = (more: Partial<RegistryInput> = {}): RegistryInput => ({
	kind: "distribution",
	name: `registry ${++made}`,
	url: "https://registry.example",
	...more,
});
const password = { kind: "password", username: "me", password: "hunter2 hunter2" } as const;

describe("keeping registries", () => {
	test("what is given is kept, what is left out has its default, secrets never come out", async () => {
		const registry = await store().create(
			input({ credentials: password, repositories: ["a", "b", "a"], maxBytesPerSecond: 5_000_000_000 }),
		);
		expect(registry).toMatchObject({
			mode: "native",
			preset: "generic",
			repositories: ["a", "b"],
			insecure: false,
			scanOnPush: true,
			maxConcurrentScans: 4,
			maxBytesPerSecond: 5_000_000_000,
			syncIntervalSeconds: 900,
			credentials: { kind: "password", username: "me" },
			hasWebhookToken: false,
			health: { state: "unknown", reason: null },
			sync: { state: "idle" },
			counts: { spaces: 0, repositories: 0, artifacts: 0 },
		});
		expect(JSON.stringify(registry)).not.toContain("hunter2");
		const row = await database.db
			.selectFrom("registries")
			.selectAll()
			.where("id", "=", registry.id)
			.executeTakeFirstOrThrow();
		expect(row.credentials?.includes("hunter2")).toBe(false);
		expect(await store().access(registry.id)).toMatchObject({
			credentials: password,
			url: registry.url,
			id: registry.id,
		});
	});

	test("a name is taken once", async () => {
		const first = await store().create(input());
		await expect(store().create(input({ name: first.name }))).rejects.toMatchObject({ code: "conflict" });
		const second = await store().create(input());
		await expect(store().update(second.id, { name: first.name })).rejects.toMatchObject({ code: "conflict" });
	});

	test("counts are of what lists show", async () => {
		const { id } = await store().create(input());
		const { db } = database;
		const space = await db
			.insertInto("spaces")
			.values({ registry_id: id, name: "s" })
			.returning("id")
			.executeTakeFirstOrThrow();
		const repository = await db
			.insertInto("repositories")
			.values({ registry_id: id, space_id: space.id, name: "s/r" })
			.returning("id")
			.executeTakeFirstOrThrow();
		const artifact = (digest: string, top: boolean) => ({
			registry_id: id,
			space_id: space.id,
			repository_id: repository.id,
			digest,
			media_type: "x",
			kind: "image" as const,
			top,
		});
		await db
			.insertInto("artifacts")
			.values([artifact("sha256:1", true), artifact("sha256:2", false)])
			.execute();
		expect((await store().get(id))?.counts).toEqual({ spaces: 1, repositories: 1, artifacts: 1 });
		expect(await store().delete(id)).toBe(true);
		expect([await store().delete(id), await store().get(id), await store().access(id)]).toEqual([false, null, null]);
	});

	test("lists page, search and sort", async () => {
		for (const name of ["page a", "page B", "page c_%"]) await store().create(input({ name }));
		const first = await store().list({ q: "PAGE", limit: 2, total: true });
		expect([first.items.map(({ name }) => name), first.total]).toEqual([["page a", "page B"], 3]);
		const rest = await store().list({ q: "PAGE", limit: 2, cursor: first.next ?? "" });
		expect([rest.items.map(({ name }) => name), rest.next]).toEqual([["page c_%"], null]);
		expect((await store().list({ q: "_%" })).items).toHaveLength(1);
		expect((await store().list({ q: "page", sort: "-createdAt" })).items[0]?.name).toBe("page c_%");
		await expect(store().list({ sort: "url" })).rejects.toMatchObject({ code: "invalid_request" });
	});

	test("a layout is made once", async () => {
		const [a, b] = await Promise.all([
			store().createLayout("Samples", "/data/a"),
			store().createLayout("Samples", "/data/a"),
		]);
		expect(a.id).toBe(b.id);
		expect(a).toMatchObject({ kind: "layout", url: "layout:/data/a", scanOnPush: false });
		await expect(store().createLayout("Samples", "/data/b")).rejects.toMatchObject({ code: "conflict" });
	});
});

describe("kept credentials", () => {
	const kept = async (patch: Parameters<ReturnType<typeof store>["update"]>[1]) => {
		const { id } = await store().create(input({ credentials: password }));
		const registry = await store().update(id, patch);
		return { shown: registry?.credentials, secret: (await store().access(id))?.credentials };
	};

	test.each([
		{ name: `other ${++made}` },
		{ url: "https://registry.example/path" },
		{ url: "https://registry.example:443" },
		{ scanOnPush: false },
	])("stay with %o", async (patch) => {
		expect(await kept(patch)).toEqual({ shown: { kind: "password", username: "me" }, secret: password });
	});

	test.each([
		{ url: "https://evil.example" },
		{ url: "https://registry.example:8443" },
		{ url: "http://registry.example", insecure: true },
		{ credentials: null },
	])("go with %o", async (patch) => {
		expect(await kept(patch)).toEqual({ shown: null, secret: null });
	});

	test("are replaced by new ones, at another host too", async () => {
		const token = { kind: "token", token: "abc" } as const;
		expect(await kept({ url: "https://other.example", credentials: token })).toEqual({
			shown: { kind: "token", username: null },
			secret: token,
		});
	});

	test("that were copied from another row do not open", async () => {
		const [from, to] = [
			await store().create(input({ credentials: password })),
			await store().create(input({ credentials: password })),
		];
		const { credentials } = await database.db
			.selectFrom("registries")
			.select("credentials")
			.where("id", "=", from.id)
			.executeTakeFirstOrThrow();
		await database.db.updateTable("registries").set({ credentials }).where("id", "=", to.id).execute();
		await expect(store().access(to.id)).rejects.toMatchObject({ code: "database_damaged" });
		await database.db.deleteFrom("registries").where("id", "=", to.id).execute();
	});

	test("are encrypted anew with another key, by two processes at once, and then need the old one no more", async () => {
		const { id } = await store().create(input({ credentials: password }));
		await expect(registryStore(database.db, secretBox({ current: two, older: [] })).access(id)).rejects.toMatchObject({
			code: "key_missing",
		});
		const rotating = secretBox({ current: two, older: [one] });
		const kept = await database.db
			.selectFrom("registries")
			.select((e) => e.fn.countAll<string>().as("n"))
			.where("credentials", "is not", null)
			.executeTakeFirstOrThrow();
		const done = await Promise.all([reencryptAll(database.db, rotating), reencryptAll(database.db, rotating)]);
		expect(done[0] + done[1]).toBe(Number(kept.n));
		expect(await reencryptAll(database.db, rotating)).toBe(0);
		const after = registryStore(database.db, secretBox({ current: two, older: [] }));
		expect((await after.access(id))?.credentials).toEqual(password);
		await reencryptAll(database.db, secretBox({ current: one, older: [two] }));
	});

	test("a notification token is kept as its hash", async () => {
		const { id } = await store().create(input());
		expect(await store().setWebhookHash(id, Buffer.alloc(32, 7))).toBe(true);
		expect((await store().get(id))?.hasWebhookToken).toBe(true);
		await store().setWebhookHash(id, null);
		expect((await store().get(id))?.hasWebhookToken).toBe(false);
		expect(await store().setWebhookHash("999999", null)).toBe(false);
	});
});

describe("health", () => {
	const good = { ok: true, state: "healthy", reason: null, hint: null } as const;
	const down = { ok: false, state: "unreachable", reason: "Gone.", hint: "Look." } as const;
	const locked = { ok: false, state: "unauthorized", reason: "Who?", hint: null } as const;
	const at = new Date("2026-01-01T00:00:00Z");
	const after = (known: KnownHealth, ...found: readonly (typeof good | typeof down | typeof locked)[]) =>
		found.reduce((before: KnownHealth, one) => healthAfter(before, one, at, false), known);
	const unknown: KnownHealth = { state: "unknown", reason: null, since: null, against: 0 };

	test("a first check counts at once", () => {
		expect(after(unknown, good)).toMatchObject({ state: "healthy", since: at });
		expect(after(unknown, down)).toMatchObject({ state: "unreachable", reason: "Gone. Look." });
	});

	test("it turns bad after three failures in a row, not before", () => {
		const healthy = after(unknown, good);
		expect(after(healthy, down, locked).state).toBe("healthy");
		expect(after(healthy, down, down, good, down, down).state).toBe("healthy");
		expect(after(healthy, down, down, locked)).toMatchObject({ state: "unauthorized", reason: "Who?" });
	});

	test("it turns good after two successes in a row", () => {
		const bad = after(unknown, down);
		expect(after(bad, good).state).toBe("unreachable");
		expect(after(bad, good, down, good).state).toBe("unreachable");
		expect(after(bad, good, good)).toMatchObject({ state: "healthy", reason: null });
	});

	test("one kind of bad becomes another at once; a person's check counts at once", () => {
		expect(after(after(unknown, down), locked).state).toBe("unauthorized");
		expect(healthAfter(after(unknown, down), good, at, true).state).toBe("healthy");
	});

	test("it is checked every minute while healthy, and less and less while not", () => {
		const seconds = (known: KnownHealth, later: number) =>
			(nextCheck(known, new Date(at.getTime() + later * 1000), () => 0.5).getTime() - at.getTime()) / 1000 - later;
		const bad = after(unknown, down);
		expect(seconds(after(unknown, good), 9999)).toBeCloseTo(60);
		expect([0, 120, 240, 600, 9999].map((later) => Math.round(seconds(bad, later)))).toEqual([60, 60, 120, 300, 300]);
		expect(seconds({ ...bad, against: 1 }, 9999)).toBeCloseTo(60);
		for (const chance of [0, 1]) {
			const pause = nextCheck(after(unknown, good), at, () => chance).getTime() - at.getTime();
			expect(Math.abs(pause - 60_000)).toBeLessThanOrEqual(6_001);
		}
	});

	test("is kept with an event for each change, whoever checks at the same moment", async () => {
		const { id } = await store().create(input());
		const events = async () => {
			const rows = await database.db.selectFrom("events").selectAll().execute();
			return rows
				.map(({ body, audience }) => ({ audience, ...(body as { registryId?: string; state?: string }) }))
				.filter((event) => event.registryId === id);
		};
		expect(await store().dueForCheck(at, 1000)).toContain(id);
		await store().recordHealth(id, good, at, false);
		expect(await store().dueForCheck(at, 1000)).not.toContain(id);
		expect(await store().dueForCheck(new Date(at.getTime() + 70_000), 1000)).toContain(id);
		await Promise.all([1, 2, 3].map(() => store().recordHealth(id, down, at, false)));
		expect((await store().get(id))?.health).toEqual({
			state: "unreachable",
			reason: "Gone. Look.",
			since: at.toISOString(),
			checkedAt: at.toISOString(),
		});
		expect((await events()).map(({ state, audience }) => [state, audience])).toEqual([
			["healthy", "administrators"],
			["unreachable", "administrators"],
		]);
		await store().update(id, { url: "https://elsewhere.example" });
		expect((await store().get(id))?.health).toMatchObject({ state: "unknown", reason: null });
		expect(await store().dueForCheck(at, 1000)).toContain(id);
		expect(await store().recordHealth("999999", good, at, false)).toBeNull();
	});
});
