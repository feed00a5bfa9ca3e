import { afterEach, describe, expect, test } from "vitest";
import type { Descriptor } from "#model";
import type { ImageSource } from "../image/types.ts";
import {
	descriptorOf,
	type FakeOptions,
	type FakeRegistry,
	startFakeRegistry,
	stored,
	testImage,
	testIndex,
} from "../testing/registry/index.ts";
import { anonymous, fixedCredentials } from "./auth/credentials.ts";
import type { SourceDeps } from "./deps.ts";
import { parseReference } from "./reference.ts";
import { registrySource } from "./source.ts";

const never = new AbortController().signal;
const open: FakeRegistry[] = [];

afterEach(async () => {
	for (const registry of open.splice(0)) {
		await registry.close();
		expect(registry.violations).toEqual([]);
	}
});

async function registryWith(options: FakeOptions = {}): Promise<FakeRegistry> {
	const registry = await startFakeRegistry(options);
	open.push(registry);
	return registry;
}

/** A source that does not really wait; what it would have waited is in `waits`, in milliseconds. */
function sourceOf(reference: string, deps: Partial<SourceDeps> = {}): ImageSource & { readonly waits: number[] } {
	const waits: number[] = [];
	const source = registrySource(parseReference(reference), {
		fetch,
		credentials: anonymous,
		insecure: false,
		mirrors: [],
		random: () => 1,
		sleep: async (milliseconds) => void waits.push(milliseconds),
		...deps,
	});
	return { ...source, waits };
}

async function readBlobs(source: ImageSource, descriptors: readonly Descriptor[], concurrency = 2) {
	const read = new Map<string, Buffer>();
	const visit = async (descriptor: Descriptor, body: AsyncIterable<Uint8Array>): Promise<void> => {
		const chunks: Uint8Array[] = [];
		for await (const chunk of body) chunks.push(Buffer.from(chunk));
		read.set(descriptor.digest, Buffer.concat(chunks));
	};
	await source.blobs(descriptors, visit, { concurrency, signal: never });
	return read;
}

const bigLayer = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 8)) % 251));
const image = testImage(["first layer", bigLayer, "third"]);
const layerDescriptors = image.layers.map(descriptorOf);

