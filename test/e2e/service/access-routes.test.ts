/** Every route of the service asked by everybody: who gets what, and that nobody reads what is not theirs. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Actor, actors, expectedStatus } from "../support/access-rules.ts";
import type { AccessService } from "../support/access-service.ts";
import { makeWorld, marker, type World } from "../support/access-world.ts";
import { type Route, registeredRoutes, startWholeService } from "../support/whole-service.ts";
import { type Row, table } from "./access-table.ts";

const routes = await registeredRoutes();
const outsiders: ReadonlySet<Actor> = new Set<Actor>(["anonymous", "stranger", "foreignAdmin", "expiredToken"]);
const nothing = "999999999999999999";
const problemType = "application/problem+json";
const hostile = [
	"'",
	"1' OR '1'='1",
	"1; DROP TABLE users; --",
	"\u0000",
	"%",
	"\\",
	"-1",
	"9".repeat(30),
	"../../users",
	"\r\nset-cookie: plimsoll_session=x",
	"\ud83d\udea2",
	"__proto__",
];

let service: AccessService;
let world: World;
let url: string;
let nth = 0;
beforeAll(async () => {
	service = await startWholeService();
	world = await makeWorld(service);
	url = await service.app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
	await service.close();
});

test("every route has a row, and every row a route", () => {
	expect(Object.keys(table).sort()).toEqual(routes.map(nameOf).sort());
});

const rows = routes.flatMap((route) => {
	const row = table[nameOf(route)];
	return row ? [{ ...route, route, row, safe: route.method === "GET" }] : [];
});
const withParams = rows.filter(({ row }) => row.params);
const read = rows.filter(({ row, safe }) => safe && !row.stream);
const withQuery = rows.filter(({ route, safe }) => safe && route.fields.length > 0);

test.each(rows)("$method $url answers each as it should", async ({ route, row, safe }) => {
	const found: Record<string, string> = {};
	const expected: Record<string, string> = {};
	// What changes something goes one by one.
	const asked = safe ? actors.map((actor) => ask(route, row, actor)) : [];
	for (const [index, actor] of actors.entries()) {
		const answer = (await asked[index]) ?? (await ask(route, row, actor));
		const status = expectedStatus(row.rule, actor, safe, row.ok ?? 200);
		const faults: string[] = [];
		if (answer.status !== status) faults.push(answer.body);
		if ((outsiders.has(actor) || answer.status >= 400) && answer.body.includes(marker))
			faults.push(`shows data: ${answer.body}`);
		if (answer.status >= 400 && answer.type !== problemType) faults.push(`is ${answer.type}`);
		// What is not visible and what is not there must look the same.
		if (answer.status === 404 && (await ask(route, row, actor, true)).body !== answer.body)
			faults.push(`tells that it is there: ${answer.body}`);
		expected[actor] = String(status);
		found[actor] = [answer.status, ...faults].join(" ");
	}
	expect(found).toEqual(expected);
});

test.each(withParams)("$method $url says that what is not there is not there", async ({ route, row }) => {
	expect((await ask(route, row, "administrator", true)).status).toBe(row.missing ?? 404);
});

test.each(read)("HEAD $url tells no more than GET", async ({ route, row }) => {
	for (const actor of ["anonymous", "stranger"] as const) {
		const { status, body } = await ask({ ...route, method: "HEAD" }, row, actor);
		expect([status, body]).toEqual([(await ask(route, row, actor)).status, ""]);
	}
});

test.each(withParams)("$method $url reads no id that is none", async ({ route, row }) => {
	const harmed = hostile.map(async (id) => {
		const path = route.url.replaceAll(/:\w+/g, encodeURIComponent(id));
		const answer = await send(
			route.method,
			path,
			"administrator",
			row.body?.(++nth, () => nothing),
		);
		return [400, 401, 404].includes(answer.status) ? [] : [`${id}: ${answer.status} ${answer.body}`];
	});
	expect((await Promise.all(harmed)).flat()).toEqual([]);
});

test.each(withQuery)("$method $url takes no harm from any field of its query", async ({ route, row }) => {
	const path = pathOf(route, row, {}, false);
	const queries = route.fields.flatMap((field) => [
		...hostile.map((text) => `${field}=${encodeURIComponent(text)}`),
		`${field}=1&${field}=2`,
	]);
	const harmed = queries.map(async (query) => {
		const answer = await send("GET", `${path}?${query}`, "administrator", undefined, row);
		return answer.status < 500 ? [] : [`${query}: ${answer.status} ${answer.body}`];
	});
	expect((await Promise.all(harmed)).flat()).toEqual([]);
});

interface Answer {
	readonly status: number;
	readonly body: string;
	readonly type: string | null;
}

async function ask(route: Route, row: Row, actor: Actor, missing = false): Promise<Answer> {
	nth++;
	const made = (await row.before?.(service, world, nth)) ?? {};
	const path = `${pathOf(route, row, made, missing)}${row.query ?? ""}`;
	const body = row.body?.(nth, (name) => (missing ? nothing : idOf(name, made)));
	return send(route.method, path, actor, body, row);
}

function pathOf(route: Route, row: Row, made: Readonly<Record<string, string>>, missing: boolean): string {
	return route.url.replaceAll(/:(\w+)/g, (_, name: string) => {
		const object = row.params?.[name];
		if (object === undefined) throw new Error(`The row of ${nameOf(route)} does not say what :${name} is.`);
		return missing ? nothing : idOf(object, made);
	});
}

function idOf(object: string, made: Readonly<Record<string, string>>): string {
	const id = made[object] ?? world.ids[object];
	if (id === undefined) throw new Error(`There is no "${object}" in this world.`);
	return id;
}

async function send(
	method: string,
	path: string,
	actor: Actor,
	body?: unknown,
	{ headers, stream, endsSession = false }: Omit<Partial<Row>, "endsSession"> & { readonly endsSession?: boolean } = {},
): Promise<Answer> {
	const end = new AbortController();
	const sent = method === "GET" || method === "HEAD" ? undefined : body;
	const response = await fetch(`${url}${path}`, {
		method,
		headers: {
			...headers,
			...(await world.credentials(actor, endsSession)),
			...(sent === undefined ? {} : { "content-type": "application/json" }),
		},
		...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
		signal: end.signal,
	});
	const type = response.headers.get("content-type")?.split(";")[0] ?? null;
	if (!stream || !response.ok) return { status: response.status, body: await response.text(), type };
	end.abort();
	return { status: response.status, body: "", type };
}

function nameOf({ method, url }: Route): string {
	return `${method} ${url}`;
}
