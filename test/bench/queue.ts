/**
 * 1,000 queued scans of small images, each with its own manifest and layers, by two worker processes that read one image
 * at a time. What a scan takes besides reading its image is the queue's overhead.
 */
import { existsSync, readFileSync } from "node:fs";
import { loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { childOf } from "../e2e/service/processes.ts";
import { type ScanService, scanService, type TestWorker } from "../e2e/service/scan-service.ts";
import { type Line, machine } from "./line.ts";

const images = 1_000;
const workers = 2;
/** Of a worker: with it, memory that grows is kept, and not only not collected yet. */
const heapMb = 96;
const asked = { overheadMs: 15 };

export const queue: Line = { name: "queue", programs: [], run };

async function run(): Promise<string> {
	const [load = Number.NaN] = loadavg();
	const service = await scanService();
	try {
		for (let at = 0; at < images; at++) await service.image(`q${at}`, `team-${at % 10}/app-${at % 50}`);
		const started = await Promise.all(
			Array.from({ length: workers }, () =>
				service.worker({ concurrency: 1, time: true }, [`--max-old-space-size=${heapMb}`]),
			),
		);
		// The first scans of a process load its code and open the advisories.
		for (let at = 0; at < 4; at++) await warm(service, `warm${at}`);
		const before = started.map(timeInScanner);
		const began = performance.now();
		await service.scans.request({ target: { registry: service.registryId }, reason: "schedule" });
		const queued = performance.now() - began;
		const memory = await drain(service, started);
		const wall = performance.now() - began - queued;
		const inScanner = started.reduce((sum, worker, at) => sum + timeInScanner(worker) - (before[at] ?? 0), 0);
		const perScan = (wall * workers) / images;
		const overhead = perScan - inScanner / images;
		return [
			machine(1),
			`${images} images of 2 layers and 2 packages, ${workers} worker processes with one scanning child each; registry, PostgreSQL and this program on the same machine, whose load was ${load.toFixed(1)} before`,
			"",
			`queued in            ${queued.toFixed(0)} ms`,
			`scans a second       ${(images / (wall / 1000)).toFixed(1)}`,
			`ms of a worker each  ${perScan.toFixed(1)}, of them ${(inScanner / images).toFixed(1)} inside the scanner (reading the image, and keeping its result)`,
			`queue overhead       ${overhead.toFixed(1)} ms a scan (asked: ≤ ${asked.overheadMs})`,
			"",
			`resident MB (worker's heap at most ${heapMb}) at`,
			"                          10 %    50 %   100 %",
			...started.flatMap((_, at) => [
				`worker ${at + 1}            ${row(memory.map((one) => one[at]?.worker))}`,
				`its child           ${row(memory.map((one) => one[at]?.child))}`,
			]),
			"",
		].join("\n");
	} finally {
		await service.close();
	}
}

async function warm(service: ScanService, mark: string): Promise<void> {
	const made = await Promise.all([service.image(`${mark} 1`, "warm/up"), service.image(`${mark} 2`, "warm/up")]);
	await service.scans.request({ target: { artifactIds: made.map(({ id }) => id) }, reason: "manual" });
	await service.settled();
}

interface Memory {
	readonly worker: number;
	readonly child: number;
}

async function drain(service: ScanService, started: readonly TestWorker[]): Promise<readonly (readonly Memory[])[]> {
	const marks = [0.1, 0.5, 1];
	const memory: (readonly Memory[])[] = [];
	const done = async (): Promise<number> => {
		const states = await service.states();
		return 1 - ((states["queued"] ?? 0) + (states["scanning"] ?? 0)) / images;
	};
	while (marks.length > 0) {
		if ((await done()) < (marks[0] ?? 0)) {
			await pause(50);
			continue;
		}
		marks.shift();
		memory.push(
			started.map((worker) => ({ worker: residentMb(worker.pid), child: residentMb(childOf(worker.pid) ?? 0) })),
		);
	}
	return memory;
}

/** Milliseconds, since it began. */
function timeInScanner(worker: TestWorker): number {
	const lines = worker.said().trimEnd().split("\n");
	const [, ms] = /^scanned ([\d.]+)/.exec(lines.findLast((line) => line.startsWith("scanned ")) ?? "") ?? [];
	return Number(ms ?? 0);
}

/** NaN when it has just ended: children are replaced after some scans. */
function residentMb(pid: number): number {
	if (!existsSync(`/proc/${pid}/status`)) return Number.NaN;
	const [, kb = "0"] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
	return Math.round(Number(kb) / 1024);
}

function row(values: readonly (number | undefined)[]): string {
	return values.map((value) => String(value ?? "?").padStart(8)).join("");
}
