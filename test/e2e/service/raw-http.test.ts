/** What clients can do to HTTP itself: other methods, other forms of an address, bodies that never end, foreign names. */
import { once } from "node:events";
import { connect } from "node:net";
import { Type } from "typebox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "#server";
import { type AccessService, type Credentials, noRateLimits, password } from "../support/access-service.ts";
import { startWholeService } from "../support/whole-service.ts";

let service: AccessService;
let admin: Credentials;
let port: number;
beforeAll(async () => {
	service = await startWholeService();
	await service.user("harbour-master", { platformAdmin: true });
	admin = await service.signIn("harbour-master");
	port = Number(new URL(await service.app.listen({ host: "127.0.0.1", port: 0 })).port);
});
afterAll(() => service.close());

/** Everything that comes back until the other side closes. */
async function raw(...parts: readonly string[]): Promise<string> {
	const socket = connect(port, "127.0.0.1");
	socket.on("error", () => {});
	let answer = "";
	socket.on("data", (chunk) => (answer += String(chunk)));
	const closed = once(socket, "close");
	for (const part of parts) socket.write(part);
	await closed;
	return answer;
}

function request(line: string, headers: Readonly<Record<string, string>> = {}, body = ""): string {
	const all = { host: `127.0.0.1:${port}`, connection: "close", ...headers };
	const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
	return `${[`${line} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n${body}`;
}

const statusesIn = (answer: string): readonly number[] =>
	[...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));

describe("methods", () => {
	test.each(["OPTIONS", "TRACE", "PROPFIND", "SEARCH", "PURGE", "LINK"])(
		"%s does nothing and tells nothing",
		async (method) => {
			const answer = await raw(request(`${method} /api/v1/me`, { ...admin, "x-mine": "secret-of-mine" }));
			expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
			expect(answer).toContain("application/problem+json");
			expect(answer).not.toContain("secret-of-mine");
			expect(answer).not.toMatch(/access-control-allow|^allow:/im);
		},
	);
	test("CONNECT, and switching to another protocol, come to nothing", async () => {
		expect(statusesIn(await raw(request("CONNECT 127.0.0.1:22")))).not.toContain(200);
		const upgraded = await raw(request("GET /api/v1/me", { upgrade: "h2c", connection: "Upgrade, close" }));
		expect(statusesIn(upgraded)).not.toContain(101);
	});
	test("a method of one's own making is refused", async () => {
		expect(statusesIn(await raw(request("GIVE /api/v1/me")))).toEqual([400]);
	});
	test("overriding the method by a header changes nothing", async () => {
		const answer = await raw(request("GET /api/v1/users", { ...admin, "x-http-method-override": "DELETE" }));
		expect(statusesIn(answer)).toEqual([200]);
	});
});

describe("addresses", () => {
	const strange = [
		"//api/v1/users",
		"/api//v1/users",
		"/api/v1//users",
		"/api/v1/users/",
		"/api/v1/users//",
		"/API/v1/users",
		"/api/v1/./users",
		"/api/v1/me/../users",
		"/api/v1/me/%2e%2e/users",
		"/api%2fv1%2fusers",
		"/api/v1/users%2f",
		"/api/v1/users%00",
		"/api/v1/users;a=b",
		"/api/v1/users%3Flimit=1",
		"\\api\\v1\\users",
		"/api/v1/users/..%2f..%2f..%2fetc%2fpasswd",
		"/..%2f..%2f..%2f..%2fetc%2fpasswd",
		"/../../../../etc/passwd",
		"*",
	];
	test.each(strange)("%s is no way to the users", async (address) => {
		const answer = await raw(request(`GET ${address}`, admin));
		expect(answer).toMatch(/^HTTP\/1\.1 4/);
		expect(answer).not.toContain("harbour-master");
		expect(answer).not.toContain("root:");
	});
	test.each([
		"/api/v1/users",
		"/api/v1/%75sers",
		"http://elsewhere.example/api/v1/users",
		"//elsewhere.example/api/v1/users",
	])("%s asks who is there, and nothing keeps the answer", async (address) => {
		const unknown = await raw(request(`GET ${address}`));
		expect(statusesIn(unknown)[0]).toBeGreaterThanOrEqual(400);
		expect(unknown).toMatch(/^cache-control: no-store\r$/im);
		expect(await raw(request(`GET ${address}`, admin))).toMatch(/^cache-control: no-store\r$/im);
	});
});

describe("framing", () => {
	test("requests in one go are answered one by one, each by its own rights", async () => {
		const more = { connection: "keep-alive" };
		const answer = await raw(
			request("GET /api/v1/me", { ...more, ...admin }) +
				request("GET /api/v1/me", more) +
				request("POST /api/v1/sessions", { ...more, "content-type": "application/json", "content-length": "2" }, "{}") +
				request("GET /healthz"),
		);
		expect(statusesIn(answer)).toEqual([200, 401, 400, 200]);
		expect(answer.split("harbour-master")).toHaveLength(2);
	});
	test.each([
		["a length and chunks", { "content-length": "4", "transfer-encoding": "chunked" }],
		["two lengths", { "content-length": "4", "Content-Length": "5" }],
		["a length that is none", { "content-length": "+4" }],
		["chunks by another name", { "transfer-encoding": "xchunked" }],
	])("%s are refused", async (_, headers) => {
		const smuggled = `0\r\n\r\n${request("GET /healthz")}`;
		const answer = await raw(
			request("POST /api/v1/sessions", { ...headers, "content-type": "application/json" }, smuggled),
		);
		expect(statusesIn(answer)).toEqual([400]);
	});
	test("a body without a length ends at the limit", async () => {
		const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
		const head = request("POST /api/v1/sessions", {
			"content-type": "application/json",
			"transfer-encoding": "chunked",
		});
		expect(statusesIn(await raw(head, ...Array.from({ length: 40 }, () => chunk)))).toEqual([413]);
	});
	test("headers and bodies that never come are waited for no longer than it takes", async () => {
		const { server } = service.app;
		expect([server.headersTimeout, server.requestTimeout, server.maxHeadersCount]).toEqual([20_000, 60_000, null]);
		server.headersTimeout = 200;
		server.requestTimeout = 400;
		try {
			const head = request("POST /api/v1/sessions", { "content-type": "application/json", "content-length": "100" });
			const answers = await Promise.all([raw(head.slice(0, 40)), raw(head, '{"username":')]);
			for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*problem\+json/);
		} finally {
			server.headersTimeout = 20_000;
			server.requestTimeout = 60_000;
		}
	});
	test("who names no host is refused", async () => {
		expect(statusesIn(await raw("GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n"))).toEqual([400]);
	});
});

describe("signing in", () => {
	const json = { "content-type": "application/json" };
	const attempt = (username: string, headers: Readonly<Record<string, string>> = {}) =>
		service.app.inject({
			method: "POST",
			url: "/api/v1/sessions",
			headers: { ...json, ...headers },
			payload: JSON.stringify({ username, password: "not the right one" }),
		});

	test("gives a cookie that scripts, other sites, and plain HTTP do not get", async () => {
		const answer = await service.ask("POST", "sessions", {}, { username: "harbour-master", password });
		expect(String(answer.headers["set-cookie"])).toMatch(
			/^plimsoll_session=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/,
		);
	});
	test("fifty at once keep nobody else waiting, and an address that a client makes up helps nobody", async () => {
		let done = 0;
		const all = Array.from({ length: 50 }, async (_, at) => {
			const { statusCode } = await attempt(`nobody-${at}`, {
				"x-forwarded-for": `203.0.113.${at}`,
				forwarded: `for=203.0.113.${at}`,
				"x-real-ip": `203.0.113.${at}`,
			});
			done++;
			return statusCode;
		});
		expect((await service.app.inject("/healthz")).statusCode).toBe(200);
		expect(done).toBeLessThan(50);
		const statuses = await Promise.all(all);
		expect(new Set(statuses)).toEqual(new Set([401, 429]));
		// Twenty cost nothing; two were at work when the twentieth failed.
		expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(22);
		const { address } = await service.database.db
			.selectFrom("audit_log")
			.select("address")
			.where("action", "=", "session.create")
			.where("outcome", "=", "refused")
			.executeTakeFirstOrThrow();
		expect(address).toBe("127.0.0.1");
	});
});

describe("a page of another site", () => {
	const change = { method: "POST", url: "/api/v1/workspaces" } as const;
	const body = JSON.stringify({ name: "planted" });
	const { csrf, cookie } = {
		csrf: () => ({ "x-csrf-token": admin["x-csrf-token"] ?? "" }),
		cookie: () => ({ cookie: admin["cookie"] ?? "" }),
	};

	test.each([
		"text/plain",
		"application/x-www-form-urlencoded",
		"multipart/form-data; boundary=a",
		"text/plain; application/json",
		"",
	])("gets nothing done with a form of %s", async (type) => {
		const headers = { ...cookie(), ...(type === "" ? {} : { "content-type": type }) };
		const bare = await service.app.inject({ ...change, headers, payload: body });
		expect([bare.statusCode, bare.json().code]).toEqual([403, "csrf_missing"]);
		const known = await service.app.inject({ ...change, headers: { ...headers, ...csrf() }, payload: body });
		expect([400, 415]).toContain(known.statusCode);
	});
	test.each([
		{ origin: "https://elsewhere.example" },
		{ origin: "null" },
		{ origin: "http://127.0.0.1.elsewhere.example" },
		{ "sec-fetch-site": "cross-site" },
		{ "sec-fetch-site": "same-site" },
		{ origin: "http://localhost:1", host: "localhost:2" },
	])("gets nothing done from %o, even with the token", async (from) => {
		const headers = { ...cookie(), ...csrf(), "content-type": "application/json", ...from };
		const answer = await service.app.inject({ ...change, headers, payload: body });
		expect([answer.statusCode, answer.json().code]).toEqual([403, "csrf_missing"]);
	});
	test("is not told that it may read", async () => {
		const answer = await service.app.inject({
			url: "/api/v1/me",
			headers: { ...admin, origin: "https://elsewhere.example" },
		});
		expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
	});
});

test("an answer that cannot be written tells nothing of itself", async () => {
	const app = createApp({ gatekeeper: { identify: async () => null }, log: null, rateLimits: noRateLimits });
	const config = { needs: { by: "anybody", scope: null } } as const;
	const schema = { response: { 200: Type.Object({ count: Type.Integer() }) } };
	app.get("/wrong", { config, schema }, async () => ({ count: "hunter2" }) as never);
	app.get("/throws", { config }, async () => ({
		toJSON: () => {
			throw new Error("hunter2");
		},
	}));
	app.get("/late", { config }, async (_request, reply) =>
		reply
			.type("text/csv")
			.header("content-disposition", "attachment")
			.serializer((text: unknown) => String(text))
			.send(failing()),
	);
	app.get("/number", { config }, async () => {
		throw Object.assign(new Error("hunter2"), { statusCode: 418, code: "hunter2" });
	});
	app.get(
		"/hook",
		{ config, onSend: async (_request, reply) => (reply.statusCode < 400 ? failing() : undefined) },
		async () => ({}),
	);
	try {
		for (const url of ["/wrong", "/throws", "/late", "/number", "/hook"]) {
			const answer = await app.inject(url);
			expect([url, answer.statusCode >= 400, answer.headers["content-type"]]).toEqual([
				url,
				true,
				"application/problem+json",
			]);
			expect(answer.headers["content-disposition"]).toBeUndefined();
			expect(answer.body).not.toContain("hunter2");
			expect(answer.json()).toMatchObject({ status: answer.statusCode });
		}
	} finally {
		await app.close();
	}
});

function failing(): never {
	throw new Error("hunter2");
}
