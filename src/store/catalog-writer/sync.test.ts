import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EngineError } from "#engine";
import { syncRegistry } from "#server";
import { type TestDatabase, testDatabase } from "../testing/postgres.ts";
import { addRegistry, artifactsOf, catalogOf, syncStateOf, tagsOf } from "./catalog-fixture.ts";
import { digestOf, image, index, memoryRegistry, syncing } from "./registry-fixture.ts";

let database: TestDatabase;
beforeAll(async () => {
	database = await testDatabase();
});
afterAll(() => database.close());

let made = 0;
async function fresh(pageSize?: number, more: { repositories?: string[] } = {}) {
	const registry = memoryRegistry(pageSize);
	const id = await addRegistry(database.db, `registry ${made++}`, more);
	const deps = syncing(database.db, database.pool, registry.connector);
	return { registry, id, ...deps, db: database.db };
}

const forbidden = () => new EngineError("registry_unauthorized", "It refuses.", "Log in.");

describe("what is seen", () => {
	test("spaces, repositories, tags, indexes with their children, layers", async () => {
		const { registry, id, sync, db, scans } = await fresh();
		const [amd, arm] = [image("amd"), image("arm", { platform: "linux/arm64" })];
		registry.push("team/app", "1.0", index("both", [amd, arm], 1), [amd, arm]);
		registry.push("team/app", "amd", amd);
		registry.push("busybox", "latest", image("busybox"));
		registry.push("busybox", "chart", image("chart", { kind: "other", size: 10, unsupported: "It is a Helm chart." }));
		await sync(id);
		expect(await tagsOf(db, id)).toEqual({
			"busybox:chart": digestOf("chart"),
			"busybox:latest": digestOf("busybox"),
			"team/app:1.0": digestOf("both"),
			"team/app:amd": digestOf("amd"),
		});
		const found = await artifactsOf(db, id);
		expect(found.get(digestOf("arm"))).toMatchObject({ top: false, kind: "image", state: "not_scanned", size: "1000" });
		expect(found.get(digestOf("amd"))?.top).toBe(true);
		expect(found.get(digestOf("both"))).toMatchObject({ top: true, kind: "index", state: "not_scanned" });
		expect(found.get(digestOf("attestation both 0"))).toMatchObject({
			kind: "other",
			state: "not_supported",
			top: false,
		});
		expect(found.get(digestOf("chart"))).toMatchObject({
			state: "not_supported",
			unsupported_reason: "It is a Helm chart.",
		});
		const lines = await catalogOf(db, id);
		expect(lines.filter((line) => line.startsWith("space"))).toEqual(["space library", "space team"]);
		expect(lines.filter((line) => line.startsWith(`layer ${digestOf("arm")}`))).toHaveLength(2);
		expect(scans, "a first sync asks for no scan").toEqual([]);
		expect(await syncStateOf(db, id)).toMatchObject({
			sync_state: "idle",
			sync_error: null,
			sync_done: 2,
			sync_total: 2,
		});
	});

	test("an index whose children were scanned already shows their state at once", async () => {
		const { registry, id, sync, db } = await fresh();
		registry.push("a", "one", image("one"));
		await sync(id);
		await db.updateTable("artifacts").set({ state: "complete" }).where("registry_id", "=", id).execute();
		registry.push("a", "all", index("all", [image("one")]));
		await sync(id);
		expect((await artifactsOf(db, id)).get(digestOf("all"))?.state).toBe("complete");
	});

	test("what was unsupported and is supported now goes back to not scanned; a scan's word stands", async () => {
		const { registry, id, sync, db } = await fresh();
		for (const name of ["one", "two"])
			registry.push("a", name, image(name, { kind: "other", unsupported: "It is strange." }));
		await sync(id);
		await db.updateTable("artifacts").set({ last_scan_id: "1" }).where("digest", "=", digestOf("two")).execute();
		await db.deleteFrom("tags").execute();
		for (const name of ["one", "two"]) registry.push("a", name, image(name));
		await sync(id);
		const found = await artifactsOf(db, id);
		expect(found.get(digestOf("one"))).toMatchObject({ state: "not_scanned", unsupported_reason: null });
		expect(found.get(digestOf("two"))?.state).toBe("not_supported");
	});

	test("a manifest with NUL bytes, half surrogates and endless text is kept without them", async () => {
		const { registry, id, sync, db } = await fresh();
		const layer = { digest: digestOf("l"), diffId: null, size: 1, createdBy: `RUN \u0000\ud800${"x".repeat(9000)}` };
		registry.push("a", "1", image("odd", { platform: "li\u0000nux/amd64", layers: [layer] }));
		await sync(id);
		expect((await artifactsOf(db, id)).get(digestOf("odd"))?.platform).toBe("linux/amd64");
	});

	test("names that are none are passed over", async () => {
		const { registry, id, sync, db } = await fresh(100);
		registry.push("good", "1", image("good"));
		for (const name of ["../up", "a//b", "Upper", "a'; DROP TABLE tags", "a\u0000", "x".repeat(256)])
			registry.push(name, "1", image("bad"));
		registry.push("good", "not a tag", image("bad"));
		registry.push("good", "../../x", image("bad"));
		await sync(id);
		expect(await tagsOf(db, id)).toEqual({ "good:1": digestOf("good") });
		expect(await syncStateOf(db, id)).toMatchObject({ sync_state: "idle", sync_done: 1 });
	});
});

