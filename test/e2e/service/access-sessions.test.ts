import { hash } from "@node-rs/argon2";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AccessService, cookieOf, password, startAccessService } from "../support/access-service.ts";

let service: AccessService;
beforeAll(async () => {
	service = await startAccessService();
});
afterAll(() => service.close());

let made = 0;
/** A user of its own for each test, with an address of its own behind it: failures are counted by both. */
async function newUser(): Promise<string> {
	await sql`DELETE FROM sign_in_failures`.execute(service.database.db);
	const username = `person-${++made}`;
	await service.user(username);
	return username;
}

async function tries(username: string, typed: string): Promise<{ status: number; body: string; retryAfter: unknown }> {
	const answer = await service.ask("POST", "sessions", {}, { username, password: typed });
	return { status: answer.statusCode, body: answer.body, retryAfter: answer.headers["retry-after"] };
}

/** Moves all that is kept of failed sign-ins so far into the past. */
async function wait(seconds: number): Promise<void> {
	await sql`UPDATE sign_in_failures SET locked_until = locked_until - make_interval(secs => ${seconds}),
		last_at = last_at - make_interval(secs => ${seconds})`.execute(service.database.db);
}

describe("a session", () => {
	test("is a cookie that scripts cannot read and other sites cannot use, of which only the hash is kept", async () => {
		const username = await newUser();
		const answer = await service.ask("POST", "sessions", {}, { username: username.toUpperCase(), password });
		expect(answer.statusCode).toBe(201);
		expect(answer.headers["set-cookie"]).toMatch(
			/^plimsoll_session=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=60479\d; HttpOnly; SameSite=Strict; Secure$/,
		);
		const { csrfToken, mustChangePassword } = answer.json();
		expect(mustChangePassword).toBe(false);
		const secret = cookieOf(answer).split("=")[1] ?? "";
		const { rows } = await sql<{ row: string }>`SELECT s::text AS row FROM sessions s`.execute(service.database.db);
		const kept = rows.map(({ row }) => row).join();
		for (const text of [secret, Buffer.from(secret).toString("hex"), Buffer.from(secret, "base64url").toString("hex")])
			expect(kept).not.toContain(text);
		expect(kept).not.toContain(Buffer.from(csrfToken).toString("hex"));
		const me = await service.ask("GET", "me", { cookie: `other=1; ${cookieOf(answer)}; another=2` });
		expect(me.json()).toMatchObject({ username, csrfToken, scopes: ["read", "scan", "admin"], platformAdmin: false });
		expect(me.headers["cache-control"]).toBe("no-store");
	});

	test("ends when its user signs out", async () => {
		const username = await newUser();
		const [here, there] = [await service.signIn(username), await service.signIn(username)];
		const answer = await service.ask("DELETE", "sessions/current", here);
		expect([answer.statusCode, answer.body]).toEqual([204, ""]);
		expect(answer.headers["set-cookie"]).toContain("plimsoll_session=; Path=/; Max-Age=0");
		expect((await service.ask("GET", "me", here)).statusCode).toBe(401);
		expect((await service.ask("GET", "me", there)).statusCode).toBe(200);
		const third = await service.signIn(username);
		expect((await service.ask("DELETE", "sessions", there)).statusCode).toBe(204);
		for (const ended of [there, third]) expect((await service.ask("GET", "me", ended)).statusCode).toBe(401);
	});

	test("ends 8 hours after its last use, and after 7 days whatever happens", async () => {
		const { db } = service.database;
		const session = await service.signIn(await newUser());
		const works = async (): Promise<boolean> => (await service.ask("GET", "me", session)).statusCode === 200;
		await sql`UPDATE sessions SET seen_at = now() - interval '7 hours 59 minutes'`.execute(db);
		expect(await works()).toBe(true);
		// That use counted: the next hours begin there.
		const { rows } = await sql<{ fresh: boolean }>`
			SELECT bool_or(seen_at > now() - interval '1 minute') AS fresh FROM sessions`.execute(db);
		expect(rows[0]?.fresh).toBe(true);
		await sql`UPDATE sessions SET expires_at = now() - interval '1 second'`.execute(db);
		expect(await works()).toBe(false);
		await sql`UPDATE sessions SET expires_at = now() + interval '1 hour'`.execute(db);
		expect(await works()).toBe(true);
		await sql`UPDATE sessions SET seen_at = now() - interval '8 hours 1 second'`.execute(db);
		expect(await works()).toBe(false);
		expect(await service.access.pruneAccess()).toBeGreaterThan(0);
		const left = await sql<{ count: string }>`SELECT count(*) AS count FROM sessions`.execute(db);
		expect(left.rows[0]?.count).toBe("0");
	});

	test("is written at most once a minute", async () => {
		const { db } = service.database;
		const session = await service.signIn(await newUser());
		await sql`UPDATE sessions SET seen_at = now() - interval '50 seconds'`.execute(db);
		const before = await sql`SELECT seen_at FROM sessions`.execute(db);
		await service.ask("GET", "me", session);
		expect((await sql`SELECT seen_at FROM sessions`.execute(db)).rows).toEqual(before.rows);
	});

	test("is always a new one: what the browser brought along is not taken over, and ends", async () => {
		const username = await newUser();
		const foreign = `plimsoll_session=${"A".repeat(43)}`;
		const answer = await service.ask("POST", "sessions", { cookie: foreign }, { username, password });
		expect(cookieOf(answer)).not.toBe(foreign);
		expect((await service.ask("GET", "me", { cookie: foreign })).statusCode).toBe(401);
		const again = await service.ask("POST", "sessions", { cookie: cookieOf(answer) }, { username, password });
		expect(again.statusCode).toBe(201);
		expect((await service.ask("GET", "me", { cookie: cookieOf(answer) })).statusCode).toBe(401);
		expect((await service.ask("GET", "me", { cookie: cookieOf(again) })).statusCode).toBe(200);
	});

	test("is not taken from two cookies of one name, in either order", async () => {
		const username = await newUser();
		const [one, other] = [await service.signIn(username), await service.signIn(username)];
		for (const cookie of [`${one["cookie"]}; ${other["cookie"]}`, `plimsoll_session=x; ${one["cookie"]}`]) {
			const answer = await service.ask("GET", "me", { cookie });
			expect(answer.statusCode).toBe(401);
			expect(answer.json().detail).toContain("more than one session cookie");
			expect((await service.ask("POST", "sessions", { cookie }, { username, password })).statusCode).toBe(201);
		}
	});

	test("is not made any more when the password changes while it is checked", async () => {
		const username = await newUser();
		const account = await service.access.account(username);
		if (!account) throw new Error("no account");
		await sql`UPDATE users SET password_hash = 'another' WHERE id = ${account.userId}`.execute(service.database.db);
		const session = { secretHash: Buffer.alloc(32, 1), csrfHash: Buffer.alloc(32, 2), address: null };
		expect(await service.access.openSession({ ...account, ...session })).toBeNull();
	});
});

