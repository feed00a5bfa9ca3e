/** Pulls from the Distribution project's registry, filled by skopeo: anonymous, with passwords, with tokens, by a mirror. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileCredentials, openTarget, runCredentialHelper, type SourceDeps } from "#engine";
import type { Descriptor } from "#model";
import { missingProgram, type RunningRegistry, startRegistry } from "../support/docker-registry.ts";
import { makeAuthority } from "./certificates.ts";
import { type Blob, digestOf, type Image, makeImage, makeIndex } from "./images.ts";
import { pushWithSkopeo } from "./skopeo.ts";
import { startTokenServer, type TokenServer } from "./token-server.ts";

const missing = missingProgram("docker-registry", "skopeo", "openssl");
const because = missing === null ? "" : ` (${missing})`;
const { signal } = new AbortController();

/** Where a test keeps its log-ins: Docker's config.json in a folder of its own. */
let folder = "";
let image: Image;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "plimsoll-pull-"));
	image = await makeImage([1000, 5_000_000, 20]);
});
afterAll(() => rm(folder, { recursive: true }));

async function open(reference: string, config: object = {}, deps: Partial<SourceDeps> = {}) {
	const file = join(folder, `${digestOf(Buffer.from(JSON.stringify(config))).slice(7, 19)}.json`);
	await writeFile(file, JSON.stringify(config));
	const credentials = fileCredentials([join(folder, "missing.json"), file], runCredentialHelper);
	const registry = () => ({ fetch, credentials, insecure: false, mirrors: [], ...deps });
	const target = await openTarget(reference, { registry, signal });
	if (target.kind !== "image") throw new Error(`${reference} is no image`);
	return target.source;
}

/** Pulls everything of an image and checks every byte by its digest. */
async function expectPulled(
	reference: string,
	expected: Image,
	config?: object,
	deps?: Partial<SourceDeps>,
): Promise<void> {
	const source = await open(reference, config, deps);
	const root = await source.root(signal);
	expect(root.descriptor).toEqual(expected.manifest.descriptor);
	expect(digestOf((await source.document(expected.config.descriptor, signal)).bytes)).toBe(
		expected.config.descriptor.digest,
	);
	const seen: string[] = [];
	const visit = async (_: Descriptor, body: AsyncIterable<Uint8Array>): Promise<void> => {
		const chunks: Buffer[] = [];
		for await (const chunk of body) chunks.push(Buffer.from(chunk));
		seen.push(digestOf(Buffer.concat(chunks)));
	};
	const layers = expected.layers.map(({ descriptor }) => descriptor);
	await source.blobs(layers, visit, { concurrency: 2, signal });
	expect(seen.sort()).toEqual(layers.map(({ digest }) => digest).sort());
}

const login = (host: string, userAndPassword: string): object => ({
	auths: { [host]: { auth: Buffer.from(userAndPassword).toString("base64") } },
});

describe.skipIf(missing !== null)(`an open registry${because}`, () => {
	let registry: RunningRegistry;
	let index: Blob;
	beforeAll(async () => {
		registry = await startRegistry();
		await pushWithSkopeo(image, `${registry.host}/team/app:1.0`);
		const images = { amd64: image, arm64: await makeImage([10], "arm64") };
		index = await pushWithSkopeo({ index: images }, `${registry.host}/team/multi:latest`);
		expect(index).toEqual(makeIndex(images));
	});
	afterAll(() => registry?.stop());

	test("by tag and by digest", async () => {
		await expectPulled(`${registry.host}/team/app:1.0`, image);
		await expectPulled(`${registry.host}/team/app:other@${image.manifest.descriptor.digest}`, image);
	});

	test("an index and its children", async () => {
		const source = await open(`${registry.host}/team/multi`);
		expect((await source.root(signal)).descriptor).toEqual(index.descriptor);
		const child = await source.document(image.manifest.descriptor, signal);
		expect(Buffer.from(child.bytes)).toEqual(image.manifest.bytes);
	});

	test("what is not there is named", async () => {
		const of = async (rest: string) => (await open(`${registry.host}/${rest}`)).root(signal);
		await expect(of("team/app:2.0")).rejects.toMatchObject({
			code: "registry_not_found",
			message: expect.stringContaining("no tag 2.0"),
		});
		// This registry answers MANIFEST_UNKNOWN for a repository that is missing, too.
		await expect(of("nobody:1")).rejects.toMatchObject({ code: "registry_not_found" });
	});

	test("a pull that breaks goes on by a Range of the real registry", async () => {
		let cut = false;
		const ranges: (string | null)[] = [];
		/** Breaks the first answer of more than a megabyte after a part of it. */
		const breaking: SourceDeps["fetch"] = async (input, init) => {
			const response = await fetch(input, init);
			if (Number(response.headers.get("content-length")) < 1_000_000 || !response.body) return response;
			ranges.push(new Headers(init?.headers).get("range"));
			if (cut) return response;
			cut = true;
			let passed = 0;
			const cutter = new TransformStream<Uint8Array, Uint8Array>({
				transform(chunk, controller) {
					passed += chunk.length;
					if (passed > 2_000_000) controller.error(new Error("cut"));
					else controller.enqueue(chunk);
				},
			});
			return new Response(response.body.pipeThrough(cutter), response);
		};
		await expectPulled(`${registry.host}/team/app:1.0`, image, {}, { fetch: breaking });
		expect(ranges[0]).toBeNull();
		expect(ranges[1]).toMatch(/^bytes=\d{6,7}-$/);
	});

	test("a real pull-through cache is the mirror", async () => {
		const cache = await startRegistry({ proxyOf: `http://${registry.host}` });
		try {
			const asked: string[] = [];
			const noting: SourceDeps["fetch"] = (input, init) => {
				asked.push(new URL(input).host);
				return fetch(input, init);
			};
			await expectPulled(`${registry.host}/team/app:1.0`, image, {}, { mirrors: [cache.host], fetch: noting });
			expect(new Set(asked)).toEqual(new Set([cache.host]));
		} finally {
			await cache.stop();
		}
		await expectPulled(`${registry.host}/team/app:1.0`, image, {}, { mirrors: [cache.host] });
	});
});

