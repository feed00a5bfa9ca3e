import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { gatekeeper } from "#server";
import {
	type AccessService,
	bearer,
	type Credentials,
	password,
	startAccessService,
} from "../support/access-service.ts";

let service: AccessService;
let admin: Credentials;
beforeAll(async () => {
	service = await startAccessService();
	await service.user("harbour-master", { platformAdmin: true });
	admin = await service.signIn("harbour-master");
});
afterAll(() => service.close());

let username = "";
let userId = "";
let session: Credentials = {};
let workspaceId = "";
let made = 0;
beforeEach(async () => {
	username = `sailor-${++made}`;
	userId = await service.user(username);
	workspaceId = await service.workspace(`boat ${made}`, { [userId]: "editor" });
	session = await service.signIn(username);
});

const tokenInput = { name: "ci", scopes: ["read"], expiresInDays: 30 };

async function newToken(by: Credentials, input: object = {}): Promise<{ id: string; secret: string }> {
	const answer = await service.ask("POST", "tokens", by, { ...tokenInput, ...input });
	if (answer.statusCode !== 201) throw new Error(answer.body);
	return answer.json();
}
const statusOf = async (secret: string, path = "me") => (await service.ask("GET", path, bearer(secret))).statusCode;

/** The sight that the gatekeeper gives a token. */
async function sightOf(secret: string) {
	const request = { url: "/", method: "GET", headers: bearer(secret), routeOptions: { config: {} } };
	const found = await gatekeeper(service.access).identify(request as never);
	return found?.sight ?? null;
}

