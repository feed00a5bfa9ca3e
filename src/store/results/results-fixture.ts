/** A database with a registry, images to keep results of, and snapshots of made advisories. For tests only. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { sql } from "kysely";
import type { Id } from "#contract";
import { type ImageContents, matcherOver, reportOn, updateAdvisories } from "#engine";
import type { InstalledPackage, OperatingSystem, Report } from "#model";
import { type CurrentAdvisories, currentAdvisories } from "../advisories/current.ts";
import { type SnapshotFiles, snapshotFiles } from "../advisories/snapshot-files.ts";
import { addSnapshot, evaluatedSnapshot, type SnapshotRow } from "../advisories/snapshot-rows.ts";
import type { Db } from "../database.ts";
import { type TestDatabase, testDatabase } from "../testing/postgres.ts";
import { resultStore } from "./index.ts";

const now = new Date("2026-11-23T12:00:00Z");
export const clock = (): Date => now;

const debian: OperatingSystem = {
	id: "debian",
	versionId: "12.7",
	prettyName: "Debian GNU/Linux 12 (bookworm)",
	idLike: [],
};

/** OSV, cut down: what is affected below which fixed version (null: no fix). */
export interface MadeRecord {
	readonly id: string;
	readonly ecosystem: string;
	readonly name: string;
	readonly fixed: string | null;
	readonly aliases?: readonly string[];
	readonly vector?: string;
	readonly summary?: string;
}

export interface ResultsFixture extends TestDatabase {
	readonly folder: string;
	readonly files: SnapshotFiles;
	readonly advisories: CurrentAdvisories;
	readonly spaceId: Id;
	/** Builds a snapshot of these and registers it; the first is the one that results are of. */
	publish(records: readonly MadeRecord[]): Promise<SnapshotRow>;
	/** A repository with its space. */
	repository(name: string, space?: string): Promise<{ readonly id: Id; readonly spaceId: Id }>;
	image(options?: { readonly repository?: string; readonly kind?: "image" | "index" | "other" }): Promise<Id>;
	index(children: readonly Id[]): Promise<Id>;
	/** A queued scan of an artifact. */
	scan(artifactId: Id): Promise<Id>;
	/** Scans and keeps; the artifact's id. */
	keep(contents: ImageContents, artifactId?: Id): Promise<Id>;
	/** What the command line would report now. */
	report(contents: ImageContents): Promise<Report>;
}

