import { Type } from "typebox";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ArtifactQuery, Id, RegistryInput, RegistryPatch, ScanRequest } from "#contract";
import { type App, createApp } from "../app.ts";

const open = { needs: { by: "anybody", scope: null } } as const;
let app: App;

beforeAll(async () => {
	app = createApp({ gatekeeper: { identify: async () => null }, log: null });
	app.get("/list", { schema: { querystring: ArtifactQuery }, config: open }, async ({ query }) => query);
	app.get("/none", { config: open }, async () => ({ ok: true }));
	app.post("/none", { config: open }, async () => ({ ok: true }));
	app.get(
		"/many",
		{ schema: { querystring: Type.Object({ of: Type.Array(Id) }) }, config: open },
		async (r) => r.query,
	);
	app.get("/one/:id", { schema: { params: Type.Object({ id: Id }) }, config: open }, async (r) => r.params);
	app.post("/registries", { schema: { body: RegistryInput }, config: open }, async (r) => r.body);
	app.patch("/registries", { schema: { body: RegistryPatch }, config: open }, async (r) => r.body);
	app.post("/scans", { schema: { body: ScanRequest }, config: open }, async (r) => r.body);
	app.post("/any", { schema: { body: Type.Unknown() }, config: open }, async (r) => ({ got: typeof r.body }));
	app.post(
		"/open",
		{ schema: { body: Type.Object({ a: Type.String() }, { additionalProperties: true }) }, config: open },
		async (r) => r.body,
	);
	await app.ready();
});
afterAll(() => app.close());

async function refusal(url: string, body?: unknown, headers: Record<string, string> = {}) {
	const payload = typeof body === "string" ? body : JSON.stringify(body);
	const answer = await app.inject({
		method: body === undefined ? "GET" : "POST",
		url,
		...(body === undefined ? {} : { payload, headers: { "content-type": "application/json", ...headers } }),
	});
	expect(answer.statusCode, answer.body).toBe(400);
	expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
	const problem = answer.json<{ code: string; detail: string; errors?: { path: string; message: string }[] }>();
	expect(problem.code).toBe("invalid_request");
	return { ...problem, paths: problem.errors?.map(({ path }) => path) };
}

describe("queries", () => {
	it("come in the types that the schema asks for", async () => {
		const { statusCode, json } = await app.inject("/list?limit=20&total=true&registry=12&state=queued&q=1");
		expect(statusCode).toBe(200);
		expect(json()).toEqual({ limit: 20, total: true, registry: "12", state: "queued", q: "1" });
		expect((await app.inject("/list?severity=null")).json()).toEqual({ severity: null });
	});

	it("with a name that the route does not know are refused by name", async () => {
		const { paths, detail } = await refusal("/list?limit=1&limt=2");
		expect(paths).toEqual(["querystring/limt"]);
		expect(detail).toContain("limt");
		expect((await refusal("/none?x=1")).paths).toEqual(["querystring/x"]);
		expect((await refusal("/list?__proto__=1")).paths).toEqual(["querystring/__proto__"]);
		expect((await refusal("/list?constructor=1")).paths).toEqual(["querystring/constructor"]);
		expect((await refusal("/list?toString=1")).paths).toEqual(["querystring/toString"]);
	});

	it.each([
		"limit=0",
		"limit=201",
		"limit=1e1",
		"limit=ten",
		"limit=",
		"total=yes",
		"total=1",
		"registry=-1",
		"state=gone",
	])("%s is refused", async (text) => {
		expect((await refusal(`/list?${text}`)).paths).toEqual([`querystring/${text.split("=")[0]}`]);
	});

	it("that say a thing twice are refused, unless it is a list", async () => {
		expect((await refusal("/list?limit=1&limit=2")).paths).toEqual(["querystring/limit"]);
		expect((await app.inject("/many?of=1&of=2")).json()).toEqual({ of: ["1", "2"] });
		expect((await app.inject("/many?of=1")).json()).toEqual({ of: ["1"] });
	});
});

describe("paths", () => {
	it.each(["0", "-1", "1.5", "abc", "99999999999999999999", "1%00", "__proto__"])("refuse the id %s", async (id) => {
		expect((await refusal(`/one/${id}`)).paths).toEqual(["params/id"]);
	});
	it("that cannot be decoded are refused", async () => {
		expect((await refusal("/one/%E0%A4%A")).detail).toContain("cannot be read");
	});
});