describe("documents", () => {
	test("the root by tag, its configuration, and every layer", async () => {
		const registry = await registryWith();
		registry.push("team/app", image, "1.0");
		const source = sourceOf(`${registry.host}/team/app:1.0`);
		const root = await source.root(never);
		expect(root.descriptor).toEqual(descriptorOf(image.manifest));
		const config = await source.document(descriptorOf(image.config), never);
		expect(Buffer.from(config.bytes)).toEqual(image.config.bytes);
		const read = await readBlobs(source, layerDescriptors);
		for (const layer of image.layers) expect(read.get(layer.digest)).toEqual(layer.bytes);
		expect(source.name).toBe(`${registry.host}/team/app:1.0`);
	});

	test("an index by digest and its child", async () => {
		const registry = await registryWith();
		const index = testIndex({ amd64: image });
		registry.push("app", image);
		registry.pushManifest("app", index, "latest");
		const source = sourceOf(`${registry.host}/app:ignored@${index.digest}`);
		expect((await source.root(never)).descriptor.mediaType).toBe("application/vnd.oci.image.index.v1+json");
		const child = await source.document(descriptorOf(image.manifest), never);
		expect(Buffer.from(child.bytes)).toEqual(image.manifest.bytes);
	});

	test.each([
		["the tag is missing", "app:gone", "registry_not_found", /has no tag gone/],
		["the repository is missing", "nobody:1", "registry_not_found", /has no repository nobody/],
		["the digest is missing", `app@sha256:${"0".repeat(64)}`, "registry_not_found", /has no manifest sha256:0/],
	])("%s", async (_, rest, code, message) => {
		const registry = await registryWith();
		registry.push("app", image, "1");
		await expect(sourceOf(`${registry.host}/${rest}`).root(never)).rejects.toMatchObject({
			code,
			message: expect.stringMatching(message),
		});
	});

	test("other bytes than the digest says are refused", async () => {
		const registry = await registryWith();
		registry.push("app", image, "1");
		const forged = testImage(["evil"]).manifest.bytes;
		registry.misbehave("/manifests/", { kind: "content", bytes: forged }, { kind: "content", bytes: forged });
		const byDigest = sourceOf(`${registry.host}/app@${image.manifest.digest}`);
		await expect(byDigest.root(never)).rejects.toMatchObject({ code: "digest_mismatch" });
		await expect(byDigest.document(descriptorOf(image.manifest), never)).rejects.toMatchObject({
			code: "digest_mismatch",
		});
	});

	test("a document is neither read past the limit nor asked for when it is said to be larger", async () => {
		const registry = await registryWith();
		const huge = stored("application/vnd.oci.image.manifest.v1+json", Buffer.alloc(8 * 1024 * 1024 + 1, 32));
		registry.pushManifest("app", huge, "1");
		const source = sourceOf(`${registry.host}/app:1`);
		await expect(source.root(never)).rejects.toMatchObject({ code: "image_malformed" });
		const asked = registry.requests.length;
		await expect(source.document(descriptorOf(huge), never)).rejects.toMatchObject({ code: "image_malformed" });
		expect(registry.requests.length).toBe(asked);
	});

	test("a size that does not fit the bytes is refused", async () => {
		const registry = await registryWith();
		registry.push("app", image, "1");
		const wrong = { ...descriptorOf(image.config), size: image.config.bytes.length + 1 };
		await expect(sourceOf(`${registry.host}/app:1`).document(wrong, never)).rejects.toMatchObject({
			code: "digest_mismatch",
		});
	});

	test("schema 1 is refused with words that help", async () => {
		const registry = await registryWith();
		const old = { ...stored("", { schemaVersion: 1, fsLayers: [] }) };
		registry.pushManifest("app", old, "1");
		await expect(sourceOf(`${registry.host}/app:1`).root(never)).rejects.toMatchObject({
			code: "manifest_unsupported",
			message: expect.stringContaining("schema 1"),
		});
	});

	test("an error's text from the registry is cleaned and cut", async () => {
		const registry = await registryWith();
		const message = `no\u001b[31m\r\nsuch \u202ething${"!".repeat(5000)}`;
		const body = JSON.stringify({ errors: [{ code: "NAME_UNKNOWN", message }] });
		registry.misbehave("/manifests/", { kind: "status", status: 404, body });
		const error: Error = await sourceOf(`${registry.host}/app:1`)
			.root(never)
			.then(
				() => new Error("no error"),
				(thrown) => thrown,
			);
		expect(error.message).toMatch(/no \[31m such thing!!!/);
		expect(error.message).not.toMatch(/[\u0000-\u001f\u202e]/);
		expect(error.message.length).toBeLessThan(400);
	});
});

describe("retries", () => {
	test("503 twice, then an answer: waits grow", async () => {
		const registry = await registryWith();
		registry.push("app", image, "1");
		registry.misbehave("/manifests/", { kind: "status", status: 503 }, { kind: "status", status: 503 });
		const source = sourceOf(`${registry.host}/app:1`);
		await source.root(never);
		expect(source.waits).toEqual([500, 1000]);
	});

	test("429 waits as long as Retry-After says", async () => {
		const registry = await registryWith();
		registry.push("app", image, "1");
		const date = new Date(Date.now() + 30_000).toUTCString();
		registry.misbehave(
			"/manifests/",
			{ kind: "status", status: 429, headers: { "retry-after": "7" } },
			{ kind: "status", status: 429, headers: { "retry-after": date } },
		);
		const source = sourceOf(`${registry.host}/app:1`);
		await source.root(never);
		expect(source.waits[0]).toBe(7000);
		expect(source.waits[1]).toBeGreaterThan(27_000);
		expect(source.waits[1]).toBeLessThanOrEqual(30_000);
	});

	test("429 for hours is told at once, 429 without end after some tries", async () => {
		const registry = await registryWith();
		registry.misbehave("/manifests/", { kind: "status", status: 429, headers: { "retry-after": "21600" } });
		const patient = sourceOf(`${registry.host}/app:1`);
		await expect(patient.root(never)).rejects.toMatchObject({
			code: "registry_rate_limited",
			hint: expect.stringContaining("21600 seconds"),
		});
		expect(patient.waits).toEqual([]);
		registry.misbehave("/manifests/", ...Array(9).fill({ kind: "status", status: 429 }));
		const source = sourceOf(`${registry.host}/app:1`);
		await expect(source.root(never)).rejects.toMatchObject({ code: "registry_rate_limited" });
		expect(source.waits).toEqual([500, 1000, 2000, 4000]);
	});

	test("a connection that breaks in a document is tried again", async () => {
		const registry = await registryWith();
		registry.push("app", image, "1");
		registry.misbehave("/manifests/", { kind: "break", after: 10 });
		const source = sourceOf(`${registry.host}/app:1`);
		expect((await source.root(never)).descriptor.digest).toBe(image.manifest.digest);
		expect(source.waits).toHaveLength(1);
	});

	test("nobody listens: registry_unreachable names the host", async () => {
		const registry = await startFakeRegistry();
		await registry.close();
		await expect(sourceOf(`${registry.host}/app:1`).root(never)).rejects.toMatchObject({
			code: "registry_unreachable",
			message: expect.stringContaining(registry.host),
		});
	});

	test("400 is final", async () => {
		const registry = await registryWith();
		registry.misbehave("/manifests/", { kind: "status", status: 400 });
		const source = sourceOf(`${registry.host}/app:1`);
		await expect(source.root(never)).rejects.toMatchObject({ code: "registry_failed" });
		expect(source.waits).toEqual([]);
	});

	test("an aborted signal ends a wait", async () => {
		const registry = await registryWith();
		registry.misbehave("/manifests/", { kind: "status", status: 503 });
		const controller = new AbortController();
		const source = sourceOf(`${registry.host}/app:1`, {
			sleep: async (_, signal) => {
				controller.abort();
				signal.throwIfAborted();
			},
		});
		await expect(source.root(controller.signal)).rejects.toMatchObject({ code: "aborted" });
	});
});

describe("blobs", () => {
	const big = layerDescriptors[1] as Descriptor;

	async function readBig(faults: Parameters<FakeRegistry["misbehave"]>[1][]) {
		const registry = await registryWith();
		registry.push("app", image, "1");
		registry.misbehave(big.digest, ...faults);
		const source = sourceOf(`${registry.host}/app:1`);
		const read = readBlobs(source, [big]).then((blobs) => blobs.get(big.digest));
		return { registry, source, read };
	}

	test("a broken connection goes on with Range where it stopped", async () => {
		const { registry, read } = await readBig([
			{ kind: "break", after: 100_000 },
			{ kind: "break", after: 50_000 },
		]);
		expect(await read).toEqual(bigLayer);
		const ranges = registry.requests.map(({ headers }) => headers.range).filter((range) => range !== undefined);
		expect(ranges).toHaveLength(2);
		expect(Number(/bytes=(\d+)-/.exec(ranges[1] ?? "")?.[1])).toBeLessThanOrEqual(150_000);
	});

	test("a server that ignores Range is read from the start, the known part skipped", async () => {
		const { read } = await readBig([{ kind: "break", after: 100_000 }, { kind: "ignore-range" }]);
		expect(await read).toEqual(bigLayer);
	});

	test.each(["bytes 5-299999/300000", "bytes */300000", "nonsense", ""])(
		"Content-Range %j is not believed",
		async (range) => {
			const { registry, read } = await readBig([
				{ kind: "break", after: 100_000 },
				{ kind: "headers", headers: { "content-range": range } },
			]);
			expect(await read).toEqual(bigLayer);
			// After that it is read without Range.
			expect(registry.requests.at(-1)?.headers.range).toBeUndefined();
		},
	);

	test("an answer that ends too early, always, is blob_truncated", async () => {
		const { read } = await readBig(Array(20).fill({ kind: "short", by: 1000 }));
		await expect(read).rejects.toMatchObject({
			code: "blob_truncated",
			message: expect.stringContaining("299000 of the 300000"),
		});
	});

	test("a server that breaks off without end is given up", async () => {
		const { source, read } = await readBig(Array(50).fill({ kind: "break", after: 10 }));
		await expect(read).rejects.toMatchObject({ code: expect.stringMatching(/blob_truncated|registry_unreachable/) });
		expect(source.waits).toHaveLength(5);
	});

	test("progress forgives breaks", async () => {
		const registry = await registryWith();
		const bytes = Buffer.alloc(4_000_000, "layer");
		const long = stored("application/vnd.oci.image.layer.v1.tar", bytes);
		registry.pushBlob("app", long);
		registry.misbehave(long.digest, ...Array(9).fill({ kind: "break", after: 400_000 }));
		const read = await readBlobs(sourceOf(`${registry.host}/app:1`), [descriptorOf(long)]);
		expect(read.get(long.digest)?.equals(bytes)).toBe(true);
	});

	test("a blob longer than the descriptor says is refused, and no byte of the surplus is given", async () => {
		const registry = await registryWith();
		registry.push("app", image, "1");
		const short = { ...big, size: 1000 };
		let seen = 0;
		const visit = async (_: Descriptor, body: AsyncIterable<Uint8Array>): Promise<void> => {
			for await (const chunk of body) seen += chunk.length;
		};
		const options = { concurrency: 1, signal: never };
		await expect(sourceOf(`${registry.host}/app:1`).blobs([short], visit, options)).rejects.toMatchObject({
			code: "digest_mismatch",
		});
		expect(seen).toBeLessThanOrEqual(1000);
	});

	test("a blob that a proxy compressed once more is refused", async () => {
		const { read } = await readBig(Array(9).fill({ kind: "headers", headers: { "content-encoding": "gzip" } }));
		await expect(read).rejects.toMatchObject({ code: "registry_failed" });
	});

	test("a blob that is not there says so", async () => {
		const registry = await registryWith();
		registry.push("app", image, "1");
		const gone = descriptorOf(stored("application/vnd.oci.image.layer.v1.tar", "gone"));
		await expect(readBlobs(sourceOf(`${registry.host}/app:1`), [gone])).rejects.toMatchObject({
			code: "registry_not_found",
			message: expect.stringContaining("no blob"),
		});
	});

	test("no more than `concurrency` at a time; a visitor that stops early frees its connection", async () => {
		const registry = await registryWith();
		const many = testImage(Array.from({ length: 12 }, (_, at) => `layer ${at}`.repeat(5000)));
		registry.push("app", many, "1");
		let now = 0;
		let most = 0;
		const visit = async (_: Descriptor, body: AsyncIterable<Uint8Array>): Promise<void> => {
			most = Math.max(most, ++now);
			for await (const _chunk of body) break;
			await new Promise((resolve) => setTimeout(resolve, 5));
			now--;
		};
		const options = { concurrency: 3, signal: never };
		await sourceOf(`${registry.host}/app:1`).blobs(many.layers.map(descriptorOf), visit, options);
		expect(most).toBe(3);
	});

	test("an error of the visitor stops everything and is thrown as it is", async () => {
		const registry = await registryWith();
		registry.push("app", image, "1");
		const visited: string[] = [];
		const stop = new Error("enough");
		const visit = async (descriptor: Descriptor): Promise<void> => {
			visited.push(descriptor.digest);
			throw stop;
		};
		const options = { concurrency: 1, signal: never };
		await expect(sourceOf(`${registry.host}/app:1`).blobs(layerDescriptors, visit, options)).rejects.toBe(stop);
		expect(visited).toHaveLength(1);
	});

	test("a visitor that catches its stream's error lets the others go on", async () => {
		const registry = await registryWith();
		registry.push("app", image, "1");
		registry.misbehave(big.digest, ...Array(9).fill({ kind: "status", status: 500 }));
		const states: string[] = [];
		const visit = async (_: Descriptor, body: AsyncIterable<Uint8Array>): Promise<void> => {
			try {
				for await (const _chunk of body);
				states.push("whole");
			} catch {
				states.push("broken");
			}
		};
		const options = { concurrency: 3, signal: never };
		await sourceOf(`${registry.host}/app:1`).blobs(layerDescriptors, visit, options);
		expect(states.sort()).toEqual(["broken", "whole", "whole"]);
	});

	test("abort in the middle ends with aborted", async () => {
		const registry = await registryWith();
		registry.push("app", image, "1");
		const controller = new AbortController();
		const visit = async (_: Descriptor, body: AsyncIterable<Uint8Array>): Promise<void> => {
			for await (const _chunk of body) controller.abort();
		};
		const options = { concurrency: 1, signal: controller.signal };
		await expect(sourceOf(`${registry.host}/app:1`).blobs(layerDescriptors, visit, options)).rejects.toMatchObject({
			code: "aborted",
		});
	});
});

describe("redirects", () => {
	test("to another host: followed, without the credentials", async () => {
		const store = await registryWith();
		const registry = await registryWith({ auth: { kind: "basic", username: "me", password: "secret" } });
		store.push("app", image);
		registry.push("app", image, "1");
		const to = (digest: string): string => `http://${store.host}/v2/app/blobs/${digest}`;
		for (const { digest } of layerDescriptors) {
			registry.misbehave(`/blobs/${digest}`, { kind: "redirect", to: to(digest) });
		}
		const credentials = fixedCredentials(registry.host, "me", "secret");
		const source = sourceOf(`${registry.host}/app:1`, { credentials });
		await source.root(never);
		const read = await readBlobs(source, layerDescriptors);
		expect(read.size).toBe(3);
		// `store` never asked for credentials, so being sent any would be a violation; see afterEach.
		expect(store.requests).toHaveLength(3);
	});

	test("without end: refused", async () => {
		const registry = await registryWith();
		registry.misbehave("/loop", ...Array(20).fill({ kind: "redirect", to: "/v2/app/manifests/loop" }));
		await expect(sourceOf(`${registry.host}/app:loop`).root(never)).rejects.toMatchObject({ code: "registry_failed" });
	});

	test.each(["ftp://example.test/x", "http://user:pw@127.0.0.1/x", "http://plain.example/x"])(
		"to %s: refused",
		async (to) => {
			const registry = await registryWith();
			registry.misbehave("/manifests/", { kind: "redirect", to });
			await expect(sourceOf(`${registry.host}/app:1`).root(never)).rejects.toMatchObject({ code: "registry_failed" });
		},
	);
});

describe("mirrors", () => {
	test("a mirror is asked first, and only the registry's failure is an error", async () => {
		const mirror = await registryWith();
		const registry = await registryWith();
		mirror.push("cache/app", image, "1");
		registry.push("app", image, "1", "2");
		const source = sourceOf(`${registry.host}/app:1`, { mirrors: [`${mirror.host}/cache`] });
		await source.root(never);
		expect(registry.requests).toEqual([]);
		const other = sourceOf(`${registry.host}/app:2`, { mirrors: [`${mirror.host}/cache`] });
		expect((await other.root(never)).descriptor.digest).toBe(image.manifest.digest);
	});

	test("a mirror that is down is asked once", async () => {
		const down = await startFakeRegistry();
		await down.close();
		const registry = await registryWith();
		registry.push("app", image, "1");
		let asked = 0;
		const counting: SourceDeps["fetch"] = (input, init) => {
			if (String(input).includes(down.host)) asked++;
			return fetch(input, init);
		};
		const source = sourceOf(`${registry.host}/app:1`, { mirrors: [down.host], fetch: counting });
		await source.root(never);
		const after = asked;
		await readBlobs(source, layerDescriptors);
		expect(asked).toBe(after);
	});

	test("a blob that breaks on the mirror goes on from the registry", async () => {
		const mirror = await registryWith();
		const registry = await registryWith();
		for (const one of [mirror, registry]) one.push("app", image, "1");
		const [, big] = layerDescriptors;
		mirror.misbehave(big?.digest ?? "", { kind: "break", after: 100_000 }, { kind: "status", status: 500 });
		const source = sourceOf(`${registry.host}/app:1`, { mirrors: [mirror.host] });
		const read = await readBlobs(source, layerDescriptors);
		expect(read.get(big?.digest ?? "")).toEqual(bigLayer);
		expect(registry.requests.at(-1)?.headers.range).toMatch(/^bytes=\d+-$/);
	});

	test("a mirror is not given the registry's credentials", async () => {
		const mirror = await registryWith({ auth: { kind: "basic", username: "me", password: "secret" } });
		const registry = await registryWith({ auth: { kind: "basic", username: "me", password: "secret" } });
		mirror.push("app", image, "1");
		registry.push("app", image, "1");
		const credentials = fixedCredentials(registry.host, "me", "secret");
		await sourceOf(`${registry.host}/app:1`, { mirrors: [mirror.host], credentials }).root(never);
		expect(mirror.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
		expect(registry.requests.at(-1)?.headers.authorization).toBeDefined();
	});

	test.each(["", "two words", "host/UPPER", "ftp://host"])("the mirror %j is refused", (mirror) => {
		expect(() => sourceOf("registry.example/app", { mirrors: [mirror] })).toThrow(
			expect.objectContaining({ code: "reference_malformed" }),
		);
	});
});