export async function resultsFixture(): Promise<ResultsFixture> {
	const database = await testDatabase();
	const { db } = database;
	const folder = mkdtempSync(join(tmpdir(), "plimsoll-results-"));
	const files = snapshotFiles(join(folder, "advisories"));
	const advisories = currentAdvisories(files);
	const registry = await insertRegistry(db);
	let made = 0;
	const repository = async (name: string, space = name.split("/")[0] ?? name) => {
		const { rows } = await sql<{ id: Id; spaceId: Id }>`
			WITH space AS (
				INSERT INTO spaces (registry_id, name) VALUES (${registry}, ${space})
				ON CONFLICT (registry_id, name) DO UPDATE SET public = spaces.public RETURNING id
			)
			INSERT INTO repositories (registry_id, space_id, name) SELECT ${registry}, id, ${name} FROM space
			ON CONFLICT (registry_id, name) DO UPDATE SET seen_at = excluded.seen_at RETURNING id, space_id AS "spaceId"
		`.execute(db);
		return one(rows);
	};
	const image: ResultsFixture["image"] = async ({ repository: name = "team/app", kind = "image" } = {}) => {
		const { id, spaceId } = await repository(name);
		const digest = `sha256:${createHash("sha256").update(`${process.pid} ${made++}`).digest("hex")}`;
		const { rows } = await sql<{ id: Id }>`
			INSERT INTO artifacts (registry_id, space_id, repository_id, digest, media_type, kind, platform)
			VALUES (${registry}, ${spaceId}, ${id}, ${digest}, 'application/vnd.oci.image.manifest.v1+json', ${kind},
				${kind === "image" ? `linux/m${made}` : null}) RETURNING id
		`.execute(db);
		return one(rows).id;
	};
	const scan = async (artifactId: Id) => {
		const { rows } = await sql<{ id: Id }>`
			WITH scanned AS (SELECT * FROM artifacts WHERE id = ${artifactId}), grouped AS (
				INSERT INTO scan_groups (registry_id, repository_id, artifact_id, scanner, priority)
				SELECT registry_id, repository_id, id, 'builtin', 0 FROM scanned RETURNING id
			)
			INSERT INTO scans (group_id, artifact_id, registry_id, space_id, repository_id, scanner, state, reason)
			SELECT grouped.id, scanned.id, registry_id, space_id, repository_id, 'builtin', 'scanning', 'manual'
			FROM scanned, grouped RETURNING id
		`.execute(db);
		const { id } = one(rows);
		await sql`UPDATE artifacts SET state = 'scanning', active_scan_id = ${id} WHERE id = ${artifactId}`.execute(db);
		return id;
	};
	const results = resultStore({ db, advisories, clock });
	return {
		...database,
		folder,
		files,
		advisories,
		spaceId: (await repository("team/app")).spaceId,
		repository,
		image,
		scan,
		index: async (children) => {
			const parent = await image({ kind: "index" });
			for (const [position, child] of children.entries())
				await sql`INSERT INTO index_edges VALUES (${parent}, ${child}, ${position})`.execute(db);
			return parent;
		},
		publish: async (records) => {
			await build(folder, records);
			const { digest } = files.keepCurrent();
			const store = files.open(digest);
			const row = await addSnapshot(db, store);
			store.close();
			if (!(await evaluatedSnapshot(db)))
				await sql`UPDATE advisory_snapshots SET evaluated_at = now() WHERE id = ${row.id}`.execute(db);
			return row;
		},
		keep: async (contents, artifactId) => {
			const artifact = artifactId ?? (await image());
			await results.keep(await scan(artifact), contents);
			return artifact;
		},
		report: async (contents) => {
			const snapshot = await evaluatedSnapshot(db);
			if (!snapshot) throw new Error("no snapshot");
			return await advisories.with(snapshot, async ({ store }) => {
				const { signal } = new AbortController();
				const deps = { advisories: store, cache: null, signal, clock, version: "test", onEvent: () => undefined };
				return reportOn(contents, matcherOver(store), { platform: "all", osOwned: "drop", listPackages: false }, deps);
			});
		},
		close: async () => {
			advisories.close();
			await database.close();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

async function insertRegistry(db: Db): Promise<Id> {
	const { rows } = await sql<{ id: Id }>`
		INSERT INTO registries (name, kind, url) VALUES ('one', 'distribution', 'https://registry.test') RETURNING id
	`.execute(db);
	return one(rows).id;
}

function one<T>(rows: readonly T[]): T {
	const [row] = rows;
	if (row === undefined) throw new Error("no row");
	return row;
}

/** Writes the records as an OSV bucket and builds the database from it. */
async function build(folder: string, records: readonly MadeRecord[]): Promise<void> {
	const bucket = join(folder, "bucket");
	rmSync(bucket, { recursive: true, force: true });
	const byEcosystem = Map.groupBy(records, ({ ecosystem }) => ecosystem.split(":")[0] ?? "");
	for (const [ecosystem, list] of byEcosystem) {
		mkdirSync(join(bucket, ecosystem), { recursive: true });
		const zip = zipSync(
			Object.fromEntries(list.map((record) => [`${record.id}.json`, Buffer.from(JSON.stringify(osv(record)))])),
		);
		writeFileSync(join(bucket, ecosystem, "all.zip"), zip);
	}
	writeFileSync(join(bucket, "ecosystems.txt"), `${[...byEcosystem.keys()].join("\n")}\n`);
	await updateAdvisories({
		source: bucket,
		dir: join(folder, "advisories"),
		kind: "full",
		clock,
		fetch: () => Promise.reject(new Error("no network here")),
	});
}

function osv({ id, ecosystem, name, fixed, aliases = [], vector, summary }: MadeRecord): unknown {
	const events = [{ introduced: "0" }, ...(fixed === null ? [] : [{ fixed }])];
	return {
		id,
		modified: "2026-11-20T00:00:00Z",
		aliases,
		...(summary === undefined ? {} : { summary }),
		severity: vector === undefined ? [] : [{ type: "CVSS_V3", score: vector }],
		affected: [{ package: { ecosystem, name }, ranges: [{ type: "ECOSYSTEM", events }] }],
	};
}

export function deb(text: string, more: Partial<InstalledPackage> = {}): InstalledPackage {
	return installed("deb", text, more);
}

export function npm(text: string, more: Partial<InstalledPackage> = {}): InstalledPackage {
	return installed("npm", text, more);
}

function installed(type: InstalledPackage["type"], text: string, more: Partial<InstalledPackage>): InstalledPackage {
	const [name = "", version = ""] = text.split("@");
	const path = more.path ?? `srv/${name}`;
	return { type, name, version, path, paths: [path], layer: 0, ...more };
}

export function contents(
	packages: readonly InstalledPackage[],
	more: Partial<ImageContents["inventory"]> = {},
): ImageContents {
	return {
		artifact: {
			name: "registry.test/team/app",
			digest: "",
			mediaType: "",
			platform: "linux/amd64",
			layers: [{ index: 0, digest: "sha256:aa", diffId: "sha256:bb", createdBy: "COPY . .", size: 10 }],
			base: null,
		},
		inventory: { os: debian, packages, contentSets: [], unread: [], warnings: [], ...more },
		warnings: [],
		unreadable: false,
	};
}