describe("a change by session", () => {
	const change = async (headers: Record<string, string>) =>
		(await service.ask("DELETE", "tokens/1", { host: "plimsoll.example", ...headers })).json().code;

	test("needs the session's own CSRF token", async () => {
		const username = await newUser();
		const [mine, other] = [await service.signIn(username), await service.signIn(username)];
		const cookie = mine["cookie"] ?? "";
		expect(await change({ cookie })).toBe("csrf_missing");
		expect(await change({ cookie, "x-csrf-token": "" })).toBe("csrf_missing");
		expect(await change({ cookie, "x-csrf-token": other["x-csrf-token"] ?? "" })).toBe("csrf_missing");
		expect(await change({ cookie, "x-csrf-token": cookie.split("=")[1] ?? "" })).toBe("csrf_missing");
		expect(await change(mine)).toBe("not_found");
	});

	test.each([
		[{ origin: "https://evil.example" }, "csrf_missing"],
		[{ origin: "null" }, "csrf_missing"],
		[{ origin: "" }, "csrf_missing"],
		[{ origin: "https://plimsoll.example.evil.example" }, "csrf_missing"],
		[{ origin: "https://plimsoll.example:8443" }, "csrf_missing"],
		[{ origin: "file://plimsoll.example" }, "csrf_missing"],
		[{ "sec-fetch-site": "cross-site" }, "csrf_missing"],
		[{ "sec-fetch-site": "same-site" }, "csrf_missing"],
		[{ "sec-fetch-site": "cross-site", origin: "https://plimsoll.example" }, "csrf_missing"],
		[{ "sec-fetch-site": "same-origin", origin: "https://plimsoll.example" }, "not_found"],
		[{ origin: "http://PLIMSOLL.example:80" }, "not_found"],
		[{ "sec-fetch-site": "none" }, "not_found"],
	])("with %j", async (headers, code) => {
		expect(await change({ ...(await service.signIn(await newUser())), ...headers })).toBe(code);
	});

	test("signing in is refused to other sites as well", async () => {
		const username = await newUser();
		const answer = await service.ask("POST", "sessions", { "sec-fetch-site": "cross-site" }, { username, password });
		expect([answer.statusCode, answer.json().code]).toEqual([403, "csrf_missing"]);
		expect(answer.headers["set-cookie"]).toBeUndefined();
	});
});

