/** Connectors against the Distribution project's registry, with each of its ways to log in, and over TLS. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, fetch as undiciFetch } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RegistryCredentials } from "#contract";
import type { Fetch } from "#engine";
import { type Connector, connectorFor, type RegistryAccess } from "#server";
import { missingProgram, type RunningRegistry, startRegistry } from "../support/docker-registry.ts";
import { makeAuthority, makeCertificate } from "./certificates.ts";
import { type Image, makeImage } from "./images.ts";
import { pushWithSkopeo } from "./skopeo.ts";
import { startTokenServer, type TokenServer } from "./token-server.ts";

const missing = missingProgram("docker-registry", "skopeo", "openssl");
const because = missing === null ? "" : ` (${missing})`;
const never = new AbortController().signal;

let folder = "";
let one: Image;
let other: Image;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "plimsoll-connections-"));
	one = await makeImage([1000, 20]);
	other = await makeImage([30], "arm64");
});
afterAll(() => rm(folder, { recursive: true }));

const right = { kind: "password", username: "tester", password: "throw-away" } as const;
const wrong = { ...right, password: "wrong-password" };
const login = ["--dest-creds", "tester:throw-away"];

function connect(
	url: string,
	credentials: RegistryCredentials | null = null,
	more: Partial<RegistryAccess> = {},
	via: Fetch = fetch,
): { readonly connector: Connector; readonly asked: string[] } {
	const asked: string[] = [];
	const noting: Fetch = (input, init) => {
		asked.push(`${init?.method ?? "GET"} ${new URL(input).pathname}`);
		return via(input, init);
	};
	const access: RegistryAccess = {
		id: "1",
		name: "R",
		kind: "distribution",
		preset: "generic",
		url,
		insecure: true,
		caCertificate: null,
		credentials,
		repositories: null,
		maxBytesPerSecond: null,
		...more,
	};
	return { connector: connectorFor(access, { fetchFor: () => noting }), asked };
}

async function names(connector: Connector, from: string | null = null): Promise<string[]> {
	const found: string[] = [];
	for await (const page of connector.repositories(from, never)) found.push(...page.names);
	return found;
}

async function tags(connector: Connector, repository: string): Promise<string[]> {
	const found: string[] = [];
	for await (const page of connector.tags(repository, never)) found.push(...page);
	return found;
}

async function expectRefused(connector: Connector, hint: RegExp): Promise<void> {
	const check = await connector.check(never);
	expect(check).toMatchObject({ ok: false, state: "unauthorized", hint: expect.stringMatching(hint) });
	expect(JSON.stringify(check)).not.toMatch(/throw-away|wrong-password/);
}

describe.skipIf(missing !== null)(`an open registry${because}`, () => {
	let registry: RunningRegistry;
	let url = "";
	beforeAll(async () => {
		registry = await startRegistry();
		url = `http://${registry.host}`;
		await pushWithSkopeo(one, `${registry.host}/team/app:1.0`);
		await pushWithSkopeo({ index: { amd64: one, arm64: other } }, `${registry.host}/team/multi:1.0`);
		await pushWithSkopeo(other, `${registry.host}/tool:1`);
	});
	afterAll(() => registry?.stop());

	test("answers, lists and resolves", async () => {
		const { connector } = connect(url);
		expect(await connector.check(never)).toMatchObject({
			ok: true,
			state: "healthy",
			reason: null,
			catalog: "open",
			version: "registry/2.0",
		});
		expect(await names(connector)).toEqual(["team/app", "team/multi", "tool"]);
		expect(await names(connector, "?n=10&last=team/app")).toEqual(["team/multi", "tool"]);
		expect(await tags(connector, "team/app")).toEqual(["1.0"]);
		const { digest } = one.manifest.descriptor;
		expect(await connector.resolve("team/app", "1.0", null, never)).toMatchObject({
			unchanged: false,
			manifest: {
				digest,
				kind: "image",
				platform: "linux/amd64",
				unsupported: null,
				layers: one.layers.map(({ descriptor }) => ({ digest: descriptor.digest, size: descriptor.size })),
			},
		});
		const index = await connector.resolve("team/multi", "1.0", null, never);
		expect(index).toMatchObject({
			manifest: {
				kind: "index",
				children: [
					{ digest, platform: "linux/amd64", attestation: false },
					{ digest: other.manifest.descriptor.digest, platform: "linux/arm64", attestation: false },
				],
			},
		});
		expect((await connector.source("team/app", digest).root(never)).descriptor.digest).toBe(digest);
	});

	test("an unchanged tag costs one request, a gone one is null", async () => {
		const { connector, asked } = connect(url);
		const { digest } = one.manifest.descriptor;
		expect(await connector.resolve("team/app", "1.0", digest, never)).toEqual({ unchanged: true, digest });
		expect(asked).toEqual(["HEAD /v2/team/app/manifests/1.0"]);
		const another = other.manifest.descriptor.digest;
		expect(await connector.resolve("team/app", "1.0", another, never)).toMatchObject({ unchanged: false });
		expect(await connector.resolve("team/app", "gone", null, never)).toBeNull();
		expect(await connector.resolve("team/app", "gone", digest, never)).toBeNull();
		expect(await connector.resolve("gone/app", "1.0", digest, never)).toBeNull();
	});

	test("HTTPS where only HTTP is spoken, and a path with nothing behind it", async () => {
		expect(await connect(`https://${registry.host}`).connector.check(never)).toMatchObject({
			ok: false,
			state: "unreachable",
			hint: expect.stringContaining("http://"),
		});
		expect(await connect(`${url}/other`).connector.check(never)).toMatchObject({ ok: false, state: "failing" });
	});
});

describe.skipIf(missing !== null)(`a registry with passwords${because}`, () => {
	/** bcrypt of "throw-away"; the password opens nothing but this test's registry. */
	const line = "tester:$2b$05$bS8qKzTRmcDSK.oWFLvvtuu5w3b/vjrfMSTi7tLB3GJ9cvTjfBC/i";
	let registry: RunningRegistry;
	beforeAll(async () => {
		registry = await startRegistry({ auth: { kind: "htpasswd", lines: [line] } });
		await pushWithSkopeo(one, `${registry.host}/app:1`, login);
	});
	afterAll(() => registry?.stop());

	test("with the right one, a wrong one, and without", async () => {
		const url = `http://${registry.host}`;
		const { connector } = connect(url, right);
		expect(await connector.check(never)).toMatchObject({ ok: true, catalog: "open" });
		expect(await names(connector)).toEqual(["app"]);
		expect(await tags(connector, "app")).toEqual(["1"]);
		await expectRefused(connect(url, wrong).connector, /Check user name and password/);
		await expectRefused(connect(url).connector, /Enter credentials/);
	});
});

