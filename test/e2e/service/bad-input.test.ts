/**
 * Every route with every kind of wrong input in each place of a request, as platform administrator, so that no refusal of
 * access hides what is behind it. The answer is always a problem document that says nothing of the inside.
 */
import { tmpdir } from "node:os";
import type { TSchema } from "typebox";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AccessService, Credentials } from "../support/access-service.ts";
import { makeWorld, type World } from "../support/access-world.ts";
import { badValues, fits, placesIn, takesText } from "../support/bad-values.ts";
import { type Route, registeredRoutes, startWholeService } from "../support/whole-service.ts";
import { type Row, table } from "./access-table.ts";

const routes = (await registeredRoutes()).flatMap((route) => {
	const row = table[`${route.method} ${route.url}`];
	return row ? [{ ...route, route, row }] : [];
});
const nothing = "999999999999999999";
/** Words that only our inside uses. */
const inside = [
	process.cwd(),
	tmpdir(),
	"node_modules",
	"node:internal",
	"file://",
	".ts:",
	"\n    at ",
	"SELECT ",
	"INSERT ",
	"UPDATE ",
	"invalid input syntax",
	"byte sequence",
	"violates",
	'relation "',
];

let service: AccessService;
let world: World;
let url: string;
let credentials: Credentials;
beforeAll(async () => {
	service = await startWholeService();
	world = await makeWorld(service);
	credentials = await service.signIn("administrator");
	url = await service.app.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(async () => {
	await service.close();
});

test("the table has every route", () => {
	expect(routes.length).toBe(Object.keys(table).length);
});

interface Try {
	readonly what: string;
	readonly path: string;
	readonly body?: string;
	readonly type?: string;
	/** May be answered with 2xx, too: what was sent has a meaning. */
	readonly may?: boolean;
	/** Must be answered with this. */
	readonly status?: number;
}

test.each(routes.filter(({ params }) => params))("$method $url: its path", async ({ route, row }) => {
	const body = right(route, row);
	const named = parts(route.params).flatMap(({ name, schema }) =>
		badValues.flatMap(({ what, text, never }): Try[] =>
			text === null || text === ""
				? []
				: [
						{
							what: `${name} is ${what}`,
							path: pathOf(route, row, { [name]: text }),
							may: !never && takesText(schema, text),
							...body,
						},
					],
		),
	);
	const unknown = parts(route.params).map(({ name }) => ({
		what: `${name} is of nobody`,
		path: pathOf(route, row, { [name]: nothing }),
		...body,
		// What is not there ends as the table says.
		...(row.missing === undefined || route.method === "POST" ? {} : { status: row.missing }),
	}));
	// An id that happens to be one would take the world away.
	const harmless = route.method === "DELETE" ? named.filter(({ may }) => !may) : named;
	await expectRefusals(route, row, [...harmless, ...unknown]);
});

test.each(routes)("$method $url: its query", async ({ route, row }) => {
	const path = pathOf(route, row);
	const body = right(route, row);
	const known = parts(route.query).flatMap(({ name, schema }) => [
		...badValues.flatMap(({ what, text, never }): Try[] =>
			text === null
				? []
				: [
						{
							what: `${name} is ${what}`,
							path: `${path}?${name}=${text}`,
							may: !never && takesText(schema, text),
							...body,
						},
					],
		),
		{ what: `${name} twice`, path: `${path}?${name}=1&${name}=2`, status: 400, ...body },
		{ what: `${name} as a list`, path: `${path}?${name}[]=1&${name}[0]=2`, status: 400, ...body },
	]);
	const unknown = ["__proto__=1", "constructor=1", "constructor[prototype]=1", "nobody-knows=1", "=1"].map((query) => ({
		what: query,
		path: `${path}?${query}`,
		status: 400,
		...body,
	}));
	await expectRefusals(route, row, [...known, ...unknown]);
});

test.each(routes.filter(({ body }) => body))("$method $url: each field of its body", async ({ route, row, body }) => {
	if (!body) return;
	const path = pathOf(route, row);
	const sent = JSON.parse(right(route, row).body ?? "{}") as unknown;
	const places = placesIn(body, sent);
	const wrong = places.flatMap(({ path: place, schema, put }) =>
		badValues.map(({ what, json, never }): Try => {
			const may = !never && (fits(schema, parsed(json)) || fits(body, parsed(put(json))));
			return { what: `${place} is ${what}`, path, body: put(json), may };
		}),
	);
	const missing = places.flatMap(({ path: place, required, put }): Try[] =>
		required
			? [{ what: `${place} is missing`, path, body: put(undefined), may: fits(body, parsed(put(undefined))) }]
			: [],
	);
	await expectRefusals(route, row, [...wrong, ...missing]);
});

test.each(routes.filter(({ method }) => method !== "GET"))("$method $url: its body", async ({ route, row }) => {
	const path = pathOf(route, row);
	const { body = "{}" } = right(route, row);
	const strange = badValues.map(({ what, json, never }): Try => {
		const empty = route.body === null && (json === "{}" || json === "null");
		return {
			what: `it is ${what}`,
			path,
			body: json,
			may: !never && (empty || (route.body !== null && fits(route.body, parsed(json)))),
		};
	});
	// Of what registries send we read what we know.
	const open = route.body !== null && fits(route.body, { nobodyKnows: 1 });
	const withMore = (more: string) => `${body.slice(0, -1)}${body === "{}" ? "" : ","}${more}}`;
	await expectRefusals(route, row, [
		...strange.filter(({ may }) => !may),
		{ what: "an unknown field", path, body: withMore('"nobodyKnows":1'), may: open },
		{ what: "__proto__", path, body: withMore('"__proto__":{"platformAdmin":true}'), status: 400 },
		{ what: "constructor", path, body: withMore('"constructor":{"prototype":{"a":1}}'), status: 400 },
		...['{"a":', "{}{}", "{'a':1}", "\u0000", "nul", '{"a":1,}', "\ufeff{", "[".repeat(10)].map((text) => ({
			what: text,
			path,
			body: text,
			status: 400,
		})),
		{ what: "very deep", path, body: `${'{"a":['.repeat(5000)}${"]}".repeat(5000)}`, status: 400 },
		{ what: "2 MiB", path, body: JSON.stringify({ a: "x".repeat(2 * 1024 * 1024) }), status: 413 },
		...[
			"text/plain",
			"application/xml",
			"application/x-www-form-urlencoded",
			"multipart/form-data; boundary=a",
			"a/b/c",
		].map((type) => ({ what: type, path, body, type, status: 415 })),
	]);
});

test.each(routes.filter(({ fields }) => fields.includes("cursor")))(
	"$method $url: forged cursors",
	async ({ route, row }) => {
		const path = pathOf(route, row);
		const page = await service.ask("GET", `${path}?limit=1`, credentials);
		const { next } = page.json<{ next: string | null }>();
		const given = Buffer.from(next ?? "", "base64url").toString();
		const kept = given.startsWith("[") ? (JSON.parse(given) as readonly unknown[]) : [];
		const values = [
			"",
			"x",
			"1e999",
			"9".repeat(30),
			"'",
			"NaN",
			"\u0000",
			"\ud800",
			"-infinity",
			"{}",
			1,
			null,
			{},
			["a"],
		];
		const forged = [
			...kept.flatMap((_, index) => values.map((value) => kept.with(index, value))),
			[...kept, "1"],
			kept.slice(1),
			[],
			{},
			null,
			"text",
			{ length: 3 },
		];
		const tries = forged.map((list): Try => {
			const text = JSON.stringify(list);
			return { what: text, path: `${path}?limit=1&cursor=${Buffer.from(text).toString("base64url")}`, may: true };
		});
		await expectRefusals(route, row, [
			...tries,
			...["%00", "x", "AAAA", "W10", "=", "..", "x".repeat(512)].map((text) => ({
				what: text,
				path: `${path}?cursor=${text}`,
				status: 400,
			})),
		]);
	},
);

test("it lives", async () => {
	expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ alive: true });
	expect((await service.ask("GET", "me", credentials)).statusCode).toBe(200);
});

