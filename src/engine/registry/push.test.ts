/** What registries, and what stands before them, make of a push. The usual way is tested with a real registry (test/e2e). */
import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { EngineError } from "../errors.ts";
import type { Credentials } from "./auth/credentials.ts";
import { type PushedBlob, pushTarget } from "./push.ts";
import { parseReference } from "./reference.ts";

interface Seen {
	readonly method: string;
	readonly url: string;
	readonly headers: IncomingMessage["headers"];
	readonly bytes: Buffer;
}

/** Answers a request; null leaves it to the usual registry. */
type Odd = (seen: Seen, response: ServerResponse) => boolean;

const servers: Server[] = [];
afterEach(() => {
	for (const server of servers.splice(0)) {
		server.closeAllConnections();
		server.close();
	}
});

/** A registry that takes pushes as the specification has it, unless `odd` answers first. */
async function registryWith(odd: Odd = () => false) {
	const seen: Seen[] = [];
	const stored = new Map<string, Buffer>();
	const uploads = new Map<string, Buffer>();
	const answer = (request: Seen, response: ServerResponse): void => {
		const { method, bytes } = request;
		const url = new URL(request.url, "http://registry");
		const digest = url.searchParams.get("digest");
		if (method === "HEAD") return void response.writeHead(stored.has(url.pathname) ? 200 : 404).end();
		if (method === "POST") {
			const location = `/v2/team/app/blobs/uploads/${uploads.size}?state=a%2Bb`;
			uploads.set(new URL(location, url).pathname, Buffer.alloc(0));
			return void response.writeHead(202, { location }).end();
		}
		if (method === "PATCH") {
			const whole = Buffer.concat([uploads.get(url.pathname) ?? Buffer.alloc(0), bytes]);
			uploads.set(url.pathname, whole);
			const next = `http://${host}${url.pathname}?state=${whole.length}`;
			return void response.writeHead(202, { location: next, range: `0-${whole.length - 1}` }).end();
		}
		if (method === "PUT" && digest !== null) {
			const whole = Buffer.concat([uploads.get(url.pathname) ?? Buffer.alloc(0), bytes]);
			const actual = `sha256:${createHash("sha256").update(whole).digest("hex")}`;
			if (actual !== digest) return void response.writeHead(400).end();
			stored.set(`/v2/team/app/blobs/${digest}`, whole);
			return void response.writeHead(201).end();
		}
		if (method === "PUT") {
			stored.set(url.pathname, bytes);
			return void response.writeHead(201).end();
		}
		response.writeHead(200).end("{}");
	};
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("error", () => undefined);
		request.on("end", () => {
			const { method = "", url = "", headers } = request;
			const one = { method, url, headers, bytes: Buffer.concat(chunks) };
			seen.push(one);
			if (!odd(one, response)) answer(one, response);
		});
	});
	servers.push(server);
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
	return { host, stored, requests: () => seen.filter(({ url }) => url !== "/v2/") };
}

const { signal } = new AbortController();

function targetOf(host: string, chunk?: number, credentials: Credentials | null = null) {
	const reference = parseReference(`${host}/team/app:1`);
	const deps = { fetch, credentials: { find: async () => credentials }, insecure: false, sleep: async () => undefined };
	return pushTarget(reference, deps, chunk);
}

