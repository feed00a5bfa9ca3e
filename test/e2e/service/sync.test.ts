/** Syncs of a real registry, and its own notifications; of one over HTTP that misbehaves. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeImage, makeIndex } from "../registry/images.ts";
import { pushWithSkopeo } from "../registry/skopeo.ts";
import { missingProgram, type RunningRegistry, startRegistry } from "../support/docker-registry.ts";
import { eventually } from "../support/eventually.ts";
import { type SyncService, startSyncService } from "../support/sync-service.ts";
import { type PagedRegistry, startPagedRegistry } from "./paged-registry.ts";

const missing = missingProgram("docker-registry", "skopeo");
const because = missing === null ? "" : ` (${missing})`;
const token = "token-of-this-test";

let service: SyncService;
beforeAll(async () => {
	service = await startSyncService();
});
afterAll(() => service.close());

describe.skipIf(missing !== null)(`a real registry${because}`, { timeout: 60_000 }, () => {
	let id = "";
	let registry: RunningRegistry;
	beforeAll(async () => {
		id = await service.add("real", token);
		registry = await startRegistry({ notifications: { url: `${service.url}/api/v1/notifications/${id}`, token } });
		service.point(id, registry.host);
	});
	afterAll(() => registry?.stop());

	const remove = async (repository: string, digest: string): Promise<void> => {
		const answer = await fetch(`http://${registry.host}/v2/${repository}/manifests/${digest}`, { method: "DELETE" });
		expect(answer.status).toBe(202);
	};

	test("images and indexes, then pushes, moves and deletions", async () => {
		const [amd64, arm64, lone] = [await makeImage([10, 20]), await makeImage([10], "arm64"), await makeImage([30])];
		const index = { index: { amd64, arm64 } };
		await pushWithSkopeo(index, `${registry.host}/team/app:1.0`);
		await pushWithSkopeo(lone, `${registry.host}/tool:latest`);
		await service.sync(id);
		expect(await service.state(id)).toEqual({ state: "idle", error: null });
		const root = makeIndex(index.index).descriptor.digest;
		expect(await service.tags(id)).toEqual({ "team/app:1.0": root, "tool:latest": lone.manifest.descriptor.digest });
		expect(service.scans).toEqual([]);

		const [next, moved] = [await makeImage([11]), await makeImage([12])];
		await pushWithSkopeo(next, `${registry.host}/team/app:1.1`);
		await pushWithSkopeo(moved, `${registry.host}/tool:latest`);
		await service.sync(id);
		expect(await service.tags(id)).toEqual({
			"team/app:1.0": root,
			"team/app:1.1": next.manifest.descriptor.digest,
			"tool:latest": moved.manifest.descriptor.digest,
		});
		expect(service.scans).toHaveLength(2);

		await remove("team/app", root);
		await remove("team/app", amd64.manifest.descriptor.digest);
		await remove("tool", lone.manifest.descriptor.digest);
		await service.sync(id);
		expect(await service.digests(id), "what was only untagged stays").toEqual(
			new Set([arm64, next, moved].map(({ manifest }) => manifest.descriptor.digest)),
		);
		await remove("tool", moved.manifest.descriptor.digest);
		await service.sync(id);
		expect(await service.tags(id)).toEqual({ "team/app:1.1": next.manifest.descriptor.digest });
	});

	test("the registry's own notification brings a push to a scan, and its pulls are kept", async () => {
		await service.work();
		const before = service.scans.length;
		const image = await makeImage([40]);
		await pushWithSkopeo(image, `${registry.host}/team/fresh:1`);
		const { digest } = image.manifest.descriptor;
		const scan = await eventually(async () => service.scans[before]);
		expect((await service.tags(id))["team/fresh:1"]).toBe(digest);
		const pulled = () =>
			service.database.db
				.selectFrom("artifacts")
				.select(["id", "pulled_at"])
				.where("digest", "=", digest)
				.executeTakeFirstOrThrow();
		expect((await pulled()).id).toBe(scan);
		const pull = (agent: string) =>
			fetch(`http://${registry.host}/v2/team/fresh/manifests/${digest}`, {
				headers: { accept: image.manifest.descriptor.mediaType, "user-agent": agent },
			});
		await pull("containerd/2.0");
		await eventually(async () => (await pulled()).pulled_at);
		const { rows } = await service.database.pool.query("SELECT count(*)::int AS left FROM sync_notices");
		expect(rows).toEqual([{ left: 0 }]);
	});
});

describe("a registry that misbehaves", { timeout: 60_000 }, () => {
	let registry: PagedRegistry;
	let id = "";
	let made = 0;
	const fresh = async (pageSize: number): Promise<void> => {
		registry = await startPagedRegistry(pageSize);
		id = await service.add(`paged ${made++}`, token);
		service.point(id, registry.host);
	};
	const tags = (count: number): string[] => Array.from({ length: count }, (_, at) => `v${String(at).padStart(4, "0")}`);

	test("many pages; an error between them deletes nothing; only what is new is read", async () => {
		await fresh(10);
		registry.repositories.set("many/tags", tags(95)).set("small", ["1"]);
		await service.sync(id);
		expect(Object.keys(await service.tags(id))).toHaveLength(96);
		const lists = () => registry.asked.filter((question) => question.includes("/many/tags/tags/list"));
		expect(lists()).toHaveLength(10);

		registry.repositories.set("many/tags", tags(60)).set("small", ["1", "2"]);
		registry.misbehave = (question, response) => {
			if (!question.includes("last=v0029")) return false;
			response.writeHead(403).end();
			return true;
		};
		registry.asked.length = 0;
		await service.sync(id);
		expect(Object.keys(await service.tags(id)), "95 and the two of the other repository").toHaveLength(97);
		expect((await service.state(id)).error).toMatch(/^1 of 2 repositories could not be read in full\. many\/tags: /);
		expect(registry.asked.filter((question) => question.startsWith("GET") && question.includes("/manifests/"))).toEqual(
			["GET /v2/small/manifests/2"],
		);

		registry.misbehave = () => false;
		await service.sync(id);
		expect(Object.keys(await service.tags(id))).toHaveLength(62);
		await registry.close();
	});

	test("a registry that allows no more requests is left alone, and the sync goes on later at its place", async () => {
		await fresh(2);
		for (const name of ["a", "b", "c", "d", "e", "f"]) registry.repositories.set(name, ["1"]);
		registry.misbehave = (question, response) => {
			if (!question.includes("/v2/d/tags/list")) return false;
			response.writeHead(429, { "retry-after": "3600" }).end();
			return true;
		};
		await service.sync(id);
		const { state, error } = await service.state(id);
		expect([state, error]).toEqual(["failed", expect.stringMatching(/allows no more requests for now/)]);
		registry.misbehave = () => false;
		registry.asked.length = 0;
		await service.sync(id);
		expect(await service.state(id)).toEqual({ state: "idle", error: null });
		expect(Object.keys(await service.tags(id))).toHaveLength(6);
		expect(registry.asked.some((question) => /\/v2\/[ab]\//.test(question))).toBe(false);
		await registry.close();
	});

	test.each([
		["garbage", "<html>nonsense"],
		["another form", '{"repositories":{"a":1}}'],
		["a list", "[]"],
	])("a catalog of %s fails and says why", async (_, body) => {
		await fresh(10);
		registry.misbehave = (question, response) => {
			if (!question.includes("_catalog")) return false;
			response.writeHead(200).end(body);
			return true;
		};
		await service.sync(id);
		const { state, error } = await service.state(id);
		expect([state, error]).toEqual(["failed", expect.stringMatching(/list that is not of the form/)]);
		await registry.close();
	});

	test("a manifest of garbage costs only its tag", async () => {
		await fresh(10);
		registry.repositories.set("a", ["bad", "good"]);
		registry.misbehave = (question, response) => {
			if (!question.endsWith("/a/manifests/bad")) return false;
			response.writeHead(200, { "content-type": "application/vnd.oci.image.manifest.v1+json" }).end("{");
			return true;
		};
		await service.sync(id);
		expect(Object.keys(await service.tags(id))).toContain("a:good");
		await registry.close();
	});

	test("pages of tags without end stop, and nothing is deleted", async () => {
		await fresh(10);
		registry.repositories.set("a", ["1"]).set("b", ["1"]);
		await service.sync(id);
		registry.misbehave = (question, response) => {
			if (!question.includes("/v2/a/tags/list")) return false;
			response.writeHead(200, { link: '</v2/a/tags/list?n=1&last=x>; rel="next"' }).end('{"tags":[]}');
			return true;
		};
		await service.sync(id);
		expect(Object.keys(await service.tags(id))).toEqual(["a:1", "b:1"]);
		expect((await service.state(id)).error).toMatch(/a: .*circle/);
		await registry.close();
	});
});