describe("what changes", () => {
	test("pushed and moved tags are scanned and told; a moved tag's old image goes when it is gone", async () => {
		const { registry, id, sync, db, scans } = await fresh();
		registry.push("a", "latest", image("old"));
		registry.push("a", "kept", image("kept"));
		await sync(id);
		registry.push("a", "latest", image("new"));
		registry.push("a", "fresh", image("fresh"));
		registry.push("b/new", "1", image("elsewhere"));
		await sync(id);
		const found = await artifactsOf(db, id);
		const expected = ["new", "fresh", "elsewhere"].map((name) => found.get(digestOf(name))?.id);
		expect(new Set(scans.flat())).toEqual(new Set(expected));
		expect(found.get(digestOf("new"))?.pushed_at).not.toBeNull();
		expect(found.has(digestOf("old")), "untagged, but the registry still has it").toBe(true);
		registry.remove("a", digestOf("old"));
		await sync(id);
		expect((await artifactsOf(db, id)).has(digestOf("old"))).toBe(false);
		const { rows } = await database.pool.query(
			"SELECT body->>'type' AS type, body->>'digest' AS digest FROM events WHERE body->>'digest' = ANY($1) ORDER BY id",
			[[digestOf("new"), digestOf("old"), digestOf("kept")]],
		);
		expect(rows).toEqual([
			{ type: "artifact.pushed", digest: digestOf("new") },
			{ type: "artifact.deleted", digest: digestOf("old") },
		]);
	});

	test("an index goes with its children, but for those with a tag or another index", async () => {
		const { registry, id, sync, db } = await fresh();
		const [one, two, three] = [image("i1"), image("i2"), image("i3")];
		registry.push("a", "x", index("x", [one, two, three]), [one, two, three]);
		registry.push("a", "y", index("y", [two]));
		registry.push("a", "three", three);
		await sync(id);
		registry.remove("a", digestOf("x"));
		registry.remove("a", digestOf("i1"));
		await sync(id);
		const found = await artifactsOf(db, id);
		expect([...found.keys()].sort()).toEqual([digestOf("y"), digestOf("i2"), digestOf("i3")].sort());
		expect(found.get(digestOf("i2"))?.top).toBe(false);
	});

	test("what is scanned stays until the scan has ended", async () => {
		const { registry, id, sync, db } = await fresh();
		registry.push("a", "1", image("busy"));
		registry.push("b", "1", image("other"));
		await sync(id);
		await db
			.updateTable("artifacts")
			.set({ state: "queued", active_scan_id: "7" })
			.where("digest", "=", digestOf("busy"))
			.execute();
		registry.remove("a", digestOf("busy"));
		await sync(id);
		expect((await artifactsOf(db, id)).has(digestOf("busy"))).toBe(true);
		await db
			.updateTable("artifacts")
			.set({ state: "stopped", active_scan_id: null })
			.where("digest", "=", digestOf("busy"))
			.execute();
		await sync(id);
		expect((await artifactsOf(db, id)).has(digestOf("busy"))).toBe(false);
	});

	test("a repository goes when the catalog ended without it and the registry does not know it", async () => {
		const { registry, id, sync, db } = await fresh();
		registry.push("a", "1", image("a"));
		registry.push("b", "1", image("b"));
		await sync(id);
		registry.remove("b");
		registry.fault = (question) => {
			if (question.startsWith("tags b")) throw forbidden();
		};
		await sync(id);
		expect(await tagsOf(db, id)).toHaveProperty("b:1");
		registry.fault = () => {};
		await sync(id);
		expect(await tagsOf(db, id)).toEqual({ "a:1": digestOf("a") });
	});

	test("a list that an administrator gave is the whole truth", async () => {
		const { registry, id, sync, db } = await fresh();
		for (const name of ["a", "b"]) registry.push(name, "1", image(name));
		await sync(id);
		const listed = {
			...registry.connector,
			repositories: async function* () {
				yield { names: ["a"], next: null };
			},
		};
		await db
			.updateTable("registries")
			.set({ repositories: ["a"] })
			.where("id", "=", id)
			.execute();
		await syncing(db, database.pool, listed).sync(id);
		expect(await tagsOf(db, id)).toEqual({ "a:1": digestOf("a") });
	});
});

