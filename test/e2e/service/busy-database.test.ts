/** A database that is slow, has no connection to give, or is away: people are told so in time, and nothing hangs. */
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type App, artifactRoutes, createApp, seesAll } from "#server";
import { catalogStore, databaseTrouble, type OpenedDatabase, openDatabase } from "#store";
import { type TestDatabase, testDatabase } from "#store/testing";
import { eventually } from "../support/eventually.ts";

let server: TestDatabase;
let opened: OpenedDatabase;
let app: App;
beforeAll(async () => {
	server = await testDatabase();
	opened = await openDatabase(server.url, { connections: 2, statementMilliseconds: 500, waitMilliseconds: 500 });
	const principal = {
		userId: "1",
		username: "ann",
		platformAdmin: true,
		via: "session" as const,
		scopes: new Set(["read", "scan", "admin"] as const),
		workspaceId: null,
		mustChangePassword: false,
	};
	const identify = async () => ({ principal, sight: seesAll });
	app = createApp({ gatekeeper: { identify }, log: null, explainTrouble: databaseTrouble });
	artifactRoutes(app, { catalog: catalogStore(opened.db), access: { roleIn: async () => "admin" } });
});
afterAll(async () => {
	await app.close();
	await opened.close();
	await server.close();
});

async function ask(): Promise<readonly unknown[]> {
	const answer = await app.inject("/api/v1/artifacts?total=true");
	return answer.statusCode === 200
		? [200]
		: [
				answer.statusCode,
				answer.json<{ code: string }>().code,
				Number(answer.headers["retry-after"]) > 0,
				answer.json(),
			];
}
const unavailable = (detail: RegExp) => [
	503,
	"unavailable",
	true,
	expect.objectContaining({ detail: expect.stringMatching(detail) }),
];

test("a query that takes too long is given up by the database itself", async () => {
	const { pool } = server;
	const holder = await pool.connect();
	await holder.query("BEGIN");
	await holder.query("LOCK TABLE artifacts IN ACCESS EXCLUSIVE MODE");
	expect(await ask()).toEqual(unavailable(/took too long/));
	// Counting was asked for at the same time, and ends some milliseconds later.
	await eventually(async () => {
		const { rows } = await holder.query("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'");
		return rows.length === 0 || null;
	});
	await holder.query("ROLLBACK");
	holder.release();
	expect(await ask()).toEqual([200]);
});

test("a connection that others hold is waited for no longer than was said", async () => {
	const held = [await opened.pool.connect(), await opened.pool.connect()];
	expect(await Promise.all([ask(), ask(), ask()])).toEqual(
		Array.from({ length: 3 }, () => unavailable(/too much to do/)),
	);
	for (const one of held) one.release();
	expect(await ask()).toEqual([200]);
});

test("connections that are cut are replaced", async () => {
	await ask();
	await server.pool.query(
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()",
	);
	const seen: (readonly unknown[])[] = [];
	await eventually(async () => {
		seen.push(await ask());
		return seen.at(-1)?.[0] === 200 || null;
	});
	for (const before of seen.slice(0, -1)) expect(before).toEqual(unavailable(/does not answer/));
});

test("what is no trouble of the database is none", () => {
	const [missing, mistake] = [new Error("open"), new Error("column does not exist")];
	Object.assign(missing, { code: "ENOENT", syscall: "open" });
	Object.assign(mistake, { code: "42703" });
	for (const error of [missing, mistake, new TypeError("x"), "text", null]) expect(databaseTrouble(error)).toBeNull();
	const full = new pg.DatabaseError("could not extend file", 1, "error");
	full.code = "53100";
	expect(databaseTrouble(full)).toMatchObject({ code: "storage_full" });
	const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" });
	expect(databaseTrouble(refused)).toMatchObject({ code: "unavailable", cause: refused });
});