describe.skipIf(missing !== null)(`a registry with tokens${because}`, () => {
	const user = { username: "tester", password: "throw-away", refreshToken: "refresh-this" };
	const issued = { issuer: "the test", service: "registry of the test" };
	let tokens: TokenServer;
	let registry: RunningRegistry;
	let url = "";
	beforeAll(async () => {
		const authority = await makeAuthority(folder);
		const [certificate, key] = await Promise.all([
			readFile(authority.certificate, "utf8"),
			readFile(authority.key, "utf8"),
		]);
		tokens = await startTokenServer({ certificate, key, ...issued, ...user });
		registry = await startRegistry({
			auth: { kind: "token", realm: tokens.realm, ...issued, rootCertificates: authority.certificate },
		});
		url = `http://${registry.host}`;
		for (const repository of ["public/app", "private/app"])
			await pushWithSkopeo(one, `${registry.host}/${repository}:1`, login);
	});
	afterAll(async () => {
		await registry?.stop();
		await tokens?.stop();
	});

	test("with user and password, the catalog is open", async () => {
		const { connector } = connect(url, right);
		expect(await connector.check(never)).toMatchObject({ ok: true, catalog: "open" });
		expect(await names(connector)).toEqual(["private/app", "public/app"]);
		expect(await connector.resolve("private/app", "1", null, never)).toMatchObject({ unchanged: false });
	});

	test("with a refresh token", async () => {
		const { connector } = connect(url, { kind: "token", token: "refresh-this" }, { preset: "acr" });
		expect(await connector.check(never)).toMatchObject({ ok: true, catalog: "open" });
	});

	test("anonymously, the catalog is closed, which is said; a list of names does in its place", async () => {
		const check = await connect(url).connector.check(never);
		expect(check).toMatchObject({
			ok: true,
			catalog: "closed",
			hint: expect.stringContaining("List the repositories"),
		});
		const { connector } = connect(url, null, { repositories: ["public/app"] });
		expect(await connector.check(never)).toMatchObject({ ok: true, catalog: "closed", reason: null });
		expect(await names(connector)).toEqual(["public/app"]);
		expect(await tags(connector, "public/app")).toEqual(["1"]);
	});

	test("with a wrong password", async () => {
		await expectRefused(connect(url, wrong).connector, /Check user name and password/);
	});
});

describe.skipIf(missing !== null)(`a registry over TLS with a CA of its own${because}`, () => {
	let registry: RunningRegistry;
	let authority = "";
	beforeAll(async () => {
		const made = await makeAuthority(folder);
		authority = await readFile(made.certificate, "utf8");
		registry = await startRegistry({ tls: await makeCertificate(folder, made, "IP:127.0.0.1") });
	});
	afterAll(() => registry?.stop());

	test("is reached with it, and without it the reason says what to enter", async () => {
		const url = `https://${registry.host}`;
		const agent = new Agent({ connect: { ca: authority } });
		const trusting: Fetch = async (input, init) => undiciFetch(input, { ...(init as object), dispatcher: agent });
		expect(await connect(url, null, { caCertificate: authority }, trusting).connector.check(never)).toMatchObject({
			ok: true,
		});
		await agent.close();
		expect(await connect(url).connector.check(never)).toMatchObject({
			ok: false,
			state: "unreachable",
			reason: expect.stringContaining("CA that is not trusted"),
			hint: expect.stringContaining("enter its certificate"),
		});
	});
});