describe("guessing", () => {
	test("learns nothing from the answer: unknown, disabled and wrong are the same", async () => {
		const username = await newUser();
		const disabled = await newUser();
		await sql`UPDATE users SET disabled = true WHERE username = ${disabled}`.execute(service.database.db);
		const answers = [
			await tries(username, "wrong"),
			await tries("nobody-at-all", "wrong"),
			await tries(disabled, password),
			await tries(`${username}' OR '1'='1`, password),
			await tries("", ""),
		];
		expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
		expect(answers[0]?.status).toBe(401);
		// Not even looked up.
		expect((await tries(`${username}\0`, password)).status).toBe(400);
	});

	test.each([["a user"], ["a name that nobody has"]])("at %s is slowed down, more and more", async (who) => {
		const known = await newUser();
		const username = who === "a user" ? known : `nobody-${known}`;
		for (let failure = 1; failure <= 5; failure++) expect((await tries(username, "wrong")).status).toBe(401);
		const paused = await tries(username, who === "a user" ? password : "wrong");
		expect(paused).toMatchObject({ status: 429, retryAfter: "30" });
		for (const pause of [60, 120, 240, 480, 900, 900]) {
			await wait(1000);
			expect((await tries(username, "wrong")).status).toBe(401);
			expect((await tries(username.toUpperCase(), "wrong")).retryAfter).toBe(String(pause));
		}
		await wait(1000);
		if (username === known) expect((await tries(username, password)).status).toBe(201);
		else expect((await tries(username, password)).status).toBe(401);
	});

	test("that ends with the right password starts anew, and after an hour as well", async () => {
		const username = await newUser();
		for (let round = 0; round < 2; round++) {
			for (let failure = 1; failure <= 4; failure++) expect((await tries(username, "wrong")).status).toBe(401);
			if (round === 0) expect((await tries(username, password)).status).toBe(201);
			else await wait(3601);
		}
		for (let failure = 1; failure <= 4; failure++) expect((await tries(username, "wrong")).status).toBe(401);
		expect((await tries(username, password)).status).toBe(201);
	});

	test("from one address is slowed down whatever the names, and a right password in between does not help", async () => {
		const username = await newUser();
		for (let failure = 1; failure <= 20; failure++) {
			expect((await tries(`somebody-${failure}`, "wrong")).status).toBe(401);
			if (failure === 10) expect((await tries(username, password)).status).toBe(201);
		}
		expect((await tries(username, password)).status).toBe(429);
		const elsewhere = await service.app.inject({
			method: "POST",
			url: "/api/v1/sessions",
			remoteAddress: "203.0.113.9",
			payload: { username, password },
		});
		expect(elsewhere.statusCode).toBe(201);
	});

	test("from one IPv6 network counts as from one address", async () => {
		const username = await newUser();
		const from = async (remoteAddress: string) =>
			(
				await service.app.inject({
					method: "POST",
					url: "/api/v1/sessions",
					remoteAddress,
					payload: { username: `${username}${remoteAddress}`, password },
				})
			).statusCode;
		for (let host = 1; host <= 20; host++) expect(await from(`2001:db8:0:1::${host.toString(16)}`)).toBe(401);
		expect(await from("2001:db8:0:1:ffff:ffff:ffff:ffff")).toBe(429);
		expect(await from("2001:db8:0:2::1")).toBe(401);
	});

	test("in parallel gets hardly more tries than one after the other", async () => {
		const username = await newUser();
		const answers = await Promise.all(Array.from({ length: 40 }, () => tries(username, "wrong")));
		const looked = answers.filter(({ status }) => status === 401).length;
		expect(looked).toBeGreaterThanOrEqual(5);
		// One more for the second that may be at work when the fifth fails.
		expect(looked).toBeLessThanOrEqual(6);
	});
});

