import { afterEach, describe, expect, test } from "vitest";
import type { ImageSource } from "../../image/types.ts";
import {
	descriptorOf,
	type FakeAuth,
	type FakeRegistry,
	startFakeRegistry,
	testImage,
} from "../../testing/registry/index.ts";
import type { SourceDeps } from "../deps.ts";
import { parseReference } from "../reference.ts";
import { registrySource } from "../source.ts";
import { anonymous, type CredentialProvider, type Credentials, fixedCredentials } from "./credentials.ts";

const never = new AbortController().signal;
const image = testImage(["one", "two", "three", "four"]);
const open: FakeRegistry[] = [];

afterEach(async () => {
	for (const registry of open.splice(0)) {
		await registry.close();
		expect(registry.violations).toEqual([]);
	}
});

async function registryWith(auth: FakeAuth): Promise<FakeRegistry> {
	const registry = await startFakeRegistry({ auth });
	open.push(registry);
	registry.push("team/app", image, "1");
	return registry;
}

function sourceOf({ host }: FakeRegistry, deps: Partial<SourceDeps> = {}): ImageSource {
	return registrySource(parseReference(`${host}/team/app:1`), {
		fetch,
		credentials: anonymous,
		insecure: false,
		mirrors: [],
		sleep: async () => {},
		...deps,
	});
}

async function pullAll(source: ImageSource): Promise<number> {
	let bytes = 0;
	await source.root(never);
	await source.document(descriptorOf(image.config), never);
	const visit = async (_: unknown, body: AsyncIterable<Uint8Array>): Promise<void> => {
		for await (const chunk of body) bytes += chunk.length;
	};
	await source.blobs(image.layers.map(descriptorOf), visit, { concurrency: 4, signal: never });
	return bytes;
}

const always = (credentials: Credentials): CredentialProvider => ({ find: async () => credentials });
const tokenRequests = ({ requests }: FakeRegistry) => requests.filter(({ path }) => path.startsWith("/token"));
const size = "onetwothreefour".length;

describe("bearer tokens", () => {
	test("anonymous: one token for everything, asked for by service and scope", async () => {
		const registry = await registryWith({ kind: "bearer", service: "the registry" });
		expect(await pullAll(sourceOf(registry))).toBe(size);
		const asked = tokenRequests(registry);
		expect(asked).toHaveLength(1);
		const { searchParams } = new URL(asked[0]?.path ?? "", "http://x");
		expect(searchParams.get("scope")).toBe("repository:team/app:pull");
		expect(searchParams.get("service")).toBe("the registry");
	});

	test("with user and password, and access_token in the answer", async () => {
		const user = { username: "me", password: "pass:wörd" };
		const registry = await registryWith({ kind: "bearer", service: "s", user, asAccessToken: true });
		const credentials = fixedCredentials(registry.host, user.username, user.password);
		expect(await pullAll(sourceOf(registry, { credentials }))).toBe(size);
		// The password goes to the token server only.
		const passwords = registry.requests.filter(({ headers }) => headers.authorization?.startsWith("Basic"));
		expect(passwords.every(({ path }) => path.startsWith("/token"))).toBe(true);
	});

	test("requests at the same time share one fetch of a token", async () => {
		const registry = await registryWith({ kind: "bearer", service: "s" });
		const source = sourceOf(registry);
		await Promise.all(image.layers.map((layer) => source.document(descriptorOf(layer), never)));
		expect(tokenRequests(registry)).toHaveLength(1);
	});

	test("a token is renewed before it ends", async () => {
		const registry = await registryWith({ kind: "bearer", service: "s", expiresIn: 300 });
		let now = 0;
		const source = sourceOf(registry, { now: () => now });
		await source.root(never);
		now = 289_000;
		await source.root(never);
		expect(tokenRequests(registry)).toHaveLength(1);
		now = 291_000;
		await source.root(never);
		expect(tokenRequests(registry)).toHaveLength(2);
	});

	test("a token that the registry no longer takes is renewed", async () => {
		const registry = await registryWith({ kind: "bearer", service: "s", expiresIn: 300 });
		const source = sourceOf(registry);
		await source.root(never);
		registry.revokeTokens();
		expect(await pullAll(source)).toBe(size);
	});

	test("a refresh token goes by POST, to the token server only", async () => {
		const registry = await registryWith({ kind: "bearer", service: "s", refreshToken: "refresh-secret" });
		const credentials = always({ kind: "identity", username: "", password: "", token: "refresh-secret" });
		expect(await pullAll(sourceOf(registry, { credentials }))).toBe(size);
		const [asked] = tokenRequests(registry);
		expect(asked?.method).toBe("POST");
		expect(registry.requests.filter(({ body, path }) => (body + path).includes("refresh-secret"))).toHaveLength(1);
	});

	test("a token server without POST is asked by GET", async () => {
		const user = { username: "me", password: "refresh-secret" };
		const registry = await registryWith({ kind: "bearer", service: "s", user });
		const credentials = always({ kind: "identity", username: "me", password: "", token: "refresh-secret" });
		expect(await pullAll(sourceOf(registry, { credentials }))).toBe(size);
		expect(tokenRequests(registry).map(({ method }) => method)).toEqual(["POST", "GET"]);
	});

	test("a token server that is busy is asked again", async () => {
		const registry = await registryWith({ kind: "bearer", service: "s" });
		registry.misbehave("/token", { kind: "status", status: 503 }, { kind: "status", status: 429 });
		expect(await pullAll(sourceOf(registry))).toBe(size);
	});

	test("a registry token of the settings is sent as it is", async () => {
		const registry = await registryWith({ kind: "bearer", service: "s" });
		const credentials = always({ kind: "bearer", token: "made-up" });
		await expect(sourceOf(registry, { credentials }).root(never)).rejects.toMatchObject({
			code: "registry_unauthorized",
		});
		expect(registry.requests.at(-1)?.headers.authorization).toBe("Bearer made-up");
	});

	test.each([
		["http://auth.example/token", /not encrypted/],
		["https://127.0.0.1.evil.example:x/", /no valid token server/],
		["file:///etc/passwd", /not HTTP/],
		["https://user:pw@auth.example/", /user name/],
	])("the realm %s is refused before anything is sent", async (realm, words) => {
		const registry = await registryWith({ kind: "bearer", service: "s", realm });
		let asked = 0;
		const credentials: CredentialProvider = {
			find: async () => {
				asked++;
				return null;
			},
		};
		await expect(sourceOf(registry, { credentials }).root(never)).rejects.toMatchObject({
			code: "registry_failed",
			message: expect.stringMatching(words),
		});
		expect(asked).toBe(0);
	});

	test.each(['{"token":"two words"}', '{"token":"a\\r\\nX-Evil: 1"}', "{}", "[]", "null", "<html>"])(
		"the token answer %s is refused",
		async (body) => {
			const registry = await registryWith({ kind: "bearer", service: "s" });
			registry.misbehave("/token", { kind: "status", status: 200, body });
			await expect(sourceOf(registry).root(never)).rejects.toMatchObject({ code: "registry_failed" });
		},
	);

	test("the token server's redirect to another host goes without the password", async () => {
		const user = { username: "me", password: "secret" };
		const registry = await registryWith({ kind: "bearer", service: "s", user });
		const other = await registryWith({ kind: "bearer", service: "s" });
		registry.misbehave("/token", { kind: "redirect", to: `http://${other.host}/token?service=s&scope=x` });
		const credentials = fixedCredentials(registry.host, "me", "secret");
		await expect(sourceOf(registry, { credentials }).root(never)).rejects.toMatchObject({
			code: "registry_unauthorized",
		});
		expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
	});
});

