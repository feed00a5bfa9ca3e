import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeFetch } from "./http.ts";

// TLS, certificates and real proxies: test/e2e/registry/network.test.ts.

let server: Server;
let host = "";
const seen: string[] = [];

beforeAll(async () => {
	server = createServer((request, response) => {
		seen.push(`${request.method} ${request.url}`);
		if (request.url === "/redirect")
			return void response.writeHead(307, { location: "http://elsewhere.test/" }).end("moved");
		response.end(`agent ${request.headers["user-agent"]}`);
	});
	server.on("connect", (request, socket) => {
		seen.push(`CONNECT ${request.url}`);
		socket.end("HTTP/1.1 418 No\r\n\r\n");
	});
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
	server.closeAllConnections();
	server.close();
});

async function cause(run: Promise<unknown>): Promise<string> {
	const error: unknown = await run.then(
		() => new Error("no error"),
		(thrown: unknown) => thrown,
	);
	return error instanceof Error ? `${error.message} ${error.cause instanceof Error ? error.cause.message : ""}` : "";
}

test("a redirect that is not to be followed keeps its status and address", async () => {
	const response = await makeFetch({ env: {} })(`http://${host}/redirect`, { redirect: "manual" });
	expect([response.status, response.headers.get("location")]).toEqual([307, "http://elsewhere.test/"]);
	expect(await response.text()).toBe("moved");
});

test("a signal stops it", async () => {
	const fetch = makeFetch({ env: {} });
	await expect(fetch(`http://${host}/`, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
});

test.each([
	["HTTPS_PROXY", "https://registry.test/", true],
	["https_proxy", "https://registry.test/", true],
	["HTTP_PROXY", "http://registry.test/", true],
	["HTTP_PROXY", "https://registry.invalid/", false],
	["HTTPS_PROXY", "http://registry.invalid/", false],
])("%s for %s: %s", async (name, url, proxied) => {
	const before = seen.length;
	await cause(makeFetch({ env: { [name]: `http://${host}` } })(url));
	expect(seen.length > before).toBe(proxied);
});

test("the lower-case name wins, and NO_PROXY is obeyed", async () => {
	const env = { http_proxy: `http://${host}`, HTTP_PROXY: "http://127.0.0.1:9" };
	const before = seen.length;
	await cause(makeFetch({ env })("http://registry.test/"));
	expect(seen.length).toBe(before + 1);
	await cause(makeFetch({ env: { ...env, NO_PROXY: ".invalid" } })("http://registry.invalid/"));
	expect(seen.length).toBe(before + 1);
});

test("loopback is never proxied", async () => {
	const fetch = makeFetch({ env: { HTTP_PROXY: "http://127.0.0.1:9", HTTPS_PROXY: "http://127.0.0.1:9" } });
	expect(await (await fetch(`http://${host}/`)).text()).toContain("agent");
});

test("a CA file that cannot be read, or holds nothing, is named at once", async () => {
	const folder = await mkdtemp(join(tmpdir(), "plimsoll-ca-"));
	const [empty, missing] = [join(folder, "empty.pem"), join(folder, "missing.pem")];
	await writeFile(empty, "nothing\n");
	for (const caFile of [empty, missing]) {
		const code = "registry_tls";
		const made = expect.objectContaining({ code, message: expect.stringContaining(caFile) });
		expect(() => makeFetch({ env: {}, caFile })).toThrow(made);
	}
	await rm(folder, { recursive: true });
});

test.each(["socks5://proxy.test:1080", "http://[bad"])(
	"the proxy %s is refused with a word on the variable",
	async (proxy) => {
		const fetch = makeFetch({ env: { HTTPS_PROXY: proxy } });
		expect(await cause(fetch("https://registry.test/v2/"))).toMatch(
			/HTTPS_PROXY or https_proxy names is no HTTP address/,
		);
	},
);

test("a proxy may be written without its scheme", async () => {
	const fetch = makeFetch({ env: { HTTPS_PROXY: host } });
	await cause(fetch("https://registry.test/v2/"));
	expect(seen).toContain("CONNECT registry.test:443");
});