describe.skipIf(missing !== null)(`a registry with passwords${because}`, () => {
	/** bcrypt of "throw-away"; the password opens nothing but this test's registry. */
	const line = "tester:$2b$05$bS8qKzTRmcDSK.oWFLvvtuu5w3b/vjrfMSTi7tLB3GJ9cvTjfBC/i";
	let registry: RunningRegistry;
	beforeAll(async () => {
		registry = await startRegistry({ auth: { kind: "htpasswd", lines: [line] } });
		await pushWithSkopeo(image, `${registry.host}/app:1`, ["--dest-creds", "tester:throw-away"]);
	});
	afterAll(() => registry?.stop());

	test("with the right one", async () => {
		await expectPulled(`${registry.host}/app:1`, image, login(registry.host, "tester:throw-away"));
	});

	test("with a wrong one, with one for another host, and without", async () => {
		const of = async (config: object) => (await open(`${registry.host}/app:1`, config)).root(signal);
		const refused = { code: "registry_unauthorized" };
		await expect(of(login(registry.host, "tester:wrong"))).rejects.toMatchObject({
			...refused,
			hint: expect.stringMatching(/again/),
		});
		await expect(of(login("127.0.0.1", "tester:throw-away"))).rejects.toMatchObject(refused);
		await expect(of({})).rejects.toMatchObject({ ...refused, hint: expect.stringMatching(/docker login/) });
	});
});

describe.skipIf(missing !== null)(`a registry with tokens${because}`, () => {
	const user = { username: "tester", password: "throw-away", refreshToken: "refresh-this" };
	const names = { issuer: "the test", service: "registry of the test" };
	let tokens: TokenServer;
	let registry: RunningRegistry;
	beforeAll(async () => {
		const authority = await makeAuthority(folder);
		const [certificate, key] = await Promise.all([
			readFile(authority.certificate, "utf8"),
			readFile(authority.key, "utf8"),
		]);
		tokens = await startTokenServer({ certificate, key, ...names, ...user });
		const { realm } = tokens;
		registry = await startRegistry({
			auth: { kind: "token", realm, ...names, rootCertificates: authority.certificate },
		});
		for (const repository of ["public/app", "private/app"]) {
			await pushWithSkopeo(image, `${registry.host}/${repository}:1`, ["--dest-creds", "tester:throw-away"]);
		}
	});
	afterAll(async () => {
		await registry?.stop();
		await tokens?.stop();
	});

	test("a public image needs no log-in, and one token", async () => {
		const before = tokens.asked.length;
		await expectPulled(`${registry.host}/public/app:1`, image);
		expect(tokens.asked.slice(before)).toEqual(["anybody repository:public/app:pull"]);
	});

	test("a private image with user and password", async () => {
		const before = tokens.asked.length;
		await expectPulled(`${registry.host}/private/app:1`, image, login(registry.host, "tester:throw-away"));
		expect(tokens.asked.slice(before)).toEqual(["tester repository:private/app:pull"]);
	});

	test("a private image with an identity token", async () => {
		const config = { auths: { [registry.host]: { identitytoken: user.refreshToken } } };
		await expectPulled(`${registry.host}/private/app:1`, image, config);
	});

	test("a private image without and with wrong credentials", async () => {
		const of = async (config: object) => (await open(`${registry.host}/private/app:1`, config)).root(signal);
		await expect(of({})).rejects.toMatchObject({ code: "registry_unauthorized" });
		await expect(of(login(registry.host, "tester:wrong"))).rejects.toMatchObject({ code: "registry_unauthorized" });
	});
});
