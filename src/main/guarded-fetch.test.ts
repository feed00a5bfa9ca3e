import { spawnSync as run } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allowedAddresses } from "#server";
import { bandwidth } from "./bandwidth.ts";
import { guardedNetwork, type LookUpAll, type NetworkSettings } from "./guarded-fetch.ts";

let server: Server;
let port = 0;
const seen: string[] = [];
const big = Buffer.alloc(60_000, "x");

beforeAll(async () => {
	server = createServer((request, response) => {
		seen.push(`${request.method} ${request.url}`);
		if (request.url === "/redirect") return void response.writeHead(307, { location: "http://169.254.169.254/" }).end();
		response.end(request.url === "/big" ? big : `for ${request.headers.host}`);
	});
	server.on("connect", (request, socket) => {
		seen.push(`CONNECT ${request.url}`);
		socket.end("HTTP/1.1 418 No\r\n\r\n");
	});
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	({ port } = server.address() as AddressInfo);
});
afterAll(() => {
	server.closeAllConnections();
	server.close();
});

const loopback = allowedAddresses("127.0.0.0/8");
const settings: NetworkSettings = { id: "1", insecure: false, caCertificate: null, maxBytesPerSecond: null };

/** Names of the test's own; each look-up is counted. */
function names(table: Readonly<Record<string, readonly string[]>>): {
	readonly lookup: LookUpAll;
	readonly asked: string[];
} {
	const asked: string[] = [];
	const lookup: LookUpAll = (hostname, _options, callback) => {
		asked.push(hostname);
		const found = table[hostname];
		if (!found) return callback(Object.assign(new Error("unknown"), { code: "ENOTFOUND" }), []);
		callback(
			null,
			found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
		);
	};
	return { lookup, asked };
}

describe("where it does not go", () => {
	test.each([
		"http://127.0.0.1",
		"http://0x7f.1",
		"http://2130706433",
		"http://0177.1",
		"http://localhost",
		"http://[::1]",
		"http://[::ffff:127.0.0.1]",
		"http://[64:ff9b::7f00:1]",
		"http://0.0.0.0",
		"http://169.254.169.254/latest/meta-data/",
		"http://[fd00:ec2::254]",
		"http://metadata.google.internal/computeMetadata/v1/",
		"http://100.100.100.200",
		"http://[fe80::1]",
		"http://224.0.0.1",
	])("%s", async (url) => {
		const before = seen.length;
		const at = new URL(url);
		at.port = String(port);
		const fetch = guardedNetwork({ env: {}, allowed: allowedAddresses("") }).fetchFor(settings);
		await expect(fetch(at)).rejects.toMatchObject({
			code: "address_refused",
			hint: expect.stringContaining("PLIMSOLL_ALLOW_ADDRESSES"),
		});
		expect(seen.length).toBe(before);
	});

	test("a name that leads there, whatever else it leads to", async () => {
		const { lookup } = names({ "one.test": ["127.0.0.1"], "two.test": ["::1", "169.254.169.254"] });
		const fetch = guardedNetwork({ env: {}, allowed: allowedAddresses(""), lookup }).fetchFor(settings);
		for (const host of ["one.test", "two.test"])
			await expect(fetch(`http://${host}:${port}/`)).rejects.toMatchObject({ code: "address_refused" });
	});

	test("an allowed range lets in what is in it, and nothing else", async () => {
		const { lookup } = names({ "in.test": ["127.0.0.1"], "out.test": ["169.254.169.254"] });
		const fetch = guardedNetwork({ env: {}, allowed: loopback, lookup }).fetchFor(settings);
		expect(await (await fetch(`http://in.test:${port}/`)).text()).toBe(`for in.test:${port}`);
		await expect(fetch(`http://out.test:${port}/`)).rejects.toMatchObject({ code: "address_refused" });
	});

	test("of several addresses only the right ones are tried", async () => {
		const { lookup } = names({ "mixed.test": ["169.254.169.254", "127.0.0.1"] });
		const fetch = guardedNetwork({ env: {}, allowed: loopback, lookup }).fetchFor(settings);
		expect((await fetch(`http://mixed.test:${port}/`)).status).toBe(200);
	});

	test("the address that was checked is the one that is gone to: one look-up a connection", async () => {
		let turn = 0;
		const lookup: LookUpAll = (_hostname, _options, callback) =>
			callback(null, [{ address: turn++ === 0 ? "127.0.0.1" : "169.254.169.254", family: 4 }]);
		const fetch = guardedNetwork({ env: {}, allowed: loopback, lookup }).fetchFor(settings);
		expect((await fetch(`http://rebinding.test:${port}/`)).status).toBe(200);
		expect(turn).toBe(1);
	});

	test("a redirect is given back, to be asked for and checked again", async () => {
		const fetch = guardedNetwork({ env: {}, allowed: loopback }).fetchFor(settings);
		const response = await fetch(`http://127.0.0.1:${port}/redirect`, { redirect: "follow" });
		expect(response.status).toBe(307);
		await expect(fetch(response.headers.get("location") ?? "")).rejects.toMatchObject({ code: "address_refused" });
	});

	test("an unknown name is no refusal", async () => {
		const { lookup } = names({});
		const fetch = guardedNetwork({ env: {}, allowed: loopback, lookup }).fetchFor(settings);
		await expect(fetch("http://nobody.test/")).rejects.toMatchObject({ cause: { code: "ENOTFOUND" } });
	});
});