async function expectRefusals(route: Route, row: Row, tries: readonly Try[]): Promise<void> {
	const faults: string[] = [];
	const headers = row.rule === "secret" ? await asRegistry() : credentials;
	const attempt = async (one: Try): Promise<void> => {
		const { status, type, text } = row.stream ? await overTheNetwork(route, one) : await inProcess(route, one, headers);
		const fault = faultOf(one, status, type, text);
		if (fault) faults.push(`${one.what}: ${fault}: ${status} ${text.slice(0, 300)}`);
	};
	// What changes something goes one by one.
	const atOnce = route.method === "GET" ? 8 : 1;
	for (let at = 0; at < tries.length; at += atOnce) await Promise.all(tries.slice(at, at + atOnce).map(attempt));
	expect(faults).toEqual([]);
	expect((await service.app.inject("/healthz")).statusCode).toBe(200);
}

interface Answer {
	readonly status: number;
	readonly type: string;
	readonly text: string;
}

async function inProcess(
	{ method }: Route,
	{ path, body, type = "application/json" }: Try,
	signedIn: Credentials,
): Promise<Answer> {
	const answer = await service.app.inject({
		method,
		url: path,
		headers: {
			...signedIn,
			...(body === undefined ? {} : { "content-type": type }),
		},
		...(body === undefined ? {} : { payload: body }),
	});
	return { status: answer.statusCode, type: String(answer.headers["content-type"]), text: answer.body };
}

