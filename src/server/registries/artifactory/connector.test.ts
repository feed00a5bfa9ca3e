// JFrog Artifactory cannot run here: this is held against a strict stand-in, written from its published API.
import { createHash } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import type { RegistryCredentials } from "#contract";
import type { Connector, RegistryAccess } from "../../ports/connector.ts";
import {
	type ArtifactoryImage,
	type ArtifactoryOptions,
	type FakeArtifactory,
	startArtifactory,
} from "../../testing/artifactory.ts";
import { artifactoryConnector } from "./connector.ts";

const never = new AbortController().signal;
const running: FakeArtifactory[] = [];
afterEach(async () => {
	for (const one of running.splice(0)) await one.close();
});

const digestOf = (bytes: Uint8Array): string => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

function image(text: string): ArtifactoryImage {
	const config = Buffer.from(
		JSON.stringify({ os: "linux", architecture: "amd64", rootfs: { diff_ids: [digestOf(Buffer.from(text))] } }),
	);
	const layer = Buffer.from(text);
	const mediaType = "application/vnd.oci.image.manifest.v1+json";
	const blob = (bytes: Uint8Array, type: string) => ({ mediaType: type, digest: digestOf(bytes), size: bytes.length });
	const manifest = {
		schemaVersion: 2,
		mediaType,
		config: blob(config, "application/vnd.oci.image.config.v1+json"),
		layers: [blob(layer, "application/vnd.oci.image.layer.v1.tar")],
	};
	const bytes = Buffer.from(JSON.stringify(manifest));
	return {
		manifest: { mediaType, digest: digestOf(bytes), bytes },
		blobs: { [digestOf(config)]: config, [digestOf(layer)]: layer },
	};
}

const password = { kind: "password", username: "me", password: "secret" } as const;
const token = { kind: "token", token: "eyJ.access.token" } as const;
const authorizations = [`Basic ${Buffer.from("me:secret").toString("base64")}`, `Bearer ${token.token}`];
const repositories = {
	"docker-local": {
		app: { "1": image("one"), "2": image("two") },
		"team/web": { latest: image("three") },
		z: { x: image("z") },
	},
	"docker-hub": { nginx: { "1": image("n") } },
	"other-local": { tool: { "1": image("t") } },
};
const types = { "docker-hub": "REMOTE" };

async function connect(
	credentials: RegistryCredentials | null,
	options: Partial<ArtifactoryOptions> = {},
	more: Partial<RegistryAccess> = {},
): Promise<{ readonly connector: Connector; readonly server: FakeArtifactory }> {
	const server = await startArtifactory({ authorizations, repositories, types, ...options });
	running.push(server);
	const access: RegistryAccess = {
		id: "1",
		name: "Artifactory",
		kind: "artifactory",
		preset: "generic",
		url: `http://${server.host}/artifactory`,
		insecure: true,
		caCertificate: null,
		credentials,
		repositories: null,
		maxBytesPerSecond: null,
		...more,
	};
	return { connector: artifactoryConnector({ ...access, url: more.url ?? access.url }, fetch), server };
}

async function pagesFrom(connector: Connector, from: string | null) {
	const pages: { names: readonly string[]; next: string | null }[] = [];
	for await (const page of connector.repositories(from, never)) pages.push(page);
	return pages;
}
const namesOf = (pages: readonly { readonly names: readonly string[] }[]) => pages.flatMap(({ names }) => names);

describe.each([
	["user and password", password],
	["an access token", token],
])("with %s", (_, credentials) => {
	test("it says what it is, and lists the images of every repository but caches", async () => {
		const { connector } = await connect(credentials);
		expect(await connector.check(never)).toMatchObject({
			ok: true,
			state: "healthy",
			version: "Artifactory 7.90.8",
			catalog: "open",
		});
		expect(namesOf(await pagesFrom(connector, null))).toEqual([
			"docker-local/app",
			"docker-local/team/web",
			"docker-local/z",
			"other-local/tool",
		]);
	});

	test("tags, manifests and layers come from the repository's own path", async () => {
		const { connector, server } = await connect(credentials);
		const tags: string[] = [];
		for await (const page of connector.tags("docker-local/app", never)) tags.push(...page);
		expect(tags).toEqual(["1", "2"]);
		const { digest } = repositories["docker-local"].app["1"].manifest;
		const found = await connector.resolve("docker-local/app", "1", null, never);
		expect(found).toMatchObject({ unchanged: false, manifest: { digest, kind: "image", platform: "linux/amd64" } });
		const before = server.requests.length;
		expect(await connector.resolve("docker-local/app", "1", digest as never, never)).toEqual({
			unchanged: true,
			digest,
		});
		expect(server.requests.slice(before)).toEqual(["HEAD /artifactory/api/docker/docker-local/v2/app/manifests/1"]);
		expect(await connector.resolve("docker-local/app", "gone", null, never)).toBeNull();
		expect((await connector.source("docker-local/app", digest as never).root(never)).descriptor.digest).toBe(digest);
	});
});

test("a listing that was cut off goes on inside of a repository, and with the next one", async () => {
	const { connector } = await connect(password, { pageSize: 1 });
	const pages = await pagesFrom(connector, null);
	expect(pages).toHaveLength(4);
	for (const [at, { next }] of pages.entries()) {
		if (next === null) continue;
		expect(namesOf(await pagesFrom(connector, next))).toEqual(namesOf(pages.slice(at + 1)));
	}
});

test("where anybody may look in, we still log in", async () => {
	const { connector } = await connect(password, { anonymousKeys: ["other-local"] });
	expect(namesOf(await pagesFrom(connector, null))).toHaveLength(4);
	const anonymous = await connect(null, { anonymousKeys: ["other-local"] });
	expect(namesOf(await pagesFrom(anonymous.connector, null))).toEqual(["other-local/tool"]);
	expect(await anonymous.connector.check(never)).toMatchObject({ ok: true, version: null });
});

test("where only Docker's part is let through, the key stands in the name", async () => {
	const { connector, server } = await connect(password, { dockerOnly: true }, {});
	expect(await connector.check(never)).toMatchObject({ ok: true, catalog: "unknown", version: "registry/2.0" });
	expect(namesOf(await pagesFrom(connector, null))).toContain("docker-local/team/web");
	expect(await connector.resolve("docker-local/team/web", "latest", null, never)).toMatchObject({ unchanged: false });
	expect(server.requests.at(-1)).toMatch(/\/v2\/docker-local\/team\/web\//);
});

test.each([
	["a wrong password", { ...password, password: "wrong" }, /refuses its API/],
	["a wrong token", { kind: "token", token: "wrong" } as const, /refuses its API/],
	["no credentials", null, /not logged in/],
])("%s is said", async (_, credentials, reason) => {
	const { connector } = await connect(credentials);
	const check = await connector.check(never);
	expect(check).toMatchObject({
		ok: false,
		state: "unauthorized",
		reason: expect.stringMatching(reason),
		hint: expect.stringMatching(/redentials|password/),
	});
	expect(JSON.stringify(check)).not.toContain("wrong");
});

test("a listing is the administrator's where one is given", async () => {
	const { connector, server } = await connect(password, {}, { repositories: ["docker-local/app"] });
	expect(namesOf(await pagesFrom(connector, null))).toEqual(["docker-local/app"]);
	expect(server.requests).toEqual([]);
});
