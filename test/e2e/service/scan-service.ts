/** A database with small images of a registry in this process, and workers that can be killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import type { Id } from "#contract";
import { buildStarterDatabase } from "#demo";
import { type FakeRegistry, startFakeRegistry } from "#engine/testing";
import type { Digest } from "#model";
import type { ScanStore } from "#server";
import {
	type OpenJobQueue,
	openJobQueue,
	openScanSignals,
	type ScanSignals,
	scanMender,
	scanStore,
	snapshotFiles,
} from "#store";
import { type TestDatabase, testDatabase } from "#store/testing";
import type { Image } from "../registry/images.ts";
import { eventually } from "../support/eventually.ts";
import { layoutImage } from "./images.ts";
import type { ScanWorkerSettings } from "./scan-worker.ts";

export interface ScanService {
	readonly database: TestDatabase;
	readonly registry: FakeRegistry;
	readonly folder: string;
	readonly registryId: Id;
	readonly queue: OpenJobQueue;
	readonly signals: ScanSignals;
	readonly scans: ScanStore;
	/** An image in the registry, known to the database. */
	image(mark: string, repository?: string): Promise<KnownImage>;
	/** Known to the database only: the registry does not have it. */
	missingImage(mark: string): Promise<Id>;
	index(
		marks: readonly string[],
		repository?: string,
	): Promise<{ readonly id: Id; readonly children: readonly KnownImage[] }>;
	worker(settings?: Partial<ScanWorkerSettings>, nodeOptions?: readonly string[]): Promise<TestWorker>;
	/** How many scans are in which state. */
	states(): Promise<Readonly<Record<string, number>>>;
	/** Waits until none is queued or scanning. */
	settled(ms?: number): Promise<Readonly<Record<string, number>>>;
	close(): Promise<void>;
}

export interface KnownImage {
	readonly id: Id;
	readonly digest: Digest;
	readonly layers: readonly Digest[];
}

export interface TestWorker {
	readonly pid: number;
	readonly number: number;
	said(): string;
	readonly exited: Promise<void>;
	kill(signal?: NodeJS.Signals): Promise<void>;
}

const program = fileURLToPath(new URL("scan-worker.ts", import.meta.url));

