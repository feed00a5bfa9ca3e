import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AccessService, type Credentials, password, startAccessService } from "../support/access-service.ts";

let service: AccessService;
let admin: Credentials;
let adminId: string;
beforeAll(async () => {
	service = await startAccessService();
	adminId = await service.user("harbour-master", { platformAdmin: true });
	admin = await service.signIn("harbour-master");
});
afterAll(() => service.close());

const strange = ["a'b", 'a"b', "a\\b", "a;b", "a%b_c", "$1", "\u{1f6a2} 船", "a --b", "<b>a</b>", "{{a}}", "a\u202eb"];

describe("the first administrator", () => {
	test("is made once, however many processes start", async () => {
		const other = await startAccessService();
		try {
			const made = await Promise.all(
				["one", "two", "three", "four"].map((name) => other.access.ensureAdministrator(name, password)),
			);
			expect(made.filter(Boolean)).toHaveLength(1);
			expect((await other.access.users({})).items).toMatchObject([{ platformAdmin: true }]);
			expect(await other.access.ensureAdministrator("five", password)).toBe(false);
			const [first] = (await other.access.users({})).items;
			const account = await other.access.account(first?.username ?? "");
			expect(account?.mustChangePassword).toBe(true);
		} finally {
			await other.close();
		}
	});
});

describe("the last platform administrator", () => {
	test("stays, also when two take the right from each other at once", async () => {
		for (const body of [{ disabled: true }, { platformAdmin: false }, { platformAdmin: false, disabled: true }]) {
			const answer = await service.ask("PATCH", `users/${adminId}`, admin, body);
			expect([answer.statusCode, answer.json().code]).toEqual([409, "conflict"]);
		}
		expect((await service.ask("DELETE", `users/${adminId}`, admin)).statusCode).toBe(409);
		const disabledId = await service.user("retired", { platformAdmin: true });
		await service.ask("PATCH", `users/${disabledId}`, admin, { disabled: true });
		// One who is disabled does not count.
		expect((await service.ask("PATCH", `users/${adminId}`, admin, { platformAdmin: false })).statusCode).toBe(409);
		const changes: readonly ((id: string) => Promise<unknown>)[] = [
			(id) => service.access.changeUser(id, { platformAdmin: false }),
			(id) => service.access.changeUser(id, { disabled: true }),
			(id) => service.access.deleteUser(id),
		];
		for (const change of changes) {
			const ids = [await service.user("a", { platformAdmin: true }), await service.user("b", { platformAdmin: true })];
			await service.access.changeUser(adminId, { platformAdmin: false });
			const outcomes = await Promise.allSettled(ids.map((id) => change(id)));
			expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
			await service.access.changeUser(adminId, { platformAdmin: true });
			for (const id of ids) await service.access.deleteUser(id);
		}
		await service.access.deleteUser(disabledId);
	});
});

