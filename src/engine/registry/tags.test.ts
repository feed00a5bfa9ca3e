import { afterEach, expect, test } from "vitest";
import { type FakeOptions, type FakeRegistry, startFakeRegistry, testImage } from "../testing/registry/index.ts";
import { anonymous } from "./auth/credentials.ts";
import type { RegistryDeps } from "./deps.ts";
import { listRepositories, listTags } from "./tags.ts";

const never = new AbortController().signal;
const deps: RegistryDeps = { fetch, credentials: anonymous, insecure: false, sleep: async () => {} };
const image = testImage(["x"]);
const open: FakeRegistry[] = [];

afterEach(async () => {
	for (const registry of open.splice(0)) {
		await registry.close();
		expect(registry.violations).toEqual([]);
	}
});

async function registryWith(options: FakeOptions): Promise<FakeRegistry> {
	const registry = await startFakeRegistry(options);
	open.push(registry);
	return registry;
}

async function all(entries: AsyncIterable<string>): Promise<string[]> {
	const found: string[] = [];
	for await (const entry of entries) found.push(entry);
	return found;
}

const answer = (body: unknown, link?: string) =>
	({ kind: "status", status: 200, headers: link === undefined ? {} : { link }, body: JSON.stringify(body) }) as const;

test("tags and repositories come page by page, with tokens", async () => {
	const registry = await registryWith({ pageSize: 2, auth: { kind: "bearer", service: "s" } });
	registry.push("a", image, "1", "2", "3", "4", "5");
	registry.push("team/b", image, "x");
	registry.push("c", image, "x");
	expect(await all(listTags(registry.host, "a", deps, never))).toEqual(["1", "2", "3", "4", "5"]);
	expect(await all(listRepositories(registry.host, deps, never))).toEqual(["a", "c", "team/b"]);
});

test("a repository without tags, and one that is not there", async () => {
	const registry = await registryWith({});
	registry.misbehave("/empty/", answer({ name: "empty", tags: null }));
	expect(await all(listTags(registry.host, "empty", deps, never))).toEqual([]);
	await expect(all(listTags(registry.host, "gone", deps, never))).rejects.toMatchObject({ code: "registry_not_found" });
});

test("entries that are no tags are left out", async () => {
	const registry = await registryWith({});
	registry.misbehave("/tags/", answer({ tags: ["ok", "", "a b", "\u001b[2J", "../x", 7, null, "x".repeat(200)] }));
	expect(await all(listTags(registry.host, "a", deps, never))).toEqual(["ok"]);
});

test.each([
	["another host", '<https://evil.example/v2/a/tags/list>; rel="next"', /another host/],
	["another port", '<http://127.0.0.1:9/v2/a/tags/list>; rel="next"', /another host/],
	["itself", '</v2/a/tags/list?n=1000>; rel="next"', /circle/],
	["nowhere", '<http://[>; rel="next"', /malformed/],
])("a next page on %s is refused", async (_, link, message) => {
	const registry = await registryWith({});
	registry.misbehave("/tags/", answer({ tags: ["1"] }, link));
	await expect(all(listTags(registry.host, "a", deps, never))).rejects.toMatchObject({
		code: "registry_failed",
		message: expect.stringMatching(message),
	});
});

test("pages that never end are left at a thousand", async () => {
	const registry = await registryWith({});
	const faults = Array.from({ length: 1500 }, (_, at) =>
		answer({ tags: [`t${at}`] }, `</v2/a/tags/list?last=${at}>; rel=next`),
	);
	registry.misbehave("/tags/", ...faults);
	let seen = 0;
	const listing = async (): Promise<void> => {
		for await (const _tag of listTags(registry.host, "a", deps, never)) seen++;
	};
	await expect(listing()).rejects.toMatchObject({
		code: "registry_failed",
		message: expect.stringContaining("1000 pages"),
	});
	expect(seen).toBe(1000);
});

test.each(["[]", "7", "null", "<html>", '{"tags":{}}'])("the page %s is refused", async (body) => {
	const registry = await registryWith({});
	registry.misbehave("/tags/", { kind: "status", status: 200, body });
	const listing = all(listTags(registry.host, "a", deps, never));
	await expect(listing).rejects.toMatchObject({ code: "registry_failed" });
});
