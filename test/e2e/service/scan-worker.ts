/**
 * A worker by itself, for tests that kill it: `node scan-worker.ts` with SCAN_WORKER as JSON. Says `ready` when it works.
 */
import { fileURLToPath } from "node:url";
import { builtinScanner } from "#scanners";
import { workScans } from "#server";
import {
	currentAdvisories,
	openDatabase,
	openJobQueue,
	openScanSignals,
	registryLanes,
	resultStore,
	scanMender,
	scanWork,
	snapshotFiles,
} from "#store";

export interface ScanWorkerSettings {
	readonly database: string;
	readonly advisories: string;
	/** `http://127.0.0.1:PORT` */
	readonly registry: string;
	readonly concurrency: number;
	readonly entry?: string;
	readonly memoryBytes?: number;
	readonly mostAttempts?: number;
	readonly layers?: string;
	readonly graceMs?: number;
	/** Writes a figure for each scan to its output. */
	readonly time?: boolean;
}

const settings = JSON.parse(process.env["SCAN_WORKER"] ?? "{}") as ScanWorkerSettings;
const database = await openDatabase(settings.database, { connections: 10, name: "scan-worker" });
const { db, pool } = database;
const onError = (error: unknown): void =>
	void process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
let queue: Awaited<ReturnType<typeof openJobQueue>> | null = null;
queue = await openJobQueue({
	db,
	pool,
	connectionString: settings.database,
	lanes: { "scan-group": registryLanes(db) },
	onReap: scanMender(db, () => queue),
	onError,
});
const signals = openScanSignals(settings.database, onError);
const builtin = builtinScanner({
	entry: settings.entry ?? fileURLToPath(new URL("../../../src/main/scan-child.ts", import.meta.url)),
	env: {
		PATH: process.env["PATH"] ?? "",
		PLIMSOLL_ALLOW_ADDRESSES: "127.0.0.0/8",
		...(settings.layers === undefined ? {} : { PLIMSOLL_SCAN_LAYERS: settings.layers }),
	},
	...(settings.memoryBytes === undefined ? {} : { memoryBytes: settings.memoryBytes }),
});
let inScanner = 0;
const scanner: typeof builtin = {
	...builtin,
	scan: async (job, deps) => {
		const began = performance.now();
		try {
			await builtin.scan(job, deps);
		} finally {
			inScanner += performance.now() - began;
			if (settings.time) process.stdout.write(`scanned ${inScanner.toFixed(1)}\n`);
		}
	},
};
await workScans(queue, settings.concurrency, {
	work: scanWork(db, signals),
	results: resultStore({
		db,
		advisories: currentAdvisories(snapshotFiles(settings.advisories)),
		clock: () => new Date(),
	}),
	scanners: new Map([["builtin", scanner]]),
	access: async (id) => ({
		id,
		name: "test",
		kind: "distribution",
		preset: "generic",
		url: settings.registry,
		insecure: true,
		caCertificate: null,
		credentials: null,
		repositories: null,
		maxBytesPerSecond: null,
	}),
	...(settings.mostAttempts === undefined ? {} : { mostAttempts: settings.mostAttempts }),
});
process.stdout.write(`ready ${queue.worker}\n`);
process.once("SIGTERM", () => {
	void (async () => {
		await queue?.stop(settings.graceMs ?? 10_000);
		await scanner.close();
		await signals.close();
		await database.close();
		process.exit(0);
	})();
});
