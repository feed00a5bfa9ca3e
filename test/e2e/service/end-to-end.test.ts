/**
 * The whole service against a real registry, as a person and a pipeline use it; the same on the embedded PostgreSQL and
 * on a server of its own.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Artifact, ArtifactDetails, ListedFinding, PageOf, Registry, Scan, ScanRequested } from "#contract";
import { sseClient } from "#server/testing";
import { startDebianPostgres } from "#store/testing";
import { pushWithSkopeo } from "../registry/skopeo.ts";
import { type ApiClient, apiClient } from "../support/api-client.ts";
import { missingProgram, type RunningRegistry, startRegistry } from "../support/docker-registry.ts";
import { eventually } from "../support/eventually.ts";
import { administratorPassword, type RunningService, startService, startSignedIn } from "../support/service.ts";
import { layoutImage } from "./images.ts";

const missing = missingProgram("docker-registry", "skopeo");
const databases = ["the embedded PostgreSQL", "Debian's PostgreSQL 15"] as const;

describe.skipIf(missing !== null).each(databases)(`on %s${missing ? ` (${missing})` : ""}`, (kind) => {
	let database: Awaited<ReturnType<typeof startDebianPostgres>> = null;
	let service: RunningService;
	let api: ApiClient;
	let registry: RunningRegistry;
	let registered: Registry;

	beforeAll(async () => {
		if (kind !== databases[0]) {
			database = await startDebianPostgres();
			if (database === null) throw new Error("Debian's postgresql is not installed");
		}
		({ service, api } = await startSignedIn(database ? { databaseUrl: database.url } : {}));
	}, 120_000);
	afterAll(async () => {
		await service?.remove();
		await registry?.stop();
		await database?.stop();
	});

	const artifacts = (query: string) => api.get<PageOf<Artifact>>(`/artifacts?${query}`);

	test("the sample images of the first start are there, and scan at once", async () => {
		const samples = await eventually(async () => {
			const { items } = await artifacts("limit=50");
			return items.length > 0 ? items : null;
		});
		const [sample] = samples;
		const asked = await api.post<ScanRequested>("/scans", { target: { artifact: sample?.id } });
		expect(asked.queued + asked.joined + asked.current).toBeGreaterThan(0);
		const done = await finished(sample?.id ?? "");
		expect(done.state).toBe("complete");
		expect(done.result?.summary.total).toBeGreaterThan(0);
	});

	async function finished(id: string): Promise<ArtifactDetails> {
		return eventually(async () => {
			const artifact = await api.get<ArtifactDetails>(`/artifacts/${id}`);
			return ["queued", "scanning", "not_scanned"].includes(artifact.state) ? null : artifact;
		}, 60_000);
	}

	test("register, sync, scan an index, watch it, read it, see the sum", async () => {
		registered = await api.post<Registry>("/registries", {
			kind: "distribution",
			name: "Team",
			url: "http://127.0.0.1:1",
			insecure: true,
		});
		const { token } = await api.post<{ token: string }>(`/registries/${registered.id}/webhook-token`);
		registry = await startRegistry({
			notifications: { url: `${service.url}/api/v1/notifications/${registered.id}`, token },
		});
		await pushWithSkopeo(
			{ index: { amd64: layoutImage("1.0.0", "amd64"), arm64: layoutImage("1.0.0", "arm64") } },
			`${registry.host}/shop/web:1.0`,
		);
		const check = await api.post<{ ok: boolean; reason: string | null }>("/registries/test", {
			kind: "distribution",
			name: "Team",
			url: `http://${registry.host}`,
			insecure: true,
		});
		expect(check).toMatchObject({ ok: true });
		await api.patch(`/registries/${registered.id}`, { url: `http://${registry.host}` });
		await api.post(`/registries/${registered.id}/sync`);
		const index = await eventually(async () => {
			const { items } = await artifacts(`registry=${registered.id}`);
			return items.find((item) => item.kind === "index" && item.tags.length > 0) ?? null;
		});
		expect(index).toMatchObject({ repository: "shop/web", state: "not_scanned", tags: ["1.0"], result: null });

		const events = sseClient(`${api.url}/api/v1/events`, { headers: api.headers });
		await eventually(async () => events.statuses.length > 0 || null);
		const asked = await api.post<ScanRequested>("/scans", { target: { artifact: index.id } });
		expect(asked).toMatchObject({ queued: 2, joined: 0 });
		const again = await api.post<ScanRequested>("/scans", { target: { artifact: index.id } });
		expect(again.queued).toBe(0);
		const done = await finished(index.id);
		expect(done.state).toBe("complete");
		const states = events.frames.flatMap(({ event, data }) =>
			event === "scan.state" ? [(JSON.parse(data) as { state: string }).state] : [],
		);
		expect(states).toEqual(expect.arrayContaining(["scanning", "complete"]));
		await events.close();

		expect(done.children).toHaveLength(2);
		for (const child of done.children) expect(child.state).toBe("complete");
		const sum = done.children.reduce((total, child) => total + (child.result?.summary.total ?? 0), 0);
		expect(sum).toBeGreaterThan(0);
		expect(done.result?.summary.total).toBe(sum);
		// Both platforms hold the same packages: each finding once.
		expect(done.union?.total).toBe(sum / 2);

		const findings = await api.get<PageOf<ListedFinding>>(`/artifacts/${done.children[0]?.id}/findings`);
		expect(findings.items).toHaveLength(sum / 2);
		expect(findings.items[0]?.layer?.createdBy).toContain("COPY");
		const report = await (await api.raw("GET", `/artifacts/${index.id}/report?format=json`)).json();
		expect(report).toMatchObject({ schemaVersion: "1", kind: "index", summary: { total: sum } });
		const [scanId] = asked.scanIds;
		const log = await (await api.raw("GET", `/scans/${scanId}/log?format=text`)).text();
		expect(log).toContain("shop/web");
	});

	test("a pushed tag is scanned without a click", async () => {
		await pushWithSkopeo(layoutImage("2.0.0", "amd64"), `${registry.host}/shop/web:2.0`);
		const pushed = await eventually(async () => {
			const { items } = await artifacts(`registry=${registered.id}&tag=2.0`);
			return items[0]?.state === "complete" ? items[0] : null;
		}, 60_000);
		const scans = await api.get<PageOf<Scan>>(`/scans?artifact=${pushed.id}`);
		expect(scans.items.map(({ reason, state }) => [reason, state])).toEqual([["push", "complete"]]);
	});

	test("it stops when asked, and goes on where it was", async () => {
		const before = await artifacts(`registry=${registered.id}&sort=repository`);
		expect(await service.stop()).toBe(0);
		const next = await startSignedInAgain(service.data, database?.url);
		service = next.service;
		api = next.api;
		const after = await artifacts(`registry=${registered.id}&sort=repository`);
		expect(after.items.map(({ digest, state, result }) => [digest, state, result?.summary])).toEqual(
			before.items.map(({ digest, state, result }) => [digest, state, result?.summary]),
		);
	});
});

async function startSignedInAgain(data: string, databaseUrl: string | undefined) {
	const service = await startService({ data, ...(databaseUrl === undefined ? {} : { databaseUrl }) });
	return { service, api: await apiClient(service.url, "admin", administratorPassword) };
}
