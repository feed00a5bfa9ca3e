import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, it } from "vitest";
import type { Principal } from "../access/principal.ts";
import { type App, type AppDeps, createApp } from "../app.ts";
import type { ServiceFigures } from "../ports/figures.ts";
import { type Sight, seesAll, seesNothing } from "../ports/sight.ts";
import { healthRoutes } from "./health.ts";
import { metricsRoute } from "./metrics.ts";

const open = { needs: { by: "anybody", scope: null } } as const;
const figures: ServiceFigures = {
	database: async () => null,
	advisories: async () => ({ builtAt: new Date(Date.now() - 60_000).toISOString(), kind: "full" }),
	artifactsByState: async () => ({ complete: 3, failed: 1 }),
	registries: async () => [{ name: 'a "quoted"\nname', health: "healthy" }],
	jobs: async () => ({ "scan-group": { waiting: 2, running: 1 } }),
};
const administrator: Principal = {
	userId: "1",
	username: "admin",
	platformAdmin: true,
	via: "session",
	scopes: new Set(["read", "scan", "admin"]),
	workspaceId: null,
	mustChangePassword: false,
};

const apps: App[] = [];
function appWith(deps: Partial<AppDeps> = {}, given: Partial<ServiceFigures> = {}): App {
	const app = createApp({ gatekeeper: { identify: async () => null }, log: null, ...deps });
	apps.push(app);
	healthRoutes(app, { figures: { ...figures, ...given } });
	metricsRoute(app, { figures: { ...figures, ...given } });
	app.get("/things/:id", { config: open }, async () => ({ ok: true }));
	app.post("/sign-in", { config: { ...open, limit: "sign-in" } }, async () => ({ ok: true }));
	return app;
}
afterEach(async () => {
	for (const app of apps.splice(0)) await app.close();
});

it("lives whatever is missing, and says what it needs to be ready", async () => {
	const broken = appWith({}, { database: async () => "It does not answer." });
	expect((await broken.inject("/healthz")).json()).toEqual({ alive: true });
	const answer = await broken.inject("/readyz");
	expect(answer.statusCode).toBe(503);
	expect(answer.json()).toEqual({ ready: false, missing: [{ what: "database", why: "It does not answer." }] });
	const failing = appWith({}, { database: () => Promise.reject(new Error("password=hunter2")) });
	expect((await failing.inject("/readyz")).body).not.toContain("hunter2");
	const empty = await appWith({}, { advisories: async () => null }).inject("/readyz");
	expect(empty.json()).toMatchObject({ ready: false, missing: [{ what: "advisories" }] });
	const sound = await appWith().inject("/readyz");
	expect([sound.statusCode, sound.json()]).toEqual([200, { ready: true, missing: [] }]);
});

it("gives figures by route template, and none to strangers", async () => {
	const app = appWith();
	for (const id of ["1", "2", "3"]) await app.inject(`/things/${id}`);
	await app.inject("/made-up/1");
	const text = (await app.inject({ url: "/metrics", headers: { host: "127.0.0.1:8080" } })).body;
	expect(text).toContain(
		'plimsoll_http_request_duration_seconds_count{method="GET",route="/things/:id",status="200"} 3',
	);
	expect(text).not.toContain("made-up");
	expect(text).toContain('plimsoll_queue_jobs{kind="scan-group",state="waiting"} 2');
	expect(text).toContain('plimsoll_artifacts{state="complete"} 3');
	expect(text).toContain('plimsoll_registry_health{registry="a \\"quoted\\"\\nname",state="healthy"} 1');
	expect(text).toMatch(/plimsoll_advisories_age_seconds 6\d/);
	expect(text).toContain("plimsoll_database_up 1");
	expect(text).toContain("process_resident_memory_bytes");
	const away = { url: "/metrics", headers: { host: "localhost" }, remoteAddress: "10.0.0.1" };
	const nowhere = (await app.inject({ ...away, url: "/nowhere" })).body.replace("/nowhere", "/metrics");
	for (const from of [
		{ url: "/metrics", headers: { host: "evil.example" } },
		{ url: "/metrics", headers: { host: "127.0.0.1", "x-forwarded-for": "10.0.0.1" } },
		away,
	]) {
		const answer = await app.inject(from);
		expect([answer.statusCode, answer.body]).toEqual([404, nowhere]);
	}
	const knows = (principal: Principal, sight: Sight) =>
		appWith({ gatekeeper: { identify: async () => ({ principal, sight }) } });
	const statusFor = async (principal: Principal, sight: Sight): Promise<number> =>
		(await knows(principal, sight).inject(away)).statusCode;
	expect(await statusFor(administrator, seesAll)).toBe(200);
	const token: Principal = { ...administrator, platformAdmin: false, via: "token", scopes: new Set(["read"]) };
	expect(await statusFor(token, seesAll)).toBe(200);
	expect(await statusFor({ ...token, scopes: new Set(["scan"]) }, seesAll)).toBe(404);
	expect(await statusFor(token, seesNothing)).toBe(404);
});