function blobOf(bytes: Buffer): PushedBlob {
	return {
		digest: `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
		size: bytes.length,
		open: async function* () {
			for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
		},
	};
}

const content = randomBytes(25_000);
const blob = blobOf(content);
const path = `/v2/team/app/blobs/${blob.digest}`;
const steps = (seen: readonly Seen[]): string[] => seen.map(({ method, bytes }) => `${method} ${bytes.length}`);

describe("a blob", () => {
	test("goes in one request, and not again when it is there", async () => {
		const registry = await registryWith();
		const done: number[] = [];
		await targetOf(registry.host).blob(blob, signal, (bytes) => done.push(bytes));
		expect(registry.stored.get(path)).toEqual(content);
		expect(steps(registry.requests())).toEqual(["HEAD 0", "POST 0", "PUT 25000"]);
		const [, , put] = registry.requests();
		expect(put?.headers).toMatchObject({ "content-length": "25000", "content-type": "application/octet-stream" });
		// What the registry chose is passed back letter by letter.
		expect(put?.url).toMatch(/\?state=a%2Bb&digest=sha256%3A[0-9a-f]{64}$/);
		expect(done.at(-1)).toBe(25_000);
		await targetOf(registry.host).blob(blob, signal);
		expect(steps(registry.requests()).slice(3)).toEqual(["HEAD 0"]);
	});

	test("of no bytes goes, too", async () => {
		const registry = await registryWith();
		const empty = blobOf(Buffer.alloc(0));
		await targetOf(registry.host).blob(empty, signal);
		expect(registry.stored.has(`/v2/team/app/blobs/${empty.digest}`)).toBe(true);
	});

	test("goes in pieces where it is too large for one request", async () => {
		const registry = await registryWith(({ method, bytes }, response) => {
			if (method !== "PUT" || bytes.length === 0) return false;
			response.writeHead(413).end("<html>too large</html>");
			return true;
		});
		await targetOf(registry.host, 10_000).blob(blob, signal);
		expect(registry.stored.get(path)).toEqual(content);
		const pieces = registry.requests().filter(({ method }) => method === "PATCH");
		expect(pieces.map(({ headers }) => headers["content-range"])).toEqual(["0-9999", "10000-19999", "20000-24999"]);
		expect(pieces.map(({ headers }) => headers["content-length"])).toEqual(["10000", "10000", "5000"]);
		expect(steps(registry.requests()).at(-1)).toBe("PUT 0");
	});

	test("goes in pieces where a large request is cut off", async () => {
		const registry = await registryWith(({ method, bytes }, response) => {
			if (method !== "PUT" || bytes.length === 0) return false;
			response.destroy();
			return true;
		});
		await targetOf(registry.host, 10_000).blob(blob, signal);
		expect(registry.stored.get(path)).toEqual(content);
	});

	test("goes in pieces as large as the registry wants them", async () => {
		const registry = await registryWith(({ method, bytes, url }, response) => {
			if (method === "PUT" && bytes.length > 0) response.writeHead(413).end();
			else if (method === "POST") {
				const location = `${url}7`;
				response.writeHead(202, { location, "oci-chunk-min-length": "15000" }).end();
			} else return false;
			return true;
		});
		await targetOf(registry.host, 10_000).blob(blob, signal);
		expect(steps(registry.requests()).filter((step) => step.startsWith("PATCH"))).toEqual([
			"PATCH 15000",
			"PATCH 10000",
		]);
		const endless = await registryWith(({ method }, response) => {
			if (method !== "POST") return false;
			response.writeHead(202, { location: "/x", "oci-chunk-min-length": "99999999999" }).end();
			return true;
		});
		await expect(targetOf(endless.host).blob(blob, signal)).rejects.toMatchObject({ code: "registry_failed" });
	});

	test("is sent again, whole, after a failure that may pass", async () => {
		let failures = 2;
		const registry = await registryWith(({ method }, response) => {
			if (method === "HEAD" || failures === 0) return false;
			failures -= 1;
			response.writeHead(503).end();
			return true;
		});
		await targetOf(registry.host).blob(blob, signal);
		expect(registry.stored.get(path)).toEqual(content);
	});

	test("whose source fails is not sent again, and the source's error is told", async () => {
		const registry = await registryWith();
		let opened = 0;
		const open = async function* () {
			opened += 1;
			yield content.subarray(0, 5000);
			throw new EngineError("advisories_malformed", "The disk is broken.", "Buy another.");
		};
		await expect(targetOf(registry.host).blob({ ...blob, open }, signal)).rejects.toMatchObject({
			code: "advisories_malformed",
		});
		expect(opened).toBe(1);
	});

	test("that is stopped ends at once", async () => {
		const registry = await registryWith();
		const stop = new AbortController();
		const pushed = targetOf(registry.host).blob(blob, stop.signal, () => stop.abort());
		await expect(pushed).rejects.toMatchObject({ code: "aborted" });
	});
});

describe("where a registry sends the bytes", () => {
	const sendingTo = (location: string | undefined) =>
		registryWith(({ method }, response) => {
			if (method !== "POST") return false;
			response.writeHead(202, location === undefined ? {} : { location }).end();
			return true;
		});

	test("may be another host, which gets no credentials", async () => {
		const store = await registryWith(({ method }, response) => {
			if (method !== "PUT") return false;
			response.writeHead(201).end();
			return true;
		});
		const registry = await registryWith(({ method, headers }, response) => {
			if (headers.authorization === undefined) {
				response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
				return true;
			}
			if (method !== "POST") return false;
			response.writeHead(202, { location: `http://${store.host}/upload?signature=abc` }).end();
			return true;
		});
		await targetOf(registry.host, undefined, { kind: "password", username: "u", password: "p" }).blob(blob, signal);
		const [put] = store.requests();
		expect(put).toMatchObject({ method: "PUT", bytes: content });
		expect(put?.url).toMatch(/^\/upload\?signature=abc&digest=sha256%3A/);
		expect(put?.headers.authorization).toBeUndefined();
		expect(registry.requests().at(-1)?.headers.authorization).toMatch(/^Basic /);
	});

	test.each([
		["nothing", undefined, /does not say where/],
		["no address", "http://[", /does not say where/],
		["a file", "file:///etc/passwd", /not HTTP/],
		["an address with a password", "http://u:p@127.0.0.1/", /user name/],
		["a cloud's metadata", "https://169.254.169.254/", /./],
	])("is refused when it is %s", async (_, location, words) => {
		const registry = await sendingTo(location);
		const pushed = targetOf(registry.host).blob(blob, signal);
		await expect(pushed).rejects.toMatchObject({ message: expect.stringMatching(words) });
	});

	test("may be said by a redirect, which keeps the bytes", async () => {
		const registry = await registryWith(({ method, url }, response) => {
			if (method !== "PUT" || url.includes("moved")) return false;
			response.writeHead(307, { location: `${url}&moved` }).end();
			return true;
		});
		await targetOf(registry.host).blob(blob, signal);
		expect(registry.stored.get(path)).toEqual(content);
		const see = await registryWith(({ method, url }, response) => {
			if (method !== "PUT" || url.includes("moved")) return false;
			response.writeHead(303, { location: `${url}&moved` }).end();
			return true;
		});
		await expect(targetOf(see.host).blob(blob, signal)).rejects.toMatchObject({ code: "registry_failed" });
	});
});

describe("a manifest", () => {
	test("goes under its tag, with its type", async () => {
		const registry = await registryWith();
		await targetOf(registry.host).manifest("1", "application/x+json", Buffer.from("{}"), signal);
		const [put] = registry.requests();
		expect(put).toMatchObject({ method: "PUT", url: "/v2/team/app/manifests/1" });
		expect(put?.headers["content-type"]).toBe("application/x+json");
		expect(String(put?.bytes)).toBe("{}");
	});

	test.each([
		[
			401,
			{ "www-authenticate": 'Basic realm="x"' },
			"registry_unauthorized",
			/takes pushes to team\/app only from people/,
		],
		[404, {}, "registry_not_found", /has no place for team\/app/],
		[405, {}, "registry_failed", /answered 405 when asked for a push to team\/app/],
	])("that is answered with %i is told", async (status, headers, code, words) => {
		const registry = await registryWith((_, response) => {
			response.writeHead(status, headers).end();
			return true;
		});
		const pushed = targetOf(registry.host).manifest("1", "application/x+json", Buffer.from("{}"), signal);
		await expect(pushed).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
	});
});