describe("a password", () => {
	const change = (credentials: Record<string, string>, current: string, next: string) =>
		service.ask("POST", "me/password", credentials, { current, next });

	test("that is changed ends the other sessions", async () => {
		const username = await newUser();
		const [here, there] = [await service.signIn(username), await service.signIn(username)];
		expect((await change(here, password, "another password here")).statusCode).toBe(204);
		expect((await service.ask("GET", "me", here)).statusCode).toBe(200);
		expect((await service.ask("GET", "me", there)).statusCode).toBe(401);
		expect((await tries(username, password)).status).toBe(401);
		expect((await tries(username, "another password here")).status).toBe(201);
	});

	test("is not changed without the current one, to itself, or to a short one", async () => {
		const session = await service.signIn(await newUser());
		expect((await change(session, "wrong", "another password here")).statusCode).toBe(403);
		expect((await change(session, password, password)).statusCode).toBe(422);
		expect((await change(session, password, "too short 1")).statusCode).toBe(400);
		expect((await change(session, password, "x".repeat(257))).statusCode).toBe(400);
		expect((await service.ask("GET", "me", session)).statusCode).toBe(200);
	});

	test("cannot be guessed by a stolen session either", async () => {
		const session = await service.signIn(await newUser());
		for (let failure = 1; failure <= 5; failure++)
			expect((await change(session, "wrong", "another password here")).statusCode).toBe(403);
		expect((await change(session, password, "another password here")).statusCode).toBe(429);
	});

	test("that somebody else set has to be changed before anything else", async () => {
		const username = await newUser();
		await sql`UPDATE users SET must_change_password = true WHERE username = ${username}`.execute(service.database.db);
		const session = await service.signIn(username);
		expect((await service.ask("GET", "me", session)).json().mustChangePassword).toBe(true);
		for (const [method, path] of [
			["GET", "workspaces"],
			["GET", "tokens"],
			["GET", "audit"],
			["GET", "users"],
		] as const) {
			const answer = await service.ask(method, path, session);
			expect([answer.statusCode, answer.json().code]).toEqual([403, "password_change_required"]);
		}
		expect((await change(session, password, "one of my own choice")).statusCode).toBe(204);
		expect((await service.ask("GET", "workspaces", session)).statusCode).toBe(200);
		await sql`UPDATE users SET must_change_password = true WHERE username = ${username}`.execute(service.database.db);
		expect((await service.ask("DELETE", "sessions/current", session)).statusCode).toBe(204);
	});

	test("kept with less work than today's is hashed again at the next sign-in", async () => {
		const username = await newUser();
		const weak = await hash(password, { memoryCost: 8192, timeCost: 1 });
		await sql`UPDATE users SET password_hash = ${weak} WHERE username = ${username}`.execute(service.database.db);
		expect((await tries(username, password)).status).toBe(201);
		expect((await service.access.account(username))?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
		expect((await tries(username, password)).status).toBe(201);
	});

	test("is in no table, log or answer", async () => {
		const username = await newUser();
		await tries(password, "typed into the wrong field");
		await tries(username, "a wrong password here");
		const session = await service.signIn(username);
		await change(session, password, "a secret of my own");
		const { rows } = await sql<{ all: string }>`
			SELECT concat((SELECT string_agg(u::text, '') FROM users u), (SELECT string_agg(a::text, '') FROM audit_log a),
				(SELECT string_agg(f::text, '') FROM sign_in_failures f)) AS all`.execute(service.database.db);
		for (const secret of [password, "a wrong password here", "a secret of my own", "typed into"])
			expect(rows[0]?.all).not.toContain(secret);
	});
});
