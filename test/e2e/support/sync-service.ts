/** Syncs over HTTP on a real database, with the real queue and the real route for notifications. */
import { createHash } from "node:crypto";
import {
	connectorFor,
	createApp,
	notificationRoutes,
	type RegistryAccess,
	type SyncDeps,
	syncRegistry,
	workSyncs,
} from "#server";
import { catalogWriter, type OpenJobQueue, openJobQueue, syncStore } from "#store";
import { type TestDatabase, testDatabase } from "#store/testing";

export interface SyncService {
	readonly database: TestDatabase;
	readonly url: string;
	readonly queue: OpenJobQueue;
	/** Artifacts that scans were asked for. */
	readonly scans: string[];
	/** A registry with this notification token; `point` says where it is. */
	add(name: string, token: string): Promise<string>;
	point(registryId: string, host: string): void;
	sync(registryId: string, repository?: string): Promise<void>;
	/** `repository:tag` to digest. */
	tags(registryId: string): Promise<Readonly<Record<string, string>>>;
	digests(registryId: string): Promise<ReadonlySet<string>>;
	state(registryId: string): Promise<{ readonly state: string; readonly error: string | null }>;
	/** Takes jobs from the queue from now on. */
	work(): Promise<void>;
	close(): Promise<void>;
}

export async function startSyncService(): Promise<SyncService> {
	const database = await testDatabase();
	const { db, pool } = database;
	const queue = await openJobQueue({ db, pool, connectionString: database.url, lanes: {}, onError: () => {} });
	const hosts = new Map<string, string>();
	const scans: string[] = [];
	const access = (id: string): RegistryAccess => ({
		id,
		name: id,
		kind: "distribution",
		preset: "generic",
		url: `http://${hosts.get(id)}`,
		insecure: true,
		caCertificate: null,
		credentials: null,
		repositories: null,
		maxBytesPerSecond: null,
	});
	const deps: SyncDeps = {
		sync: syncStore({ db, pool }),
		writer: catalogWriter(db),
		connectorFor: async (id) => connectorFor(access(id), { fetchFor: () => fetch }),
		requestScans: async ({ artifactIds }) => void scans.push(...artifactIds),
		events: { publish: async () => {} },
		clock: () => new Date(),
	};
	const app = createApp({ gatekeeper: { identify: async () => null }, log: null });
	notificationRoutes(app, { ...deps, queue });
	const url = await app.listen({ host: "127.0.0.1", port: 0 });
	const { signal } = new AbortController();
	return {
		database,
		url,
		queue,
		scans,
		async add(name, token) {
			const hash = createHash("sha256").update(token).digest();
			const { id } = await db
				.insertInto("registries")
				.values({ name, kind: "distribution", url: "http://127.0.0.1", webhook_token_hash: hash })
				.returning("id")
				.executeTakeFirstOrThrow();
			return id;
		},
		point: (id, host) => void hosts.set(id, host),
		sync: (registryId, repository) =>
			syncRegistry({ registryId, ...(repository !== undefined && { repository }) }, { ...deps, signal }),
		async tags(registryId) {
			const rows = await db
				.selectFrom("tags")
				.innerJoin("repositories", "repositories.id", "tags.repository_id")
				.innerJoin("artifacts", "artifacts.id", "tags.artifact_id")
				.select(["repositories.name as repository", "tags.name as tag", "artifacts.digest"])
				.where("repositories.registry_id", "=", registryId)
				.execute();
			return Object.fromEntries(rows.map(({ repository, tag, digest }) => [`${repository}:${tag}`, digest]));
		},
		async digests(registryId) {
			const rows = await db.selectFrom("artifacts").select("digest").where("registry_id", "=", registryId).execute();
			return new Set(rows.map(({ digest }) => digest));
		},
		async state(registryId) {
			const row = await db
				.selectFrom("registries")
				.select(["sync_state", "sync_error"])
				.where("id", "=", registryId)
				.executeTakeFirstOrThrow();
			return { state: row.sync_state, error: row.sync_error };
		},
		work: () => workSyncs(queue, deps),
		async close() {
			await app.close();
			await queue.stop(1000);
			await database.close();
		},
	};
}