describe("faults", () => {
	test("an error in the middle of a list deletes nothing, and the other repositories go on", async () => {
		const { registry, id, sync, db } = await fresh();
		for (const tag of ["1", "2", "3", "4", "5"]) registry.push("a", tag, image(`a${tag}`));
		registry.push("b", "1", image("b"));
		await sync(id);
		registry.remove("a", digestOf("a5"));
		registry.push("b", "2", image("b2"));
		registry.fault = (question) => {
			if (question === "tags a 2") throw new EngineError("registry_failed", "It answered 500.", "Try again.");
		};
		await sync(id);
		expect(Object.keys(await tagsOf(db, id))).toEqual(["a:1", "a:2", "a:3", "a:4", "a:5", "b:1", "b:2"]);
		expect(await syncStateOf(db, id)).toMatchObject({
			sync_state: "idle",
			sync_error: "1 of 2 repositories could not be read in full. a: It answered 500.",
		});
		registry.fault = () => {};
		await sync(id);
		expect(Object.keys(await tagsOf(db, id))).not.toContain("a:5");
	});

	test("a list that is suddenly empty takes no tag away that the registry still resolves", async () => {
		const { registry, id, sync, db } = await fresh();
		registry.push("a", "1", image("a"));
		await sync(id);
		const garbage = {
			...registry.connector,
			tags: async function* () {
				yield [];
			},
		};
		await syncing(db, database.pool, garbage).sync(id);
		expect(await tagsOf(db, id)).toEqual({ "a:1": digestOf("a") });
	});

	test("a catalog that is cut off goes on at its place, and asks for nothing twice", async () => {
		const { registry, id, sync, db } = await fresh();
		const names = ["a", "b", "c", "d", "e", "f", "g"];
		for (const name of names) registry.push(name, "1", image(name));
		registry.fault = (question) => {
			if (question === "catalog d") throw new EngineError("registry_rate_limited", "It allows no more.", "Wait.");
		};
		await sync(id);
		expect(await syncStateOf(db, id)).toMatchObject({
			sync_state: "failed",
			sync_error: "It allows no more.",
			sync_done: 4,
		});
		registry.fault = () => {};
		registry.asked.length = 0;
		await sync(id);
		expect(registry.asked.filter((question) => question.startsWith("catalog"))).toEqual(["catalog d", "catalog f"]);
		expect(registry.asked.filter((question) => question.startsWith("tags"))).toEqual(["tags e", "tags f", "tags g"]);
		expect(await syncStateOf(db, id)).toMatchObject({ sync_state: "idle", sync_done: 7, sync_total: 7 });
	});

	test("a place that the catalog knows no more is given up", async () => {
		const { registry, id, sync, db } = await fresh();
		for (const name of ["a", "b", "c", "d", "e"]) registry.push(name, "1", image(name));
		registry.fault = (question) => {
			if (question === "catalog b" || question === "catalog d")
				throw new EngineError("registry_failed", "It answered 400.", "Check.");
		};
		await sync(id);
		await sync(id);
		registry.fault = () => {};
		registry.asked.length = 0;
		await sync(id);
		expect(registry.asked[0]).toBe("catalog ");
		expect(await syncStateOf(db, id)).toMatchObject({ sync_state: "idle", sync_done: 5 });
	});

	test("a catalog without end stops", async () => {
		const { registry, id, db } = await fresh();
		const endless = {
			...registry.connector,
			repositories: async function* () {
				for (;;) yield { names: [], next: "x" };
			},
		};
		await syncing(db, database.pool, endless).sync(id);
		expect(await syncStateOf(db, id)).toMatchObject({
			sync_state: "failed",
			sync_error: "The pages of its catalog lead in a circle.",
		});
	});

	test("a registry that refuses everything has failed, and is left alone for longer each time", async () => {
		const { registry, id, sync, db, deps } = await fresh();
		registry.push("a", "1", image("a"));
		registry.fault = (question) => {
			if (!question.startsWith("catalog")) throw forbidden();
		};
		await sync(id);
		await sync(id);
		const state = await syncStateOf(db, id);
		expect(state).toMatchObject({ sync_state: "failed", sync_error: expect.stringContaining("It refuses.") });
		const ended = state.sync_finished_at?.getTime() ?? 0;
		const due = async (seconds: number) => (await deps.sync.due(new Date(ended + seconds * 1000))).includes(id);
		expect(await due(3500)).toBe(false);
		expect(await due(3601)).toBe(true);
		registry.fault = () => {};
		await sync(id);
		const again = (await syncStateOf(db, id)).sync_finished_at?.getTime() ?? 0;
		expect((await deps.sync.due(new Date(again + 890_000))).includes(id)).toBe(false);
		expect((await deps.sync.due(new Date(again + 901_000))).includes(id)).toBe(true);
	});

	test("what goes wrong here ends the job, to be done again", async () => {
		const { registry, id, sync, db, deps } = await fresh();
		registry.push("a", "1", image("a"));
		const broken = {
			...deps,
			writer: { ...deps.writer, pointTags: () => Promise.reject(new Error("connection lost")) },
		};
		const { signal } = new AbortController();
		await expect(syncRegistry({ registryId: id }, { ...broken, signal })).rejects.toThrow("connection lost");
		await sync(id);
		expect(await tagsOf(db, id)).toEqual({ "a:1": digestOf("a") });
	});
});