/** Anew each time: making another token ends the one before. */
async function asRegistry(): Promise<Credentials> {
	const made = await service.ask("POST", `registries/${idOf("registry")}/webhook-token`, credentials);
	return { authorization: `Bearer ${made.json<{ token: string }>().token}` };
}

/** What streams has no end. */
async function overTheNetwork({ method }: Route, { path }: Try): Promise<Answer> {
	const end = new AbortController();
	const answer = await fetch(`${url}${path}`, { method, headers: credentials, signal: end.signal });
	const text = answer.ok ? "" : await answer.text();
	end.abort();
	return { status: answer.status, type: String(answer.headers.get("content-type")), text };
}

function faultOf({ may = false, status: wanted }: Try, status: number, type: string, text: string): string | null {
	if (status >= 500) return "is a fault of ours";
	const told = inside.find((word) => text.includes(word));
	if (told !== undefined && status >= 400) return `tells of the inside (${told.trim()})`;
	if (may && status < 400) return null;
	if (wanted !== undefined && status !== wanted) return `is not ${wanted}`;
	if (status < 400) return "is taken";
	if (!type.startsWith("application/problem+json")) return `is no problem document but ${type}`;
	const problem = JSON.parse(text) as Readonly<Record<string, unknown>>;
	const lacking = ["code", "detail", "hint", "title", "type"].find((name) => !problem[name]);
	if (lacking !== undefined) return `lacks ${lacking}`;
	return text.length > 5000 ? "is very long" : null;
}

/** A body that the route takes, where it takes one. */
function right(route: Route, row: Row): { readonly body?: string } {
	const body = row.body?.(0, idOf);
	return body === undefined || route.method === "GET" ? {} : { body: JSON.stringify(body) };
}

function parsed(json: string): unknown {
	return JSON.parse(json);
}

function parts(schema: TSchema | null): readonly { readonly name: string; readonly schema: TSchema }[] {
	const { properties = {} } = (schema ?? {}) as { readonly properties?: Readonly<Record<string, TSchema>> };
	return Object.entries(properties).map(([name, property]) => ({ name, schema: property }));
}

function pathOf({ url: template }: Route, row: Row, given: Readonly<Record<string, string>> = {}): string {
	return template.replaceAll(/:(\w+)/g, (_, name: string) => given[name] ?? idOf(row.params?.[name] ?? ""));
}

/** Of what only a row's `before` makes there is none. */
function idOf(object: string): string {
	return world.ids[object] ?? nothing;
}