describe("bodies", () => {
	const registry = { kind: "distribution", name: "a", url: "https://registry.example" };

	it("of the right form pass as they are", async () => {
		const credentials = { kind: "password", username: "u", password: "p" };
		const answer = await app.inject({ method: "POST", url: "/registries", payload: { ...registry, credentials } });
		expect(answer.json()).toEqual({ ...registry, credentials });
	});

	it("with unknown properties are refused by name, at any depth", async () => {
		expect((await refusal("/registries", { ...registry, nmae: 1 })).paths).toEqual(["body/nmae"]);
		const credentials = { kind: "password", username: "u", password: "p", token: "t" };
		expect((await refusal("/registries", { ...registry, credentials })).paths).toEqual(["body/credentials/token"]);
		const target = { query: { nothing: 1 } };
		expect((await refusal("/scans", { target })).paths).toEqual(["body/target/query/nothing"]);
		const answer = await app.inject({ method: "PATCH", url: "/registries", payload: { kind: "artifactory" } });
		expect(answer.json()).toMatchObject({ errors: [{ path: "body/kind" }] });
	});

	it("say of a union only what concerns the variant that was meant", async () => {
		const { errors } = await refusal("/registries", { ...registry, credentials: { kind: "aws", accessKeyId: "x" } });
		expect(errors).toEqual([
			{ path: "body/credentials/secretAccessKey", message: "is missing" },
			{ path: "body/credentials/region", message: "is missing" },
		]);
	});

	it("with wrong types are refused: nothing is turned into another type", async () => {
		expect((await refusal("/registries", { ...registry, insecure: "true" })).paths).toEqual(["body/insecure"]);
		expect((await refusal("/registries", { ...registry, maxConcurrentScans: "4" })).paths).toEqual([
			"body/maxConcurrentScans",
		]);
		for (const body of [[], "text", 1, null, true]) await refusal("/registries", body);
	});

	it("that name what is missing", async () => {
		expect((await refusal("/registries", {})).paths).toEqual(["body/kind", "body/name", "body/url"]);
	});

	it.each([
		'{"kind":',
		"",
		"{}{}",
		'{"__proto__":{"admin":true}}',
		'{"a":{"__proto__":1}}',
		'{"constructor":{"prototype":{"a":1}}}',
	])("%s are refused", async (text) => {
		expect((await refusal("/registries", text)).paths).toEqual(text === "" ? ["body"] : undefined);
	});

	it("nested without end are refused, brackets in strings do not count", async () => {
		expect((await refusal("/any", `${"[".repeat(500_000)}${"]".repeat(500_000)}`)).detail).toContain("nested");
		expect((await refusal("/any", '{"a":'.repeat(40) + "1" + "}".repeat(40))).detail).toContain("nested");
		const strings = JSON.stringify({ a: `${"[".repeat(100)}"\\` });
		const answer = await app.inject({
			method: "POST",
			url: "/any",
			payload: strings,
			headers: { "content-type": "application/json" },
		});
		expect(answer.json()).toEqual({ got: "object" });
	});

	it("beyond 1 MiB, of other types, or where none belongs are refused", async () => {
		const big = await app.inject({ method: "POST", url: "/any", payload: { a: "x".repeat(1_100_000) } });
		expect(big.statusCode).toBe(413);
		expect(big.json()).toMatchObject({ code: "too_large" });
		for (const type of ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/jsonp"]) {
			const answer = await app.inject({
				method: "POST",
				url: "/any",
				payload: "{}",
				headers: { "content-type": type },
			});
			expect(answer.statusCode, type).toBe(415);
		}
		await refusal("/none", { a: 1 });
		expect((await app.inject({ method: "PUT", url: "/none", payload: { a: 1 } })).statusCode).toBe(404);
		expect((await app.inject({ method: "POST", url: "/none" })).statusCode).toBe(200);
		expect((await app.inject({ method: "POST", url: "/none", payload: {} })).statusCode).toBe(200);
	});

	it("may hold more where the route says so, and may be JSON by another name", async () => {
		const answer = await app.inject({
			method: "POST",
			url: "/open",
			payload: '{"a":"1","b":2}',
			headers: { "content-type": "application/vnd.docker.distribution.events.v1+json" },
		});
		expect(answer.json()).toEqual({ a: "1", b: 2 });
	});

	it("with thousands of wrong fields are answered in short", async () => {
		const many = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`f${at}`, 1]));
		const { errors } = await refusal("/registries", { ...registry, ...many });
		expect(errors).toHaveLength(20);
	});
});
