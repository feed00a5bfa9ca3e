import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildImage, layoutFiles, writeFiles } from "#engine/testing";
import type { RegistryAccess } from "../../ports/connector.ts";
import { layoutConnector } from "./connector.ts";

const never = new AbortController().signal;
const image = buildImage({ layers: [{ tar: [] }], config: { created: "2024-01-01T00:00:00Z" } });
let root = "";
beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), "plimsoll-layouts-"));
	const files = layoutFiles([
		{ image, tag: "1.0" },
		{ image, tag: "not a tag" },
	]);
	for (const name of ["alpine", "team/app", "Upper/x"]) await writeFiles(join(root, name), files);
	await symlink("/", join(root, "outside"));
});
afterAll(() => rm(root, { recursive: true }));

const connect = (url = `layout:${root}`) =>
	layoutConnector({
		id: "1",
		name: "Samples",
		kind: "layout",
		preset: "generic",
		url,
		insecure: false,
		caCertificate: null,
		credentials: null,
		repositories: null,
		maxBytesPerSecond: null,
	} satisfies RegistryAccess);

test("each folder that holds a layout is a repository; links and names that are none are passed over", async () => {
	const names = [];
	for await (const page of connect().repositories(null, never)) names.push(...page.names);
	expect(names).toEqual(["alpine", "team/app"]);
	expect(await connect().check(never)).toMatchObject({ ok: true, state: "healthy", catalog: "open" });
});

test("tags, manifests and images", async () => {
	const connector = connect();
	const tags = [];
	for await (const page of connector.tags("team/app", never)) tags.push(...page);
	expect(tags).toEqual(["1.0"]);
	const { digest } = image.manifest;
	expect(await connector.resolve("team/app", "1.0", null, never)).toMatchObject({
		unchanged: false,
		manifest: { digest, kind: "image", createdAt: "2024-01-01T00:00:00.000Z", platform: "linux/amd64" },
	});
	expect(await connector.resolve("team/app", "1.0", digest, never)).toEqual({ unchanged: true, digest });
	expect(await connector.resolve("team/app", digest, null, never)).toMatchObject({ unchanged: false });
	expect(await connector.resolve("team/app", "2.0", null, never)).toBeNull();
	expect(await connector.resolve("team/gone", "1.0", null, never)).toBeNull();
	const source = connector.source("team/app", digest);
	expect((await source.root(never)).descriptor.digest).toBe(digest);
	await source.close();
});

test.each(["../etc", "team/../../etc", "/etc", "outside/etc", ""])("%s leads nowhere", async (name) => {
	await expect(async () => {
		for await (const page of connect().tags(name, never)) expect(page).toEqual([]);
	}).rejects.toMatchObject({ code: "registry_not_found" });
});

test("a folder that is gone is said, and a URL that is none refused", async () => {
	expect(await connect("layout:/nowhere/at/all").check(never)).toMatchObject({
		ok: false,
		state: "unreachable",
		reason: expect.stringContaining("/nowhere/at/all"),
	});
	for (const url of ["layout:relative", "/etc", "https://registry.example"])
		expect(() => connect(url)).toThrow(/names no folder/);
});