describe("users", () => {
	test("are made, listed, changed and deleted", async () => {
		const made = await service.ask("POST", "users", admin, { username: "Ann.Other", password });
		expect(made.statusCode).toBe(201);
		const { id } = made.json();
		expect(made.json()).toMatchObject({
			username: "Ann.Other",
			platformAdmin: false,
			disabled: false,
			lastSeenAt: null,
		});
		expect((await service.ask("POST", "users", admin, { username: "ann.other", password })).statusCode).toBe(409);
		const session = await service.signIn("Ann.Other");
		expect((await service.ask("GET", "workspaces", session)).json().code).toBe("password_change_required");
		const changed = await service.ask("PATCH", `users/${id}`, admin, { password: "given by the master" });
		expect(changed.statusCode).toBe(200);
		expect((await service.ask("GET", "me", session)).statusCode).toBe(401);
		expect((await service.ask("GET", `users?q=N.OTH`, admin)).json().items).toMatchObject([{ id }]);
		expect((await service.ask("DELETE", `users/${id}`, admin)).statusCode).toBe(204);
		expect((await service.ask("GET", `users/${id}`, admin)).statusCode).toBe(404);
		expect((await service.ask("DELETE", `users/${id}`, admin)).statusCode).toBe(404);
		expect((await service.ask("PATCH", `users/${id}`, admin, { disabled: true })).statusCode).toBe(404);
	});

	test("have names that fit in a header and a log", async () => {
		for (const username of [...strange, "", "a b", "-a", "a\r\nset-cookie: x=y", "a\0", "x".repeat(65)]) {
			expect((await service.ask("POST", "users", admin, { username, password })).statusCode).toBe(400);
		}
		expect((await service.ask("POST", "users", admin, { username: "a", password: "short" })).statusCode).toBe(400);
	});

	test("are paged without loss by every sort, both ways", async () => {
		for (let index = 0; index < 7; index++) await service.user(`paged-${index}`);
		for (const sort of ["username", "-username", "createdAt", "-createdAt", "lastSeenAt", "-lastSeenAt"]) {
			const seen: string[] = [];
			let next: string | null = "";
			while (next !== null) {
				const cursor: string = next === "" ? "" : `&cursor=${next}`;
				const page = (
					await service.ask("GET", `users?q=paged-&limit=3&total=true&sort=${sort}${cursor}`, admin)
				).json();
				expect(page.total).toBe(7);
				seen.push(...page.items.map((one: { username: string }) => one.username));
				next = page.next;
			}
			expect([...seen].sort()).toEqual(Array.from({ length: 7 }, (_, index) => `paged-${index}`));
		}
		for (const query of ["sort=password_hash", "sort=username;--", "cursor=x", "limit=0", "limit=201", "q=%00", "x=1"])
			expect((await service.ask("GET", `users?${query}`, admin)).statusCode, query).toBe(400);
		const forged = Buffer.from(JSON.stringify(["createdAt", "not a time", "1"])).toString("base64url");
		expect((await service.ask("GET", `users?sort=createdAt&cursor=${forged}`, admin)).statusCode).toBe(400);
	});

	test.each(strange)("are searched for %j literally", async (text) => {
		const answer = await service.ask("GET", `users?q=${encodeURIComponent(text)}`, admin);
		expect([answer.statusCode, answer.json().items]).toEqual([200, []]);
	});
});

