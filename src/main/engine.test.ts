import { createWriteStream, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ZipFile } from "yazl";
import { run } from "#cli";
import { updateAdvisories } from "#engine";
import { buildImage, type FakeRegistry, file, startFakeRegistry } from "#engine/testing";
import { bindEngine } from "./engine.ts";
import { readSettings } from "./settings.ts";

/** The whole command line with the real engine and the real network; only the registry and the world outside are made. */
let work: string;
let registry: FakeRegistry;
/** Every request that is not for loopback comes here, as `METHOD target`. */
let proxy: Server;
const outside: string[] = [];

beforeAll(async () => {
	work = mkdtempSync(join(tmpdir(), "plimsoll-main-"));
	proxy = createServer((request, response) => {
		outside.push(`${request.method} ${request.url}`);
		response.writeHead(403).end();
	});
	proxy.on("connect", (request, socket) => {
		outside.push(`CONNECT ${request.url}`);
		socket.end("HTTP/1.1 403 No\r\n\r\n");
	});
	await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
	registry = await startFakeRegistry();
	pushImage();
	await buildDatabase();
});

afterAll(async () => {
	proxy.closeAllConnections();
	proxy.close();
	await registry.close();
	rmSync(work, { recursive: true, force: true });
});

function pushImage(): void {
	const manifest = JSON.stringify({ name: "left-pad", version: "1.0.0" });
	const { blobs, ...image } = buildImage({
		layers: [{ tar: [file("app/node_modules/left-pad/package.json", manifest)] }],
	});
	const stored = (blob: { mediaType: string; digest: (typeof image.manifest)["digest"] }) => ({
		...blob,
		bytes: blobs.get(blob.digest) ?? Buffer.alloc(0),
	});
	registry.push(
		"shop/web",
		{
			manifest: stored(image.manifest),
			config: stored(image.config),
			layers: image.layers.map(({ descriptor }) => stored(descriptor)),
		},
		"1",
	);
}

async function buildDatabase(): Promise<void> {
	const record = {
		id: "GHSA-0000-0000-0001",
		modified: "2026-01-01T00:00:00Z",
		affected: [
			{
				package: { ecosystem: "npm", name: "left-pad" },
				ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "1.0.1" }] }],
			},
		],
	};
	mkdirSync(join(work, "bucket/npm"), { recursive: true });
	const zip = new ZipFile();
	zip.addBuffer(Buffer.from(JSON.stringify(record)), `${record.id}.json`);
	zip.end();
	await finished(zip.outputStream.pipe(createWriteStream(join(work, "bucket/npm/all.zip"))));
	const fetch = () => Promise.reject(new Error("no network is needed"));
	const clock = () => new Date();
	await updateAdvisories({ source: join(work, "bucket"), dir: join(work, "db"), kind: "full", fetch, clock });
}

async function plimsoll(...argv: readonly string[]) {
	const texts = { stdout: "", stderr: "" };
	const outputTo = (name: keyof typeof texts) => ({
		write: async (text: string) => {
			texts[name] += text;
		},
		failure: null,
		isTTY: false,
		columns: null,
		colour: false,
		unicode: true,
	});
	const { port } = proxy.address() as AddressInfo;
	const outsideProxy = `http://127.0.0.1:${port}`;
	const env = {
		HTTP_PROXY: outsideProxy,
		HTTPS_PROXY: outsideProxy,
		XDG_CACHE_HOME: work,
		XDG_CONFIG_HOME: work,
		DOCKER_CONFIG: work,
	};
	const settings = await readSettings(env);
	const { signal } = new AbortController();
	const code = await run([...argv, "--db", join(work, "db")], {
		stdout: outputTo("stdout"),
		stderr: outputTo("stderr"),
		readSettings: async () => settings,
		serve: async () => {},
		loadEngine: async () => bindEngine(settings, env, signal),
		version: "0.1.0",
		clock: () => new Date(),
		signal,
	});
	return { code, ...texts };
}

test("a scan with --offline finds what there is and reaches nothing but the image's registry", async () => {
	const result = await plimsoll("scan", `${registry.host}/shop/web:1`, "--offline", "--format", "json", "--quiet");
	expect(result.stderr).toBe("");
	expect(result.code).toBe(0);
	expect(JSON.parse(result.stdout)).toMatchObject({
		status: "complete",
		summary: { total: 1, fixable: 1 },
		findings: [{ id: "GHSA-0000-0000-0001", package: { name: "left-pad" } }],
	});
	expect(registry.requests.length).toBeGreaterThan(2);
	expect(outside).toEqual([]);
});

test("what is outside would have been seen", async () => {
	const { code } = await plimsoll("db", "update", "--source", "http://outside.invalid/bucket", "--quiet");
	expect(code).toBe(4);
	expect(outside.join()).toContain("outside.invalid");
});
