import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { RegistryPreset } from "#contract";
import type { Fetch } from "#engine";
import { startFakeRegistry } from "#engine/testing";
import type { RegistryAccess } from "../../ports/connector.ts";
import { distributionConnector } from "./connector.ts";
import { ecrApiHost } from "./ecr-login.ts";
import { presets } from "./presets.ts";

const never = new AbortController().signal;
const open: { close(): unknown }[] = [];
afterEach(async () => {
	for (const one of open.splice(0)) await one.close();
});

const access = (more: Partial<RegistryAccess>): RegistryAccess => ({
	id: "1",
	name: "r",
	kind: "distribution",
	preset: "generic",
	url: "https://registry.example",
	insecure: true,
	caCertificate: null,
	credentials: null,
	repositories: null,
	maxBytesPerSecond: null,
	...more,
});

async function serve(listener: RequestListener): Promise<string> {
	const server: Server = createServer(listener);
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	open.push({
		close: () => {
			server.closeAllConnections();
			server.close();
		},
	});
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("what a registry does wrong is said with what to do", () => {
	const check = (url: string, signal = never) => distributionConnector(access({ url }), fetch).check(signal);

	test.each([
		["a web page", 200, "<!doctype html><h1>It works", /not as a container registry/, "failing"],
		["nothing there", 404, "nope", /does not have its API/, "failing"],
		["an error", 500, "boom", /answered 500/, "failing"],
		["too many requests", 429, "", /no more requests/, "failing"],
		["a login page", 302, "", /redirects/, "failing"],
		["no way in", 403, "", /logged in/, "unauthorized"],
		["a challenge of no known kind", 401, "", /logged in/, "unauthorized"],
	])("%s", async (_, status, body, reason, state) => {
		const url = await serve(
			(_request, response) => void response.writeHead(status, { "content-type": "text/html" }).end(body),
		);
		const found = await check(url);
		expect(found).toMatchObject({
			ok: false,
			state,
			reason: expect.stringMatching(reason),
			hint: expect.stringMatching(/\w{4}/),
		});
		expect(found.hint).not.toMatch(/--|docker login/);
	});

	test("garbage", async () => {
		const server = createTcpServer((socket) => socket.end("\u0000\u0001 SSH-2.0-nothing\r\n"));
		await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
		open.push(server);
		const found = await check(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
		expect(found).toMatchObject({
			ok: false,
			state: "unreachable",
			reason: expect.stringContaining("does not speak HTTP"),
		});
	});

	test("a body without end", async () => {
		const url = await serve((_request, response) => {
			const more = (): void => {
				while (!response.destroyed && response.write("x".repeat(65_536)));
				if (!response.destroyed) response.once("drain", more);
			};
			more();
		});
		expect(await check(url)).toMatchObject({ ok: false, state: "failing" });
	});

	test("nobody, at an address and at a name", async () => {
		const gone = createTcpServer();
		await new Promise<void>((listening) => gone.listen(0, "127.0.0.1", listening));
		const { port } = gone.address() as AddressInfo;
		await new Promise((closed) => gone.close(closed));
		expect(await check(`http://127.0.0.1:${port}`)).toMatchObject({
			state: "unreachable",
			reason: expect.stringContaining("refused"),
		});
		expect(await check("https://nobody.invalid")).toMatchObject({
			state: "unreachable",
			reason: expect.stringContaining("DNS"),
		});
	});

	test("a registry that hangs is left when its time is over", async () => {
		const url = await serve(() => {});
		const found = await check(url, AbortSignal.timeout(200));
		expect(found).toMatchObject({ ok: false, state: "unreachable" });
	});
});

describe("listing", () => {
	test("pages can be taken up again, below a path of the registry's URL too", async () => {
		const registry = await startFakeRegistry({ pageSize: 2 });
		open.push(registry);
		for (const name of ["a", "b", "c", "d", "e"])
			registry.pushManifest(
				name,
				{ mediaType: "x", digest: `sha256:${"a".repeat(64)}`, bytes: Buffer.from("{}") },
				"1",
			);
		const proxied: Fetch = (input, init) => fetch(String(input).replace("/deep/path/v2/", "/v2/"), init);
		const connector = distributionConnector(access({ url: `http://${registry.host}/deep/path` }), proxied);
		const pages = [];
		for await (const page of connector.repositories(null, never)) pages.push(page);
		expect(pages.map(({ names }) => names)).toEqual([["a", "b"], ["c", "d"], ["e"]]);
		const rest = [];
		for await (const page of connector.repositories(pages[0]?.next ?? "", never)) rest.push(...page.names);
		expect(rest).toEqual(["c", "d", "e"]);
	});

	test("a registry that lists nothing wants a list", async () => {
		const hub = (repositories: readonly string[] | null) =>
			distributionConnector(
				access({ preset: "docker-hub", url: "https://docker.io", repositories }),
				fetch,
			).repositories(null, never);
		expect(() => hub(null)).toThrow(/none are listed/);
		const names = [];
		for await (const page of hub(["nginx", "bitnami/redis"])) names.push(...page.names);
		expect(names).toEqual(["library/nginx", "bitnami/redis"]);
	});
});

describe("presets", () => {
	/** What the first request that carries credentials carries, against a registry that asks for Basic. */
	async function sent(preset: RegistryPreset, credentials: RegistryAccess["credentials"]): Promise<string | undefined> {
		const seen: string[] = [];
		const url = await serve((request, response) => {
			if (request.headers.authorization) seen.push(request.headers.authorization);
			const known = request.headers.authorization !== undefined;
			response
				.writeHead(known ? 200 : 401, known ? {} : { "www-authenticate": "Basic realm=x" })
				.end(known ? "{}" : "");
		});
		await distributionConnector(access({ preset, url, credentials }), fetch).check(never);
		return seen[0];
	}
	const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
	const token = { kind: "token", token: "tok" } as const;

	test.each([
		["generic", { kind: "password", username: "u", password: "p" } as const, basic("u:p")],
		["generic", token, "Bearer tok"],
		["docker-hub", { kind: "password", username: "u", password: "p" } as const, basic("u:p")],
		["ghcr", token, basic("token:tok")],
		["quay", token, basic("$oauthtoken:tok")],
		["gar", token, basic("oauth2accesstoken:tok")],
		["gar", { kind: "password", username: "_json_key", password: "{}" } as const, basic("_json_key:{}")],
		["acr", token, basic("00000000-0000-0000-0000-000000000000:tok")],
	] as const)("%s with %o", async (preset, credentials, header) => {
		expect(await sent(preset, credentials)).toBe(header);
	});

	test("every preset has a row, and says what to give", () => {
		for (const preset of Object.values(presets)) {
			expect(preset.credentialKinds.length).toBeGreaterThan(0);
			expect(preset.hint).toMatch(/^[A-Z].*\.$/);
		}
	});

	test("credentials that a preset does not take are not sent", async () => {
		const connector = distributionConnector(
			access({ preset: "docker-hub", url: "https://docker.io", credentials: token }),
			() => Promise.reject(new Error("not asked")),
		);
		expect(await connector.check(never)).toMatchObject({ ok: false, state: "unauthorized" });
	});
});

describe("Amazon ECR", () => {
	const host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
	const key = { kind: "aws", accessKeyId: "AKIDEXAMPLE", secretAccessKey: "topsecret", region: "eu-west-1" } as const;

	test.each([
		[host, "api.ecr.eu-west-1.amazonaws.com"],
		["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "api.ecr.cn-north-1.amazonaws.com.cn"],
		["123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", "ecr-fips.us-east-1.amazonaws.com"],
		["123456789012.dkr-ecr.us-east-1.on.aws", "api.ecr.us-east-1.amazonaws.com"],
		["evil.example", null],
		["123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example", null],
		["x.123456789012.dkr.ecr.eu-west-1.amazonaws.com", null],
	])("the API of %s is at %s", (registry, api) => {
		expect(ecrApiHost(registry)).toBe(api);
	});

	/** AWS, as far as it is asked: passwords at the API's host, and a registry that takes the newest one. */
	function aws(lifetime: number, status = 200) {
		const asked: string[] = [];
		let serial = 0;
		const fakeFetch: Fetch = async (input, init) => {
			const url = new URL(input);
			const headers = new Headers(init?.headers);
			asked.push(`${init?.method ?? "GET"} ${url.host}${url.pathname}`);
			if (url.host.startsWith("api.ecr.")) {
				expect(headers.get("authorization")).toMatch(
					/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/ecr\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, /,
				);
				if (status !== 200)
					return Response.json({ __type: "com.amazon#UnrecognizedClientException", message: "topsecret" }, { status });
				const authorizationToken = Buffer.from(`AWS:password-${++serial}`).toString("base64");
				return Response.json({ authorizationData: [{ authorizationToken, expiresAt: Date.now() / 1000 + lifetime }] });
			}
			const right =
				headers.get("authorization") === `Basic ${Buffer.from(`AWS:password-${serial}`).toString("base64")}`;
			if (!right) return new Response(null, { status: 401, headers: { "www-authenticate": "Basic realm=x" } });
			return Response.json({ repositories: [], tags: ["1"] });
		};
		return {
			asked,
			connector: distributionConnector(access({ preset: "ecr", url: `https://${host}`, credentials: key }), fakeFetch),
		};
	}
	const tagsOf = async (connector: ReturnType<typeof aws>["connector"]) => {
		for await (const page of connector.tags("app", never)) expect(page).toEqual(["1"]);
	};

	test("an access key is changed for a password, which is kept until shortly before its end", async () => {
		const { asked, connector } = aws(12 * 3600);
		await tagsOf(connector);
		await tagsOf(connector);
		expect(asked.filter((line) => line.startsWith("POST api.ecr."))).toHaveLength(1);
		expect(await connector.check(never)).toMatchObject({ ok: true, catalog: "open" });
		const short = aws(600);
		await tagsOf(short.connector);
		await tagsOf(short.connector);
		expect(short.asked.filter((line) => line.startsWith("POST api.ecr."))).toHaveLength(2);
	});

	test("a key that AWS refuses is said, without what AWS says", async () => {
		const found = await aws(1, 400).connector.check(never);
		expect(found).toMatchObject({
			state: "unauthorized",
			reason: expect.stringContaining("UnrecognizedClientException"),
		});
		expect(JSON.stringify(found)).not.toContain("topsecret");
	});

	test("the key goes to no other host", async () => {
		const connector = distributionConnector(
			access({ preset: "ecr", url: "https://evil.example", credentials: key }),
			() => Promise.reject(new Error("asked")),
		);
		expect(await connector.check(never)).toMatchObject({
			state: "unauthorized",
			reason: expect.stringContaining("no host of Amazon ECR"),
		});
	});
});