describe("an API token", () => {
	test("is shown once, kept as a hash, and signs requests in until it is revoked", async () => {
		const answer = await service.ask("POST", "tokens", session, { ...tokenInput, scopes: ["scan", "read"] });
		expect(answer.headers["cache-control"]).toBe("no-store");
		const { id, secret, ...shown } = answer.json();
		expect(secret).toMatch(/^plim_[0-9A-Za-z]{49}$/);
		expect(shown).toMatchObject({ name: "ci", scopes: ["read", "scan"], workspaceId: null, lastUsedAt: null });
		const days = (Date.parse(shown.expiresAt) - Date.parse(shown.createdAt)) / 86_400_000;
		expect(days).toBeCloseTo(30, 1);
		expect((await service.ask("GET", "me", bearer(secret))).json()).toMatchObject({
			username,
			scopes: ["read", "scan"],
			csrfToken: null,
		});
		const listed = await service.ask("GET", "tokens", session);
		expect(listed.json().items).toMatchObject([{ id, name: "ci" }]);
		const { rows } = await sql<{ row: string }>`SELECT t::text AS row FROM api_tokens t`.execute(service.database.db);
		expect(listed.body + rows.map(({ row }) => row).join()).not.toContain(secret.slice(5));
		expect((await service.ask("DELETE", `tokens/${id}`, session)).statusCode).toBe(204);
		expect(await statusOf(secret)).toBe(401);
	});

	test("is refused with one answer, whatever is wrong with it", async () => {
		const { secret } = await newToken(session);
		const expired = await newToken(session);
		await sql`UPDATE api_tokens SET expires_at = now() - interval '1 second' WHERE id = ${expired.id}`.execute(
			service.database.db,
		);
		const revoked = await newToken(session);
		await service.ask("DELETE", `tokens/${revoked.id}`, session);
		const headers = [
			`Bearer ${expired.secret}`,
			`Bearer ${revoked.secret}`,
			`Bearer ${secret}x`,
			`Bearer ${secret} x`,
			"Bearer ",
			"Bearer",
			"",
			secret,
			`Token ${secret}`,
			`Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`,
			`Basic ${Buffer.from(`${username}:${secret}`).toString("base64")}`,
			`Bearer ${"x".repeat(100_000)}`,
			`Bearer ${secret.slice(0, -1)}${secret.endsWith("0") ? "1" : "0"}`,
			`Bearer ' OR 1=1 --`,
		];
		const answers = [];
		for (const authorization of headers) {
			const { statusCode, body } = await service.ask("GET", "me", { authorization });
			answers.push(`${statusCode} ${body}`);
		}
		expect(new Set(answers).size).toBe(1);
		expect(answers[0]).toMatch(/^401 /);
		expect(await statusOf(secret)).toBe(200);
		expect((await service.ask("GET", "me", { authorization: `bearer ${secret}` })).statusCode).toBe(200);
	});

	test("that is not valid is not made up for by a session beside it", async () => {
		const answer = await service.ask("GET", "me", { ...session, authorization: "Bearer plim_x" });
		expect(answer.statusCode).toBe(401);
	});

	test("in an address is refused, even beside a right one", async () => {
		const { secret } = await newToken(session);
		for (const name of ["token", "access_token", "q"]) {
			const answer = await service.ask("GET", `workspaces?${name}=${secret}`, bearer(secret));
			expect(answer.statusCode).toBe(401);
			expect(answer.body).not.toContain(secret);
		}
		expect((await service.ask("GET", `me?access_token=${secret}`)).statusCode).toBe(401);
	});

	test("cannot make or revoke tokens, change a password, or sign out", async () => {
		await service.access.setMember(workspaceId, userId, "admin");
		const { id, secret } = await newToken(session, { scopes: ["read", "scan", "admin"] });
		const answers = [
			await service.ask("POST", "tokens", bearer(secret), tokenInput),
			await service.ask("GET", "tokens", bearer(secret)),
			await service.ask("DELETE", `tokens/${id}`, bearer(secret)),
			await service.ask("POST", "me/password", bearer(secret), { current: password, next: "another password here" }),
			await service.ask("DELETE", "sessions/current", bearer(secret)),
			await service.ask("DELETE", "sessions", bearer(secret)),
		];
		expect(answers.map(({ statusCode }) => statusCode)).toEqual([403, 403, 403, 403, 403, 403]);
		expect((await service.ask("GET", "me", session)).statusCode).toBe(200);
	});

	test("of an administrator cannot make administrators or set passwords", async () => {
		const { secret } = await newToken(admin, { scopes: ["read", "admin"] });
		const by = bearer(secret);
		const next = "another password here";
		const refused = [
			await service.ask("POST", "users", by, { username: "second", password: next, platformAdmin: true }),
			await service.ask("PATCH", `users/${userId}`, by, { platformAdmin: true }),
			await service.ask("PATCH", `users/${userId}`, by, { password: next }),
		];
		expect(refused.map(({ statusCode }) => statusCode)).toEqual([403, 403, 403]);
		expect((await service.ask("POST", "users", by, { username: "hired", password: next })).statusCode).toBe(201);
		expect((await service.ask("PATCH", `users/${userId}`, by, { disabled: false })).statusCode).toBe(200);
	});

	test("dies with its user's being disabled, and so do sessions, which stay dead", async () => {
		const { secret } = await newToken(session);
		expect((await service.ask("PATCH", `users/${userId}`, admin, { disabled: true })).statusCode).toBe(200);
		expect(await statusOf(secret)).toBe(401);
		expect((await service.ask("GET", "me", session)).statusCode).toBe(401);
		await service.ask("PATCH", `users/${userId}`, admin, { disabled: false });
		expect(await statusOf(secret)).toBe(200);
		expect((await service.ask("GET", "me", session)).statusCode).toBe(401);
	});

	test("is dead as soon as a row says so, without any route", async () => {
		const { secret } = await newToken(session);
		await sql`UPDATE users SET disabled = true WHERE id = ${userId}`.execute(service.database.db);
		expect(await statusOf(secret)).toBe(401);
		expect((await service.ask("GET", "me", session)).statusCode).toBe(401);
	});

	test("has its last use written at most once a minute", async () => {
		const { id, secret } = await newToken(session);
		const { db } = service.database;
		const lastUse = async () =>
			(await db.selectFrom("api_tokens").select("last_used_at").where("id", "=", id).executeTakeFirstOrThrow())
				.last_used_at;
		expect(await lastUse()).toBeNull();
		await statusOf(secret);
		const first = await lastUse();
		expect(first).not.toBeNull();
		await statusOf(secret);
		expect(await lastUse()).toEqual(first);
		await sql`UPDATE api_tokens SET last_used_at = now() - interval '61 seconds' WHERE id = ${id}`.execute(db);
		await statusOf(secret);
		expect((await lastUse())?.getTime()).toBeGreaterThanOrEqual(first?.getTime() ?? Infinity);
	});

	test.each([
		[{ scopes: [] }, 400],
		[{ scopes: ["write"] }, 400],
		[{ expiresInDays: 367 }, 400],
		[{ expiresInDays: 0 }, 400],
		[{ expiresInDays: 1.5 }, 400],
		[{ name: "" }, 400],
		[{ name: "a\nb" }, 400],
		[{ name: "a\0b" }, 400],
		[{ workspaceId: "0" }, 400],
		[{ scopes: ["admin"] }, 403],
		[{ scopes: ["read", "scan", "admin"] }, 403],
		[{ workspaceId: "999999999999999999" }, 404],
		[{ expiresInDays: 366, scopes: ["read", "scan"] }, 201],
		[{ name: "'; DROP TABLE users; --" }, 201],
	])("with %j: %i", async (input, status) => {
		expect((await service.ask("POST", "tokens", session, { ...tokenInput, ...input })).statusCode).toBe(status);
	});

	test("never has more scopes than its user in the workspace that it is bound to", async () => {
		const other = await service.workspace(`other ${made}`, { [userId]: "viewer" });
		const foreign = await service.workspace(`foreign ${made}`);
		const asked = (id: string, scope: string) =>
			service.ask("POST", "tokens", session, { ...tokenInput, workspaceId: id, scopes: [scope] });
		expect((await asked(workspaceId, "scan")).statusCode).toBe(201);
		expect((await asked(other, "scan")).statusCode).toBe(403);
		expect((await asked(other, "read")).statusCode).toBe(201);
		const [hidden, nothing] = [await asked(foreign, "read"), await asked("999999999999999999", "read")];
		expect([hidden.statusCode, hidden.body]).toEqual([404, nothing.body]);
	});
});