describe("workspaces", () => {
	test("are made, renamed, given members and spaces, and deleted", async () => {
		const made = await service.ask("POST", "workspaces", admin, { name: "crew" });
		expect(made.json()).toMatchObject({ name: "crew", members: 0, spaces: 0 });
		const { id } = made.json();
		expect((await service.ask("POST", "workspaces", admin, { name: "crew" })).statusCode).toBe(409);
		const user = await service.user("boatswain");
		const space = await service.space("hold");
		expect((await service.ask("PUT", `workspaces/${id}/members/${user}`, admin, { role: "admin" })).json()).toEqual({
			userId: user,
			username: "boatswain",
			role: "admin",
		});
		const bound = { id: space, registryName: "registry of hold", name: "hold" };
		expect((await service.ask("PUT", `workspaces/${id}/spaces/${space}`, admin)).json()).toMatchObject(bound);
		expect((await service.ask("PUT", `workspaces/${id}/spaces/${space}`, admin)).statusCode).toBe(200);
		const session = await service.signIn("boatswain");
		expect((await service.ask("GET", "me", session)).json().workspaces).toEqual([{ id, name: "crew", role: "admin" }]);
		expect((await service.ask("GET", "workspaces", session)).json().items).toMatchObject([
			{ id, members: 1, spaces: 1 },
		]);
		expect((await service.ask("GET", `workspaces/${id}/spaces`, session)).json().items).toMatchObject([bound]);
		expect((await service.ask("GET", `workspaces/${id}/spaces/${space}`, session)).json()).toMatchObject(bound);
		expect((await service.ask("GET", `workspaces/${id}/members/${user}`, session)).json().role).toBe("admin");
		const renamed = await service.ask("PATCH", `workspaces/${id}`, session, { name: "all hands" });
		expect(renamed.json()).toMatchObject({ id, name: "all hands" });
		expect((await service.ask("PUT", `workspaces/${id}/members/999999`, session, { role: "viewer" })).statusCode).toBe(
			404,
		);
		expect((await service.ask("PUT", `workspaces/${id}/spaces/999999`, admin)).statusCode).toBe(404);
		expect((await service.ask("DELETE", `workspaces/${id}/spaces/${space}`, admin)).statusCode).toBe(204);
		expect((await service.ask("DELETE", `workspaces/${id}/spaces/${space}`, admin)).statusCode).toBe(404);
		expect((await service.ask("DELETE", `workspaces/${id}/members/${user}`, session)).statusCode).toBe(204);
		expect((await service.ask("GET", `workspaces/${id}`, session)).statusCode).toBe(404);
		expect((await service.ask("DELETE", `workspaces/${id}`, admin)).statusCode).toBe(204);
		expect((await service.ask("GET", `workspaces/${id}`, admin)).statusCode).toBe(404);
	});

	test.each(strange)("may be called %j", async (name) => {
		const made = await service.ask("POST", "workspaces", admin, { name });
		expect(made.json().name).toBe(name);
		const found = await service.ask("GET", `workspaces?q=${encodeURIComponent(name)}`, admin);
		expect(found.json().items).toMatchObject([{ name }]);
	});

	test("may not be called what no text holds", async () => {
		for (const name of ["a\0b", "a\r\nb", "", "x".repeat(101)])
			expect((await service.ask("POST", "workspaces", admin, { name })).statusCode).toBe(400);
	});

	test("take a member of two requests at once", async () => {
		const id = await service.workspace("at once");
		const user = await service.user("twice");
		const answers = await Promise.all(
			(["viewer", "editor", "admin", "viewer"] as const).map((role) => service.access.setMember(id, user, role)),
		);
		expect(answers.every((member) => member?.userId === user)).toBe(true);
		expect((await service.access.members(id, {})).items).toHaveLength(1);
	});
});

describe("the audit log", () => {
	test("says who did what, by which way, from where, and keeps no secret", async () => {
		const answer = await service.ask("POST", "users", admin, { username: "audited", password });
		const { id } = answer.json();
		await service.ask("PATCH", `users/${id}`, admin, { password: "one more secret", disabled: true });
		await service.ask("POST", "sessions", {}, { username: "audited", password: "wrong secret" });
		await service.ask("POST", "sessions", {}, { username: "never there", password: "wrong secret" });
		await service.ask("DELETE", `users/${id}`, admin);
		const log = await service.ask("GET", "audit?limit=5", admin);
		const by = { actor: "harbour-master", via: "session", address: "127.0.0.1", outcome: "done" };
		const subject = `user/${id}`;
		expect(log.json().items).toMatchObject([
			{ ...by, action: "user.delete", subject, details: { username: "audited" } },
			{ action: "session.create", subject: "user", actor: null, outcome: "refused", details: {} },
			{ action: "session.create", subject, actor: "audited", outcome: "refused" },
			{ ...by, action: "user.update", subject, details: { username: "audited", password: "set", disabled: true } },
			{ ...by, action: "user.create", subject, details: { username: "audited", platformAdmin: false } },
		]);
		expect(log.body).not.toMatch(/secret|never there|tide/);
		const filtered = async (query: string) =>
			(await service.ask("GET", `audit?${query}`, admin)).json().items.map((one: { action: string }) => one.action);
		expect(await filtered(`subject=${subject}&action=user.`)).toEqual(["user.delete", "user.update", "user.create"]);
		expect(await filtered(`subject=${subject}&actor=AUDITED`)).toEqual(["session.create"]);
		expect(await filtered("action=user.%25")).toEqual([]);
		expect(await filtered("since=2999-01-01T00:00:00Z")).toEqual([]);
		expect(await filtered(`subject=${subject}&until=2999-01-01T00:00:00Z&action=session`)).toEqual(["session.create"]);
		for (const query of ["since=yesterday", "until=2026-99-99T00:00:00Z", "actor=%00", "sort=actor", "since=infinity"])
			expect((await service.ask("GET", `audit?${query}`, admin)).statusCode, query).toBe(400);
	});

	test("is paged backwards in time", async () => {
		const first = (await service.ask("GET", "audit?limit=2&total=true", admin)).json();
		const second = (await service.ask("GET", `audit?limit=2&cursor=${first.next}`, admin)).json();
		const ids = [...first.items, ...second.items].map((one: { id: string }) => Number(one.id));
		expect(ids).toEqual([...ids].sort((a, b) => b - a));
		expect(new Set(ids).size).toBe(4);
		expect(first.total).toBeGreaterThan(4);
	});

	test("keeps an entry whose texts PostgreSQL could not", async () => {
		const { auditStore } = await import("#store");
		const entry = { userId: null, actor: null, via: "system", outcome: "done", address: null } as const;
		const log = auditStore(service.database.db);
		await log.append({ ...entry, action: "test", subject: "a\0b", details: { a: "x\0y", b: ["\ud800"] } });
		expect((await log.list({ action: "test" })).items).toMatchObject([
			{ subject: "a␀b", details: { a: "x␀y", b: ["\ufffd"] } },
		]);
	});
});

