/** The life of the service: settings, folder, database, wiring; then it serves until it is told to stop. */
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "pino";
import type { ServeRequest } from "#cli";
import type { Environment } from "../settings.ts";
import { type DataFolder, openDataFolder } from "./data-folder.ts";
import { openServiceDatabase } from "./database.ts";
import { makeAdministrator, makeSamples } from "./first-start.ts";
import { cannotListen, checkAddress } from "./listening.ts";
import { makeLog } from "./log.ts";
import { readSecretKeys } from "./secret-keys.ts";
import { readServeSettings, type ServeSettings } from "./settings.ts";
import { type WiredService, wireService } from "./wire.ts";
import { beginAdvisories, startWorkers } from "./workers.ts";

export interface ServeProcess {
	readonly env: Environment;
	/** Aborted when the service is to stop. */
	readonly signal: AbortSignal;
	readonly version: string;
	readonly isTerminal: boolean;
	/** To the standard error. */
	readonly write: (text: string) => void;
	readonly exit: (code: number) => void;
}

/** Supervisors kill after 30 s as a rule (Kubernetes), or 90 (systemd). */
const stopWithin = 20_000;
/** Of that, for what runs: requests, scans. The rest is for the database. */
const graceMilliseconds = 10_000;

export async function serve(request: ServeRequest, program: ServeProcess): Promise<void> {
	const { env, signal } = program;
	const settings = readServeSettings(request, env);
	const log = makeLog(program.write, program.isTerminal, settings.logLevel);
	const started = Date.now();
	if (settings.roles.has("api")) await checkAddress(settings.listen);
	const folder = openDataFolder(settings.data);
	const keys = readSecretKeys(settings);
	signal.addEventListener("abort", () => void stopInTime(log, program));
	const database = await openServiceDatabase(settings, folder, log);
	try {
		if (signal.aborted) return;
		const service = await wireService({ settings, folder, database, keys, env, log, version: program.version });
		let stopWorkers: (() => Promise<void>) | null = null;
		try {
			stopWorkers = await begin(service, { settings, folder, log, program });
			log.info({ roles: [...settings.roles], data: settings.data, ms: Date.now() - started }, "Plimsoll is up");
			await aborted(signal);
			log.info("stopping");
		} finally {
			await service.stop(graceMilliseconds);
			await stopWorkers?.();
		}
	} finally {
		await database.close();
	}
	log.info("stopped");
}

interface Beginning {
	readonly settings: ServeSettings;
	readonly folder: DataFolder;
	readonly log: Logger;
	readonly program: ServeProcess;
}

async function begin(service: WiredService, beginning: Beginning): Promise<() => Promise<void>> {
	const { settings, folder, log, program } = beginning;
	const { stores, app } = service;
	const workers = { stores, settings, folder, env: program.env, log };
	if (app) {
		if (await makeSamples(folder)) log.info("sample images and a starter set of advisories are in the data folder");
		await makeAdministrator(stores.access, program.write, async () => {
			await stores.registries.createLayout("Samples", folder.samples);
		});
		const url = await app.listen(settings.listen).catch((cause: unknown) => {
			throw cannotListen(settings.listen, cause);
		});
		if (program.isTerminal) program.write(`Plimsoll listens at ${url}\n`);
		await beginAdvisories(workers);
	}
	return startWorkers(workers);
}

function aborted(signal: AbortSignal): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) resolve();
		else signal.addEventListener("abort", () => resolve(), { once: true });
	});
}

/** Whatever hangs, the process ends; what it held is taken up by others or by the next start. */
async function stopInTime(log: Logger, { exit }: ServeProcess): Promise<void> {
	await pause(stopWithin, undefined, { ref: false });
	log.error(`it did not stop within ${stopWithin / 1000} s`);
	exit(3);
}
