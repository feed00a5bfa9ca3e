/** Every route of the service on a real database, in this process: as main wires it, but no registry and no advisories. */
import type { TSchema } from "typebox";
import { type App, createApp, gatekeeper, registerRoutes, type ServiceDeps } from "#server";
import {
	advisoryService,
	auditStore,
	catalogStore,
	catalogWriter,
	eventStore,
	findingStore,
	openJobQueue,
	openScanSignals,
	registryStore,
	reportSource,
	scanStore,
	scheduleStore,
	secretBox,
	secretKey,
	serviceFigures,
	syncStore,
} from "#store";
import { type AccessService, noRateLimits, startAccessService } from "./access-service.ts";

export interface Route {
	readonly method: string;
	readonly url: string;
	/** Of its query. */
	readonly fields: readonly string[];
	readonly params: TSchema | null;
	readonly query: TSchema | null;
	readonly body: TSchema | null;
}

const reached = {
	ok: true,
	state: "healthy",
	reason: null,
	hint: null,
	catalog: "open",
	version: null,
	milliseconds: 1,
};

export async function startWholeService(): Promise<AccessService> {
	const ending: (() => Promise<unknown>)[] = [];
	const service = await startAccessService(async (app, access, opened) => {
		const { db, pool } = opened;
		const events = eventStore({ db, pool });
		const clock = (): Date => new Date();
		const unread = wiredOnly({}) as never;
		const queue = await openJobQueue({ db, pool, connectionString: opened.url });
		const signals = openScanSignals(opened.url);
		ending.push(
			() => events.close(),
			() => queue.stop(0),
			() => signals.close(),
		);
		const known = {
			...access,
			gatekeeper: gatekeeper(access.access),
			auditLog: auditStore(db),
			figures: serviceFigures({ db, pool }, null),
			events,
			queue,
			clock,
			sync: syncStore({ db, pool }),
			writer: catalogWriter(db),
			catalog: catalogStore(db),
			findings: findingStore(db),
			scans: scanStore({ db, queue, signals }),
			schedules: scheduleStore(db),
			scannerIds: ["builtin"],
			registries: registryStore(db, secretBox({ current: secretKey(Buffer.alloc(32, 1)), older: [] })),
			addresses: { allows: () => true },
			connectTo: () => ({ check: async () => reached }),
			// Neither reads advisories for what is asked here.
			advisories: advisoryService({ db, clock, files: unread, advisories: unread }),
			reports: reportSource({ db, clock, advisories: unread, version: "0.0.0" }),
		};
		registerRoutes(app, wiredOnly(known));
	});
	return {
		...service,
		close: async () => {
			for (const end of ending) await end();
			await service.close();
		},
	};
}

/** Stands for every dependency while routes are only counted. */
const anything: unknown = new Proxy(() => anything, { get: (_, name) => (name === "then" ? undefined : anything) });

interface Schemas {
	readonly querystring?: TSchema & { readonly properties?: object };
	readonly params?: TSchema;
	readonly body?: TSchema;
}

/** What Fastify itself says that it serves, with every route of every part. */
export async function registeredRoutes(): Promise<readonly Route[]> {
	const found: Route[] = [];
	const app: App = createApp({ gatekeeper: { identify: async () => null }, log: null, rateLimits: noRateLimits });
	app.addHook("onRoute", ({ method, url, schema }) => {
		const { querystring = null, params = null, body = null } = (schema ?? {}) as Schemas;
		const fields = Object.keys(querystring?.properties ?? {});
		for (const one of [method].flat())
			if (one !== "HEAD") found.push({ method: one, url, fields, params, query: querystring, body });
	});
	registerRoutes(app, anything as ServiceDeps);
	await app.ready();
	await app.close();
	return found;
}

/** What is not wired is noticed when it is used, with its name. */
function wiredOnly(known: object): ServiceDeps {
	const missing = (name: string) =>
		new Proxy(
			{},
			{
				get: (_, method) => () => {
					throw new Error(`deps.${name}.${String(method)} is not wired in this test.`);
				},
			},
		);
	return new Proxy(known, {
		get: (target, name) => Reflect.get(target, name) ?? (typeof name === "string" ? missing(name) : undefined),
	}) as ServiceDeps;
}