describe("proxies of the environment", () => {
	test("are used, at loopback too, and look names up themselves", async () => {
		const { lookup, asked } = names({});
		const env = { HTTP_PROXY: `http://127.0.0.1:${port}`, HTTPS_PROXY: `http://127.0.0.1:${port}` };
		const fetch = guardedNetwork({ env, allowed: allowedAddresses(""), lookup }).fetchFor(settings);
		await fetch("http://registry.test/").catch(() => {});
		await fetch("https://registry.test/").catch(() => {});
		expect(
			seen
				.slice(-2)
				.every((line) => line.startsWith("CONNECT registry.test") || line.includes("http://registry.test/")),
		).toBe(true);
		expect(asked).toEqual([]);
	});

	test("are not asked for addresses and names that are refused", async () => {
		const before = seen.length;
		const env = { HTTP_PROXY: `http://127.0.0.1:${port}` };
		const fetch = guardedNetwork({ env, allowed: allowedAddresses("") }).fetchFor(settings);
		for (const host of ["169.254.169.254", "metadata.google.internal", "[::ffff:169.254.169.254]"])
			await expect(fetch(`http://${host}/`)).rejects.toMatchObject({ code: "address_refused" });
		expect(seen.length).toBe(before);
	});

	test("hosts of NO_PROXY are looked up and checked", async () => {
		const { lookup } = names({ "inner.test": ["169.254.169.254"] });
		const env = { HTTP_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: "inner.test" };
		const fetch = guardedNetwork({ env, allowed: loopback, lookup }).fetchFor(settings);
		await expect(fetch("http://inner.test/")).rejects.toMatchObject({ code: "address_refused" });
	});
});

const noOpenssl = run("openssl", ["version"]).error !== undefined && !process.env["CI"];

describe.skipIf(noOpenssl)(`a registry's own certificates${noOpenssl ? " (not installed: openssl)" : ""}`, () => {
	let folder = "";
	let tls: ReturnType<typeof createTlsServer>;
	let url = "";
	let pem = "";
	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "plimsoll-tls-"));
		const at = (name: string): string => join(folder, name);
		writeFileSync(
			at("x.cnf"),
			"[req]\ndistinguished_name=d\nx509_extensions=e\nprompt=no\n[d]\nCN=t\n[e]\nsubjectAltName=DNS:tls.test\n",
		);
		const arguments_ = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-config", at("x.cnf")];
		run("openssl", [...arguments_, "-keyout", at("key"), "-out", at("cert")], { stdio: "ignore" });
		pem = readFileSync(at("cert"), "utf8");
		tls = createTlsServer({ cert: pem, key: readFileSync(at("key")) }, (_, response) => response.end("safe"));
		await new Promise<void>((listening) => tls.listen(0, "127.0.0.1", listening));
		url = `https://tls.test:${(tls.address() as AddressInfo).port}/`;
	});
	afterAll(() => {
		tls.closeAllConnections();
		tls.close();
		rmSync(folder, { recursive: true });
	});

	test("are trusted for it, and for no other; insecure trusts anything", async () => {
		const { lookup } = names({ "tls.test": ["127.0.0.1"] });
		const network = guardedNetwork({ env: {}, allowed: loopback, lookup });
		await expect(network.fetchFor(settings)(url)).rejects.toThrow("fetch failed");
		const trusting = network.fetchFor({ ...settings, caCertificate: pem });
		expect(await (await trusting(url)).text()).toBe("safe");
		await expect(network.fetchFor({ ...settings, id: "2" })(url)).rejects.toThrow("fetch failed");
		expect((await network.fetchFor({ ...settings, insecure: true })(url)).status).toBe(200);
	});

	test("that are none are said so", async () => {
		const bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
		for (const caCertificate of ["", "x", bad]) {
			const fetch = guardedNetwork({ env: {}, allowed: loopback }).fetchFor({ ...settings, caCertificate });
			await expect(fetch(url.replace("tls.test", "127.0.0.1"))).rejects.toMatchObject({ code: "registry_tls" });
		}
	});
});

describe("a limit of bytes a second", () => {
	test("holds for all bodies together, and leaves them whole", async () => {
		const fetch = guardedNetwork({ env: {}, allowed: loopback }).fetchFor({ ...settings, maxBytesPerSecond: 100_000 });
		const began = performance.now();
		const get = async () => Buffer.from(await (await fetch(`http://127.0.0.1:${port}/big`)).arrayBuffer());
		for (const body of await Promise.all([get(), get()])) expect(body.equals(big)).toBe(true);
		// 120,000 bytes at 100,000 a second; the first are free.
		expect(performance.now() - began).toBeGreaterThan(900);
	});

	test("counts what is spent at once against what comes later, and idle time for nothing", async () => {
		let now = 1_000_000;
		const limit = bandwidth(() => now);
		await limit.spend(1e9);
		limit.setRate(1_000_000);
		await limit.spend(10_000);
		await limit.spend(10_000);
		const began = performance.now();
		await limit.spend(10_000);
		expect(performance.now() - began).toBeGreaterThan(25);
		now += 60_000;
		await limit.spend(20_000);
	});
});