it("gives figures of the process also without a database", async () => {
	const app = appWith({}, { jobs: () => Promise.reject(new Error("gone")) });
	const text = (await app.inject({ url: "/metrics", headers: { host: "localhost" } })).body;
	expect(text).toContain("plimsoll_database_up 0");
	expect(text).toContain("process_cpu_seconds_total");
});

it("refuses who asks too often, by address and by user, and signing in sooner", async () => {
	const rateLimits = { perAddress: 5, perUser: 3, perAddressToSecrets: 2 };
	const app = appWith({ rateLimits });
	const ask = (method: "GET" | "POST", url: string, remoteAddress: string) =>
		app.inject({ method, url, remoteAddress });
	for (let times = 0; times < 5; times++) expect((await ask("GET", "/things/1", "10.0.0.1")).statusCode).toBe(200);
	const refused = await ask("GET", "/things/1", "10.0.0.1");
	expect(refused.statusCode).toBe(429);
	expect(refused.headers["content-type"]).toMatch(/problem\+json/);
	expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
	expect(refused.json()).toMatchObject({ code: "too_many_requests" });
	expect((await ask("GET", "/healthz", "10.0.0.1")).statusCode).toBe(200);
	expect((await ask("GET", "/things/1", "10.0.0.2")).statusCode).toBe(200);
	const signIns = [];
	for (let times = 0; times < 3; times++) signIns.push((await ask("POST", "/sign-in", "10.0.0.3")).statusCode);
	expect(signIns).toEqual([200, 200, 429]);

	const identify = async () => ({ principal: administrator, sight: seesAll });
	const known = appWith({ rateLimits, gatekeeper: { identify } });
	const answers = [];
	for (let at = 0; at < 4; at++)
		answers.push((await known.inject({ url: "/things/1", remoteAddress: `10.0.1.${at}` })).statusCode);
	expect(answers).toEqual([200, 200, 200, 429]);
});

it("sets security headers on every answer, also on refusals", async () => {
	const app = appWith();
	for (const url of ["/things/1", "/nowhere", "/api/v1/nowhere", "/things/1?x=1"]) {
		const { headers } = await app.inject(url);
		expect(headers["x-content-type-options"], url).toBe("nosniff");
		expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
		expect(headers["referrer-policy"]).toBe("no-referrer");
	}
	expect((await app.inject("/api/v1/nowhere")).headers["cache-control"]).toBe("no-store");
});

it("refuses addresses and headers beyond all use, and what is no HTTP", async () => {
	const app = appWith();
	expect((await app.inject(`/things/1?x=${"y".repeat(9000)}`)).statusCode).toBe(413);
	await app.listen({ host: "127.0.0.1", port: 0 });
	const address = app.server.address();
	const port = typeof address === "object" ? address?.port : 0;
	const raw = async (text: string): Promise<string> => {
		const socket = connect(port ?? 0, "127.0.0.1");
		socket.on("error", () => {});
		socket.write(text);
		let answer = "";
		socket.on("data", (chunk) => (answer += String(chunk)));
		await once(socket, "close");
		return answer;
	};
	const headers = Array.from({ length: 40 }, (_, at) => `x-${at}: ${"y".repeat(900)}`).join("\r\n");
	expect(await raw(`GET /healthz HTTP/1.1\r\nhost: a\r\n${headers}\r\n\r\n`)).toMatch(
		/^HTTP\/1.1 431 [^]*invalid_request/,
	);
	expect(await raw("hello there\r\n\r\n")).toMatch(/^HTTP\/1.1 400 [^]*problem\+json/);
});

it("ends streams when it closes, and takes no more", async () => {
	const app = appWith({ closeGraceMilliseconds: 100 });
	app.get("/polite", { config: open }, (_request, reply) => {
		reply.hijack();
		reply.raw.writeHead(200, { "content-type": "text/event-stream" });
		reply.raw.write(": hello\n\n");
		app.closing.addEventListener("abort", () => reply.raw.end("data: bye\n\n"));
	});
	app.get("/stubborn", { config: open }, (_request, reply) => {
		reply.hijack();
		reply.raw.writeHead(200, { "content-type": "text/event-stream" });
		reply.raw.write(": hello\n\n");
	});
	const base = await app.listen({ host: "127.0.0.1", port: 0 });
	const polite = await fetch(`${base}/polite`);
	const stubborn = await fetch(`${base}/stubborn`);
	const texts = Promise.allSettled([polite.text(), stubborn.text()]);
	await app.close();
	const [first, second] = await texts;
	expect(first).toMatchObject({ status: "fulfilled", value: ": hello\n\ndata: bye\n\n" });
	expect(second.status).toBe("rejected");
	await expect(fetch(`${base}/healthz`)).rejects.toThrow("fetch failed");
});
