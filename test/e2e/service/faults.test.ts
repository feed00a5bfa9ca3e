/** What goes wrong in operation: every accepted scan ends in a final state, no result is lost, none is there twice. */
import { execFileSync } from "node:child_process";
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PageOf, Scan, ScanRequested } from "#contract";
import type { FakeRegistry } from "#engine/testing";
import { type ApiClient, clientOf } from "../support/api-client.ts";
import { eventually } from "../support/eventually.ts";
import { type RunningService, startService, startSignedIn } from "../support/service.ts";
import { registered, registryOf, settled } from "./many-images.ts";
import { startUnreliableProxy, type UnreliableProxy } from "./unreliable-proxy.ts";

/** The same numbers in every run. */
function randomOf(seed: number): () => number {
	let state = seed;
	return () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return state / 2 ** 32;
	};
}

async function scansOf(api: ApiClient, registryId: string): Promise<readonly Scan[]> {
	const all: Scan[] = [];
	for (let cursor: string | null = ""; cursor !== null; ) {
		const page: PageOf<Scan> = await api.get(
			`/scans?registry=${registryId}&limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
		);
		all.push(...page.items);
		cursor = page.next;
	}
	return all;
}

describe("killed", () => {
	const images = 40;
	const kills = 20;
	let registry: FakeRegistry;
	let service: RunningService;
	let api: ApiClient;
	beforeAll(async () => {
		registry = await registryOf(images);
		({ service, api } = await startSignedIn());
	}, 120_000);
	afterAll(async () => {
		await service?.remove();
		await registry?.close();
	});

	test(`${kills} times in the middle of its work, with and without its database: starts again within 5 s, loses nothing`, async () => {
		const { id } = await registered(api, registry.host, images);
		const random = randomOf(7);
		const { headers } = api;
		const accepted = new Set<string>();
		const restarts: number[] = [];
		for (let round = 0; round < kills; round++) {
			const asked = await api.post<ScanRequested>("/scans", { target: { registry: id }, force: true });
			for (const scan of asked.scanIds) accepted.add(scan);
			await pause(random() * 400);
			await service.kill(round % 2 === 1);
			const started = performance.now();
			service = await startService({ data: service.data });
			api = clientOf(service.url, headers);
			await eventually(async () => ((await fetch(`${service.url}/readyz`)).ok ? true : null));
			restarts.push(performance.now() - started);
		}
		expect(await settled(api, id)).toEqual({ complete: images });
		const scans = await scansOf(api, id);
		const final = new Set(["complete", "failed", "stopped", "not_supported"]);
		expect(scans.filter(({ state }) => !final.has(state))).toEqual([]);
		// Every accepted one is there, once.
		const ids = scans.map((scan) => scan.id);
		expect(new Set(ids).size).toBe(ids.length);
		expect([...accepted].filter((scan) => !ids.includes(scan))).toEqual([]);
		expect(restarts.toSorted((a, b) => a - b)[Math.floor(kills / 2)]).toBeLessThan(5000);
	}, 300_000);
});

describe("a registry", () => {
	const images = 12;
	let registry: FakeRegistry;
	let proxy: UnreliableProxy;
	let service: RunningService;
	let api: ApiClient;
	beforeAll(async () => {
		registry = await registryOf(images);
		proxy = await startUnreliableProxy(registry.host);
		({ service, api } = await startSignedIn());
	}, 120_000);
	afterAll(async () => {
		await service?.remove();
		await proxy?.close();
		await registry?.close();
	});

	test("that is down for a minute, slow, overloaded, broken: every scan ends, and says why when it failed", async () => {
		const { id } = await registered(api, proxy.host, images);
		await api.post("/scans", { target: { registry: id } });
		expect(await settled(api, id)).toEqual({ complete: images });

		for (const mood of ["500", "429", "garbage", "slow", "down"] as const) {
			proxy.become(mood);
			const asked = await api.post<ScanRequested>("/scans", { target: { registry: id }, force: true });
			expect(asked.queued).toBe(images);
			await pause(mood === "down" ? 60_000 : 3000);
			proxy.become("fine");
			const states = await settled(api, id, 240_000);
			expect(Object.keys(states).filter((state) => state !== "complete" && state !== "failed")).toEqual([]);
			const failed = (await scansOf(api, id)).filter(({ state }) => state === "failed");
			for (const { error } of failed) expect(error?.message).toMatch(/\w{3,}.*\./);
		}
		// The last good results are all there.
		const { items } = await api.get<PageOf<{ result: unknown }>>(`/artifacts?registry=${id}&limit=200`);
		expect(items.filter(({ result }) => result === null)).toEqual([]);
		await api.post("/scans", { target: { registry: id }, force: true });
		expect(await settled(api, id, 240_000)).toEqual({ complete: images });
	}, 600_000);

	test("the database's connections cut while scans run", async () => {
		const { id } = await registered(api, registry.host, images, "Direct");
		const url = databaseUrlOf(service.data);
		for (let round = 0; round < 5; round++) {
			await api.post("/scans", { target: { registry: id }, force: true });
			await pause(100 * round);
			await cutConnections(url);
			// A request may meet the cut; the next one does not.
			await eventually(() => settledOrNull(api, id), 120_000);
		}
		expect(await settled(api, id)).toEqual({ complete: images });
	}, 300_000);
});

async function settledOrNull(api: ApiClient, id: string): Promise<true | null> {
	try {
		await settled(api, id, 60_000);
		return true;
	} catch {
		return null;
	}
}

/** The embedded server's own address and secret. */
function databaseUrlOf(data: string): string {
	const folder = join(data, "postgres");
	const secret = readFileSync(join(folder, "password"), "utf8");
	return `postgresql://plimsoll:${secret}@/postgres?host=${encodeURIComponent(join(folder, "socket"))}`;
}

async function cutConnections(url: string): Promise<void> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	await client.query(
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = current_user",
	);
	await client.end();
}

/** A file system of its own needs the right to mount; null when we have it. */
const cannotMount = process.getuid?.() === 0 ? null : "only root may mount a small file system";
if (cannotMount && process.env["CI"]) throw new Error(`${cannotMount}; CI must run as root`);

describe.skipIf(cannotMount !== null)(`a disk${cannotMount ? ` (${cannotMount})` : ""}`, () => {
	const images = 30;
	let folder: string;
	let registry: FakeRegistry;
	let service: RunningService | null = null;
	beforeAll(async () => {
		registry = await registryOf(images);
		folder = mkdtempSync(join(tmpdir(), "plimsoll-small-"));
		chmodSync(folder, 0o755);
		execFileSync("mount", ["-t", "tmpfs", "-o", "size=400m,mode=0755", "tmpfs", folder]);
	}, 120_000);
	afterAll(async () => {
		await service?.stop();
		await registry?.close();
		execFileSync("umount", ["--lazy", folder]);
		rmSync(folder, { recursive: true, force: true });
	});

	test("that is full is told, and what was accepted is done when there is room again", async () => {
		const data = join(folder, "data");
		mkdirSync(data, { mode: 0o755 });
		const started = await startSignedIn({ data });
		service = started.service;
		let { api } = started;
		const { id } = await registered(api, registry.host, images);
		await api.post("/scans", { target: { registry: id } });
		expect(await settled(api, id)).toEqual({ complete: images });

		fill(join(folder, "ballast"));
		const asked: ScanRequested[] = [];
		let refused = 0;
		for (let round = 0; round < 10; round++) {
			const answer = await api.raw("POST", "/scans", { target: { registry: id }, force: true }).catch(() => null);
			if (answer?.ok) asked.push((await answer.json()) as ScanRequested);
			else refused += 1;
			await pause(200);
		}
		rmSync(join(folder, "ballast"));
		expect(asked.length + refused).toBe(10);
		// It may have ended, as PostgreSQL does when it cannot write its log; it starts again as if nothing had been.
		const alive = await fetch(`${service.url}/healthz`).then(
			({ ok }) => ok,
			() => false,
		);
		if (!alive) {
			await service.stop();
			service = await startService({ data });
			api = clientOf(service.url, api.headers);
		}
		await eventually(async () => ((await fetch(`${api.url}/readyz`).catch(() => null))?.ok ? true : null), 60_000);
		await api.post("/scans", { target: { registry: id }, force: true });
		expect(await settled(api, id)).toEqual({ complete: images });
		const ids = new Set((await scansOf(api, id)).map((scan) => scan.id));
		expect(asked.flatMap(({ scanIds }) => scanIds).filter((scan) => !ids.has(scan))).toEqual([]);
	}, 300_000);
});

/** Writes until there is no room. */
function fill(path: string): void {
	const file = openSync(path, "w");
	const block = Buffer.alloc(1024 * 1024);
	try {
		for (let size = block.length; size >= 1; size = Math.floor(size / 4)) {
			try {
				for (;;) writeSync(file, block, 0, size);
			} catch (error) {
				if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
			}
		}
	} finally {
		closeSync(file);
	}
}