describe("who may not", () => {
	test("anonymous at a registry that wants a log-in", async () => {
		const registry = await registryWith({ kind: "basic", username: "me", password: "secret" });
		await expect(sourceOf(registry).root(never)).rejects.toMatchObject({
			code: "registry_unauthorized",
			message: expect.stringContaining("not logged in"),
			hint: expect.stringContaining("docker login"),
		});
	});

	test.each<FakeAuth>([
		{ kind: "basic", username: "me", password: "secret" },
		{ kind: "bearer", service: "s", user: { username: "me", password: "secret" } },
	])("wrong credentials ($kind)", async (auth) => {
		const registry = await registryWith(auth);
		const credentials = fixedCredentials(registry.host, "me", "wrong");
		await expect(sourceOf(registry, { credentials }).root(never)).rejects.toMatchObject({
			code: "registry_unauthorized",
			message: expect.not.stringContaining("wrong"),
			hint: expect.stringContaining("again"),
		});
	});

	test("403 is final", async () => {
		const registry = await registryWith({ kind: "bearer", service: "s" });
		registry.misbehave("/manifests/", { kind: "none" }, { kind: "status", status: 403 });
		await expect(sourceOf(registry).root(never)).rejects.toMatchObject({ code: "registry_unauthorized" });
	});

	test("credentials that cannot be read are an error of their own", async () => {
		const registry = await registryWith({ kind: "basic", username: "me", password: "secret" });
		const failure = new Error("locked");
		const credentials: CredentialProvider = { find: () => Promise.reject(failure) };
		await expect(sourceOf(registry, { credentials }).root(never)).rejects.toBe(failure);
	});
});

test("basic credentials are sent once they were asked for", async () => {
	const registry = await registryWith({ kind: "basic", username: "me", password: "secret" });
	const credentials = fixedCredentials(registry.host, "me", "secret");
	expect(await pullAll(sourceOf(registry, { credentials }))).toBe(size);
	const refused = registry.requests.filter(({ headers, path }) => !headers.authorization && path !== "/v2/");
	expect(refused).toHaveLength(1);
});
