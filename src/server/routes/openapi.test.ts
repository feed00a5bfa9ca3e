import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createApp } from "../app.ts";
import { registerRoutes, type ServiceDeps } from "./index.ts";

const path = new URL("../../../docs/openapi.json", import.meta.url);

interface Operation {
	readonly operationId?: string;
	readonly summary?: string;
	readonly tags?: readonly string[];
	readonly responses?: Readonly<Record<string, unknown>>;
}
interface Described {
	readonly openapi: string;
	readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** Stands for whatever a route may ask of its dependencies while it is registered. */
const anything: unknown = new Proxy(() => anything, {
	get: (_target, name) => (name === "then" ? undefined : anything),
});

async function described(): Promise<Described> {
	const app = createApp({ gatekeeper: { identify: async () => null }, log: null });
	registerRoutes(app, anything as ServiceDeps);
	const answer = await app.inject("/api/v1/openapi.json");
	await app.close();
	expect(answer.statusCode).toBe(200);
	return answer.json<Described>();
}

test("docs/openapi.json is what the routes say (UPDATE_GOLDEN=1 rewrites it)", async () => {
	const text = `${JSON.stringify(await described(), null, "\t")}\n`;
	if (process.env["UPDATE_GOLDEN"]) writeFileSync(path, text);
	expect(text).toBe(readFileSync(path, "utf8"));
});

test("every operation has a name of its own, a summary, a group and described answers", async () => {
	const { openapi, paths } = await described();
	expect(openapi).toMatch(/^3\.1/);
	const operations = Object.entries(paths).flatMap(([url, methods]) =>
		Object.entries(methods).map(([method, operation]) => ({ at: `${method} ${url}`, ...operation })),
	);
	expect(operations.length).toBeGreaterThan(1);
	const unnamed = operations.filter(({ operationId, summary, tags }) => !operationId || !summary || !tags?.length);
	expect(unnamed.map(({ at }) => at)).toEqual([]);
	const unanswered = operations.filter(
		({ responses = {} }) => !Object.keys(responses).some((status) => /^[23]/.test(status)),
	);
	expect(unanswered.map(({ at }) => at)).toEqual([]);
	const names = operations.map(({ operationId }) => operationId);
	expect(names).toHaveLength(new Set(names).size);
});
