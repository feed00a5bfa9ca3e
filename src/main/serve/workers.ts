/** What runs without being asked: workers take jobs of the queue, the scheduler makes them. */
import { join } from "node:path";
import type { Logger } from "pino";
import type { Id } from "#contract";
import { publicOsvBucket, type UpdateResult, updateAdvisories } from "#engine";
import { builtinScanner } from "#scanners";
import {
	enqueueDueChecks,
	enqueueDueSyncs,
	evaluateKey,
	notFound,
	startScheduler,
	updateKey,
	workAdvisoryUpdates,
	workChecks,
	workEvaluations,
	workPrune,
	workScans,
	workSyncs,
} from "#server";
import { makeFetch } from "../http.ts";
import { scanChildEnvironment } from "../scan-child-environment.ts";
import type { Environment } from "../settings.ts";
import type { DataFolder } from "./data-folder.ts";
import type { ServeSettings } from "./settings.ts";
import type { Stores } from "./wire.ts";

export interface WorkersDeps {
	readonly stores: Stores;
	readonly settings: ServeSettings;
	readonly folder: DataFolder;
	readonly env: Environment;
	readonly log: Logger;
}

/** When new advisories are fetched, in UTC. */
const updateHour = 3;
/** Images that one process reads at once; each takes a core and up to some hundred megabytes. */
const scansAtOnce = 2;

/** Gives what ends what the queue does not know of. */
export async function startWorkers(deps: WorkersDeps): Promise<() => Promise<void>> {
	const stopScans = deps.settings.roles.has("worker") ? await work(deps) : null;
	const stopScheduler = deps.settings.roles.has("scheduler") ? schedule(deps) : null;
	return async () => {
		await stopScheduler?.();
		await stopScans?.();
	};
}

async function work({ stores, folder, env }: WorkersDeps): Promise<() => Promise<void>> {
	const { queue, advisories, sync, writer, registries, connectTo, events, clock, scans, results } = stores;
	await workSyncs(queue, {
		sync,
		writer,
		events,
		clock,
		connectorFor: async (id) => {
			const access = await registries.access(id);
			if (!access) throw notFound("registry");
			return connectTo(access);
		},
		requestScans: ({ artifactIds, reason }) => scans.request({ target: { artifactIds }, reason }),
	});
	await workChecks(queue, { registries, connectTo, clock });
	await workEvaluations({ queue, advisories });
	await workPrune({ queue, pruner: stores.pruner, events, access: stores.access, clock });
	await workAdvisoryUpdates({
		queue,
		advisories,
		fetchAdvisories: async (signal) => {
			const source = env["PLIMSOLL_ADVISORY_SOURCE"] || publicOsvBucket;
			const request = {
				source,
				dir: folder.advisories,
				kind: "full",
				fetch: makeFetch({ env }),
				clock,
				signal,
			} as const;
			return failuresIn(await updateAdvisories(request));
		},
	});
	const builtin = builtinScanner({
		entry: join(import.meta.dirname, "../scan-child.ts"),
		env: scanChildEnvironment(env, folder.layers),
	});
	await workScans(queue, scansAtOnce, {
		work: stores.work,
		results,
		scanners: new Map([["builtin", builtin]]),
		access: (registryId: Id) => registries.access(registryId),
	});
	return () => builtin.close();
}

function failuresIn({ digest, feeds }: UpdateResult): {
	readonly digest: string;
	readonly failures: readonly string[];
} {
	return {
		digest,
		failures: feeds.flatMap(({ part, failure }) => (failure === undefined ? [] : [`${part}: ${failure}`])),
	};
}

function schedule({ stores, settings, log }: WorkersDeps): () => Promise<void> {
	const { sync, registries, queue, clock, schedules, scans, advisories } = stores;
	return startScheduler({
		schedules,
		scans,
		queue,
		advisories,
		clock,
		leader: stores.openLeaderLock(),
		enqueueDue: [() => enqueueDueChecks({ registries, queue, clock }), () => enqueueDueSyncs({ sync, queue, clock })],
		updateHour: settings.offline ? null : updateHour,
		onError: (err, what) => log.warn({ err }, `the scheduler could not ${what}; it tries again`),
	});
}

/** Results are brought to the current advisories; a new service, which has next to none, fetches some. */
export async function beginAdvisories({ stores, settings }: WorkersDeps): Promise<void> {
	const { queue, advisories } = stores;
	await queue.send("evaluate-advisories", {}, { key: evaluateKey });
	const { current } = await advisories.info();
	if (settings.offline || (current !== null && current.kind !== "starter")) return;
	await queue.send("update-advisories", { requestedBy: null }, { key: updateKey });
}
