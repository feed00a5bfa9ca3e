/**
 * The whole service under load: 1,000 small images scanned through a registry, with nobody else there, then with 200
 * readers of the API beside; and the readers alone as the baseline.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import type { Artifact, PageOf } from "#contract";
import { registered, registryOf, statesOf } from "../e2e/service/many-images.ts";
import type { ApiClient } from "../e2e/support/api-client.ts";
import { startSignedIn } from "../e2e/support/service.ts";
import { type Line, machine } from "./line.ts";
import type { ReadFigures } from "./readers.ts";

const images = 1000;
const readers = 200;
/** Between two requests of one reader. */
const thinkMs = 1000;
const targets = { p95: 100 };

export const service: Line = { name: "service", programs: [], run };

async function run(): Promise<string> {
	const registry = await registryOf(images);
	const started = await startSignedIn({ env: { PLIMSOLL_RATE_LIMIT: "1000000" } });
	try {
		const { api } = started;
		const { id } = await registered(api, registry.host, images);
		const memory: number[] = [];
		const alone = await scanned(api, id, memory, started.service.pid);
		const { items } = await api.get<PageOf<Artifact>>(`/artifacts?registry=${id}&limit=50`);
		const paths = pathsOf(id, items);
		const quiet = await read(api, paths, 15);
		const scanning = scanned(api, id, memory, started.service.pid);
		const busy = await read(api, paths, 15);
		const beside = await scanning;
		return [
			machine(1),
			`${images} images of 2 layers and 2 packages, one service process with its workers, embedded PostgreSQL, all on this machine; registry and readers too`,
			"",
			`scans alone                        ${rate(alone)}`,
			`scans beside ${readers} readers            ${rate(beside)}`,
			"",
			`${readers} readers, each a request every ${thinkMs / 1000} s    p50 ms  p95 ms  max ms  requests  failures`,
			`nothing else going on                    ${row(quiet)}`,
			`while scanning                           ${row(busy)}`,
			"",
			`resident memory of the service, MB, at 10, 50 and 100 % of the first ${images} scans: ${memory.slice(0, 3).join(", ")}`,
			`p95 while scanning: ${at(busy, 0.95).toFixed(0)} ms (asked: ≤ ${targets.p95})`,
			"",
		].join("\n");
	} finally {
		await started.service.remove();
		await registry.close();
	}
}

function pathsOf(registry: string, items: readonly Artifact[]): readonly string[] {
	return [
		`/api/v1/artifacts?registry=${registry}&limit=50`,
		"/api/v1/repositories?limit=50",
		"/api/v1/scans?limit=50",
		"/api/v1/artifacts?q=app-5&limit=50",
		...items.slice(0, 20).flatMap(({ id }) => [`/api/v1/artifacts/${id}`, `/api/v1/artifacts/${id}/findings?limit=50`]),
	];
}

/** Seconds that it takes to scan all of them again. */
async function scanned(api: ApiClient, id: string, memory: number[], pid: number): Promise<number> {
	const started = performance.now();
	await api.post("/scans", { target: { registry: id }, force: true });
	const marks = [0.1, 0.5, 1];
	for (;;) {
		const states = await statesOf(api, id);
		const active = (states["queued"] ?? 0) + (states["scanning"] ?? 0);
		const done = 1 - active / images;
		while (marks.length > 0 && done >= (marks[0] ?? 0)) {
			marks.shift();
			memory.push(residentMb(pid));
		}
		if (active === 0) break;
		await pause(1000);
	}
	return (performance.now() - started) / 1000;
}

function residentMb(pid: number): number {
	const [, kb = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
	return Math.round(Number(kb) / 1024);
}

async function read(api: ApiClient, paths: readonly string[], seconds: number): Promise<ReadFigures> {
	const script = join(import.meta.dirname, "readers.ts");
	const args = [api.url, JSON.stringify(api.headers), JSON.stringify(paths), readers, thinkMs, seconds].map(String);
	const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], { maxBuffer: 1e8 });
	return JSON.parse(stdout) as ReadFigures;
}

function rate(seconds: number): string {
	return `${(images / seconds).toFixed(0).padStart(5)} a second   ${((seconds * 1000) / images).toFixed(1).padStart(6)} ms each`;
}

function row(figures: ReadFigures): string {
	const cells = [at(figures, 0.5), at(figures, 0.95), at(figures, 1)].map((ms) => ms.toFixed(0).padStart(8));
	return `${cells.join("")}${String(figures.ms.length).padStart(10)}${String(figures.failures).padStart(10)}`;
}

function at({ ms }: ReadFigures, quantile: number): number {
	return ms[Math.min(ms.length - 1, Math.floor(ms.length * quantile))] ?? Number.NaN;
}
