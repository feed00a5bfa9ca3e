/** Joins stores and routes; `workers.ts` does what runs without being asked. */
import type { Logger } from "pino";
import {
	type App,
	allowedAddresses,
	auditTo,
	connectorFor,
	createApp,
	gatekeeper,
	type RateLimits,
	type RegistryAccess,
	registerRoutes,
	type ServiceDeps,
	usualRateLimits,
} from "#server";
import {
	accessStore,
	advisoryService,
	auditStore,
	catalogStore,
	catalogWriter,
	currentAdvisories,
	databaseTrouble,
	eventStore,
	findingStore,
	leaderLock,
	openJobQueue,
	openScanSignals,
	pruner,
	reencryptAll,
	registryLanes,
	registryStore,
	reportSource,
	resultStore,
	type SecretKeys,
	scanMender,
	scanStore,
	scanWork,
	scheduleStore,
	secretBox,
	serviceFigures,
	snapshotFiles,
	syncStore,
} from "#store";
import { guardedNetwork } from "../guarded-fetch.ts";
import type { Environment } from "../settings.ts";
import type { DataFolder } from "./data-folder.ts";
import type { ServiceDatabase } from "./database.ts";
import { isLoopback } from "./listening.ts";
import type { ServeSettings } from "./settings.ts";

export interface Wiring {
	readonly settings: ServeSettings;
	readonly folder: DataFolder;
	readonly database: ServiceDatabase;
	readonly keys: SecretKeys;
	readonly env: Environment;
	readonly log: Logger;
	readonly version: string;
}

export type Stores = Awaited<ReturnType<typeof openStores>>;

export interface WiredService {
	readonly stores: Stores;
	/** Not yet listening; null without the role `api`. */
	readonly app: App | null;
	/** Takes nothing new, ends what runs within the time, and lets go of everything but the database. */
	stop(graceMilliseconds: number): Promise<void>;
}

/** Scanners that there are; the first is used when none is named. */
const scannerIds = ["builtin"];

export async function wireService(wiring: Wiring): Promise<WiredService> {
	const { settings, log } = wiring;
	const stores = await openStores(wiring);
	const { access, auditLog, events, queue } = stores;
	const keeper = gatekeeper(access);
	const deps: ServiceDeps = {
		...stores,
		audit: auditTo(auditLog),
		gatekeeper: keeper,
		secureCookies: !isLoopback(settings.listen.host),
		scannerIds,
	};
	const app = settings.roles.has("api")
		? createApp({
				gatekeeper: keeper,
				log: log.child({ part: "api" }),
				version: wiring.version,
				explainTrouble: databaseTrouble,
				rateLimits: limitsOf(settings.requestsPerMinute),
			})
		: null;
	if (app) registerRoutes(app, deps);
	return {
		stores,
		app,
		stop: async (graceMilliseconds) => {
			await Promise.all([app?.close(), queue.stop(graceMilliseconds)]);
			await stores.signals.close();
			await events.close();
			stores.opened.close();
		},
	};
}

/** Passwords are never tried faster. */
function limitsOf(requests: number | null): RateLimits {
	if (requests === null) return usualRateLimits;
	return { ...usualRateLimits, perAddress: requests, perUser: Math.ceil(requests / 2) };
}

/** Everything that is kept, over one database. */
async function openStores({ settings, database, folder, keys, env, log, version }: Wiring) {
	const { db, pool, url } = database;
	const asked = database.forRequests.db;
	const clock = (): Date => new Date();
	const onCut = (part: string) => (error: unknown) =>
		log.warn({ err: error, part }, "a connection was cut; it mends itself");
	const signals = openScanSignals(url, onCut("scans"));
	let opened: Awaited<ReturnType<typeof openJobQueue>> | null = null;
	const queue = await openJobQueue({
		db,
		pool,
		connectionString: url,
		lanes: { "scan-group": registryLanes(db) },
		onReap: scanMender(db, () => opened),
		onError: onCut("queue"),
	});
	opened = queue;
	const box = secretBox(keys);
	if (keys.older.length > 0) {
		const count = await reencryptAll(db, box);
		if (count > 0) log.info({ count }, "credentials were encrypted with the new key; the older ones may go");
	}
	const addresses = allowedAddresses(settings.allowAddresses.join(","));
	const network = guardedNetwork({ env, allowed: addresses });
	const files = snapshotFiles(folder.advisories);
	const advisories = currentAdvisories(files);
	return {
		clock,
		queue,
		signals,
		files,
		addresses,
		connectTo: (access: RegistryAccess) => connectorFor(access, network),
		/** Snapshots that are open in this process. */
		opened: advisories,
		access: accessStore(asked),
		auditLog: auditStore(asked),
		events: eventStore(database, { onCut: onCut("events") }),
		registries: registryStore(db, box),
		catalog: catalogStore(asked),
		writer: catalogWriter(db),
		sync: syncStore({ db, pool }),
		scans: scanStore({ db, queue, signals }),
		work: scanWork(db, signals),
		results: resultStore({ db, advisories, clock }),
		reports: reportSource({ db: asked, advisories, clock, version }),
		findings: findingStore(asked),
		schedules: scheduleStore(db),
		pruner: pruner(db),
		openLeaderLock: () => leaderLock({ connectionString: url, onCut: onCut("scheduler") }),
		advisories: advisoryService({ db, files, advisories, clock }),
		figures: serviceFigures({ db, pool }, queue),
	};
}