describe("sight", () => {
	test("is of the user's spaces with the highest role, and public ones", async () => {
		const second = await service.workspace(`second ${made}`, { [userId]: "viewer" });
		const foreign = await service.workspace(`foreign ${made}`);
		const both = await service.space(`both ${made}`, { workspaceId });
		await service.access.bindSpace(second, both);
		const viewed = await service.space(`viewed ${made}`, { workspaceId: second });
		const open = await service.space(`open ${made}`, { public: true });
		const hidden = await service.space(`hidden ${made}`, { workspaceId: foreign });
		const { secret } = await newToken(session, { scopes: ["read", "scan"] });
		const sight = await sightOf(secret);
		expect(sight?.all).toBe(false);
		expect(sight?.spaces.get(both)).toBe("editor");
		expect(sight?.spaces.get(viewed)).toBe("viewer");
		expect(sight?.spaces.get(open)).toBe("viewer");
		expect(sight?.spaces.has(hidden)).toBe(false);

		const reading = await newToken(session);
		expect((await sightOf(reading.secret))?.spaces.get(both)).toBe("viewer");

		const bound = await newToken(session, { workspaceId, scopes: ["scan"] });
		expect((await sightOf(bound.secret))?.spaces).toEqual(new Map([[both, "editor"]]));
		expect((await service.ask("GET", "workspaces", bearer(secret))).json().items).toHaveLength(2);

		await service.access.removeMember(workspaceId, userId);
		expect((await sightOf(bound.secret))?.spaces).toEqual(new Map());
		expect((await sightOf(secret))?.spaces.get(both)).toBe("viewer");
		await sql`UPDATE spaces SET public = false WHERE id = ${open}`.execute(service.database.db);
	});

	test("of a platform administrator's token is all, but its scopes hold", async () => {
		const { secret } = await newToken(admin);
		expect((await sightOf(secret))?.all).toBe(true);
		expect(await statusOf(secret, `workspaces/${workspaceId}`)).toBe(200);
		expect(await statusOf(secret, "users")).toBe(403);
		expect(await statusOf(secret, "audit")).toBe(403);
		const bound = await newToken(admin, { workspaceId, scopes: ["read", "admin"] });
		const space = await service.space(`bound ${made}`, { workspaceId });
		expect(await sightOf(bound.secret)).toEqual({ all: false, spaces: new Map([[space, "admin"]]) });
		expect(await statusOf(bound.secret, `workspaces/${workspaceId}/members`)).toBe(200);
		expect(await statusOf(bound.secret, "users")).toBe(403);
		const other = await service.workspace(`unbound ${made}`);
		expect(await statusOf(bound.secret, `workspaces/${other}`)).toBe(404);
	});

	test("shrinks with the user, whatever the token was given", async () => {
		const { secret } = await newToken(admin, { scopes: ["read", "admin"] });
		expect(await statusOf(secret, "users")).toBe(200);
		await sql`UPDATE users SET platform_admin = false WHERE username = 'harbour-master'`.execute(service.database.db);
		expect(await statusOf(secret, "users")).toBe(403);
		expect((await sightOf(secret))?.all).toBe(false);
		await sql`UPDATE users SET platform_admin = true WHERE username = 'harbour-master'`.execute(service.database.db);
	});
});