export async function scanService(): Promise<ScanService> {
	const database = await testDatabase();
	const { db } = database;
	const folder = mkdtempSync(join(tmpdir(), "plimsoll-scans-"));
	chmodSync(folder, 0o755);
	const advisories = join(folder, "advisories");
	await buildStarterDatabase(join(folder, "bucket"), advisories, "starter");
	const { digest } = snapshotFiles(advisories).keepCurrent();
	await sql`INSERT INTO advisory_snapshots (digest, built_at, kind, records, sources, evaluated_at)
		VALUES (${digest}, now(), 'starter', 1, '[]', now())`.execute(db);
	const registry = await startFakeRegistry();
	const made = await sql<{ id: Id }>`INSERT INTO registries (name, kind, url, insecure, max_concurrent_scans)
		VALUES ('test', 'distribution', ${`http://${registry.host}`}, true, 64) RETURNING id`.execute(db);
	const registryId = made.rows[0]?.id ?? "";
	const queue: OpenJobQueue = await openJobQueue({
		...database,
		connectionString: database.url,
		onReap: scanMender(db, () => queue),
	});
	const signals = openScanSignals(database.url);
	const workers = new Set<ChildProcess>();
	const known = async (
		descriptor: { readonly digest: Digest; readonly mediaType: string },
		kind: string,
		repository: string,
	): Promise<Id> => {
		const { rows } = await sql<{ id: Id }>`
			WITH space AS (INSERT INTO spaces (registry_id, name) VALUES (${registryId}, ${repository.split("/")[0]})
				ON CONFLICT (registry_id, name) DO UPDATE SET name = excluded.name RETURNING id
			), repository AS (INSERT INTO repositories (registry_id, space_id, name) SELECT ${registryId}, id, ${repository} FROM space
				ON CONFLICT (registry_id, name) DO UPDATE SET name = excluded.name RETURNING id, space_id
			) INSERT INTO artifacts (registry_id, space_id, repository_id, digest, media_type, kind)
			SELECT ${registryId}, space_id, id, ${descriptor.digest}, ${descriptor.mediaType}, ${kind} FROM repository RETURNING id
		`.execute(db);
		return rows[0]?.id ?? "";
	};
	const push = (image: Image, repository: string): void => {
		const stored = ({ descriptor, bytes }: Image["manifest"]) => ({ ...descriptor, bytes });
		const parts = { manifest: stored(image.manifest), config: stored(image.config), layers: image.layers.map(stored) };
		registry.push(repository, parts);
	};
	const image: ScanService["image"] = async (mark, repository = "team/app") => {
		const built = layoutImage(mark);
		push(built, repository);
		const id = await known(built.manifest.descriptor, "image", repository);
		return {
			id,
			digest: built.manifest.descriptor.digest,
			layers: built.layers.map(({ descriptor }) => descriptor.digest),
		};
	};
	const states: ScanService["states"] = async () => {
		const { rows } = await sql<{ state: string; count: number }>`
			SELECT state, count(*)::int AS count FROM scans GROUP BY state`.execute(db);
		return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
	};
	return {
		database,
		registry,
		folder,
		registryId,
		queue,
		signals,
		scans: scanStore({ db, queue, signals }),
		image,
		missingImage: (mark) => known(layoutImage(mark).manifest.descriptor, "image", "team/app"),
		index: async (marks, repository = "team/multi") => {
			const architectures = ["amd64", "arm64", "s390x", "riscv64"];
			const built = marks.map((mark, at) => layoutImage(mark, architectures[at % 4]));
			for (const one of built) push(one, repository);
			const manifests = built.map(({ manifest }, at) => ({
				...manifest.descriptor,
				platform: { os: "linux", architecture: architectures[at % 4] },
			}));
			const mediaType = "application/vnd.oci.image.index.v1+json";
			const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
			const digest: Digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
			registry.pushManifest(repository, { mediaType, digest, bytes });
			const id = await known({ mediaType, digest }, "index", repository);
			const children: KnownImage[] = [];
			for (const [at, one] of built.entries()) {
				const child = await known(one.manifest.descriptor, "image", repository);
				await sql`INSERT INTO index_edges VALUES (${id}, ${child}, ${at})`.execute(db);
				await sql`UPDATE artifacts SET top = false WHERE id = ${child}`.execute(db);
				const layers = one.layers.map(({ descriptor }) => descriptor.digest);
				children.push({ id: child, digest: one.manifest.descriptor.digest, layers });
			}
			return { id, children };
		},
		worker: async (more = {}, nodeOptions = []) => {
			const settings: ScanWorkerSettings = {
				database: database.url,
				advisories,
				registry: `http://${registry.host}`,
				concurrency: 2,
				...more,
			};
			const child = spawn(process.execPath, [...nodeOptions, program], {
				env: { PATH: process.env["PATH"], SCAN_WORKER: JSON.stringify(settings) },
				stdio: ["ignore", "pipe", "pipe"],
			});
			workers.add(child);
			const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
			let text = "";
			child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
			child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
			const number = await eventually(async () => {
				if (child.exitCode !== null) throw new Error(`the worker ended:\n${text}`);
				return /^ready (\d+)$/m.exec(text)?.[1];
			});
			return {
				pid: child.pid ?? 0,
				number: Number(number),
				said: () => text,
				exited,
				kill: async (signal = "SIGKILL") => {
					child.kill(signal);
					await exited;
					workers.delete(child);
				},
			};
		},
		states,
		settled: (ms = 60_000) =>
			eventually(async () => {
				const now = await states();
				const groups = await sql`SELECT 1 FROM scan_groups WHERE active LIMIT 1`.execute(db);
				return now["queued"] || now["scanning"] || groups.rows.length > 0 ? null : now;
			}, ms),
		close: async () => {
			for (const child of workers) {
				const exited = new Promise((resolve) => child.once("exit", resolve));
				if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) await exited;
			}
			await queue.stop(0);
			await signals.close();
			await registry.close();
			await database.close();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}