describe("over real HTTP", () => {
	test("a cookie of 100 KB, broken headers and two Authorization headers end well", async () => {
		const url = await service.app.listen({ host: "127.0.0.1", port: 0 });
		const cookie = `plimsoll_session=${"x".repeat(100_000)}`;
		expect((await fetch(`${url}/api/v1/me`, { headers: { cookie } })).status).toBe(431);
		const raw = await rawAnswers(url, [
			`GET /api/v1/me HTTP/1.1\r\nhost: a\r\nauthorization: Bearer x\r\nauthorization: ${admin["cookie"]}\r\nconnection: close\r\n\r\n`,
			`GET /api/v1/me HTTP/1.1\r\nhost: a\r\ncookie: ${admin["cookie"]}\r\ncookie: ${admin["cookie"]}\r\nconnection: close\r\n\r\n`,
			`GET /api/v1/me HTTP/1.1\r\nhost: a\r\ncookie: ${admin["cookie"]}\r\nx: a\rb\r\nconnection: close\r\n\r\n`,
			`GET /api/v1/me HTTP/1.1\r\nhost: a\r\ncookie: plimsoll_session=\xff\x01\r\nconnection: close\r\n\r\n`,
		]);
		expect(raw).toEqual([401, 401, 400, 400]);
		expect((await fetch(`${url}/api/v1/me`, { headers: { cookie: admin["cookie"] ?? "" } })).status).toBe(200);
	});

	async function rawAnswers(url: string, requests: readonly string[]): Promise<readonly number[]> {
		const { connect } = await import("node:net");
		const { port, hostname } = new URL(url);
		return Promise.all(
			requests.map(async (text) => {
				const socket = connect(Number(port), hostname);
				socket.end(Buffer.from(text, "latin1"));
				const chunks = await socket.toArray();
				return Number(/^HTTP\/1\.1 (\d+)/.exec(Buffer.concat(chunks as Buffer[]).toString("latin1"))?.[1]);
			}),
		);
	}

	test("nothing that is kept was harmed by any of it", async () => {
		const { rows } = await sql<{ users: number }>`SELECT count(*)::int AS users FROM users`.execute(
			service.database.db,
		);
		expect(rows[0]?.users).toBeGreaterThan(5);
	});
});
