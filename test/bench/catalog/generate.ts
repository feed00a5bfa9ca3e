/** A large catalog with results: the same in every run. Inserted in bulk, not by the ways that the service takes. */
import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Db } from "#store";
import { type Inventory, inventories, type MadeArtifact, makeTop, type Place } from "./images.ts";
import { continueIds, firstFree, insertRows } from "./insert.ts";
import { insertArtifacts } from "./insert-artifacts.ts";
import { insertPool } from "./insert-pool.ts";
import { makePool, type Pool } from "./packages.ts";
import { type Random, seeded } from "./random.ts";

export interface CatalogOptions {
	readonly seed?: number;
	/** Images with or without a result, children of indexes among them. */
	readonly images?: number;
	readonly packagesPerImage?: number;
	readonly packageVersions?: number;
	/** Package versions with vulnerabilities. */
	readonly affected?: number;
	readonly vulnerabilities?: number;
	readonly registries?: number;
	readonly spaces?: number;
	readonly repositories?: number;
}

export interface Catalog {
	readonly pool: Pool;
	readonly artifacts: number;
	readonly spaceIds: readonly string[];
	readonly repositoryIds: readonly string[];
	readonly snapshotId: string;
}

const usualCatalog: Required<CatalogOptions> = {
	seed: 20_000,
	images: 20_000,
	packagesPerImage: 300,
	packageVersions: 8000,
	affected: 2000,
	vulnerabilities: 1000,
	registries: 3,
	spaces: 60,
	repositories: 3000,
};

/** Adds a catalog to a migrated database. */
export async function generateCatalog(db: Db, options: CatalogOptions = {}): Promise<Catalog> {
	const sizes = { ...usualCatalog, ...options };
	const random = seeded(sizes.seed);
	const pool = makePool(
		random,
		{ packages: sizes.packageVersions, affected: sizes.affected, vulnerabilities: sizes.vulnerabilities },
		await firstFree(db, "package_versions"),
		await firstFree(db, "vulnerabilities"),
	);
	const snapshotId = await insertSnapshot(db);
	await insertPool(db, pool, snapshotId);
	const places = await insertPlaces(db, sizes);
	const tops = makeTops(random, places, sizes, inventories(random, pool, sizes.packagesPerImage));
	const artifacts = await insertArtifacts(db, random, tops, snapshotId, sizes.packagesPerImage);
	await continueIds(db, numberedTables);
	for (const name of [...numberedTables, ...joinedTables]) await sql`VACUUM (ANALYZE) ${sql.table(name)}`.execute(db);
	return {
		pool,
		artifacts,
		spaceIds: [...new Set(places.map(({ space }) => String(space)))],
		repositoryIds: places.map(({ repository }) => String(repository)),
		snapshotId,
	};
}

const numberedTables: readonly string[] =
	"registries spaces repositories inventories package_versions vulnerabilities artifacts scan_groups scans".split(" ");
const joinedTables: readonly string[] = "index_edges tags artifact_layers package_lookups package_matches".split(" ");

async function insertSnapshot(db: Db): Promise<string> {
	const digest = `sha256:${createHash("sha256")
		.update(String(await firstFree(db, "advisory_snapshots")))
		.digest("hex")}`;
	const row = await db
		.insertInto("advisory_snapshots")
		.values({
			digest,
			built_at: new Date("2026-01-01T00:00:00Z"),
			kind: "osv",
			records: 50_000,
			sources: "[]",
			evaluated_at: new Date("2026-01-01T00:01:00Z"),
		})
		.returning("id")
		.executeTakeFirstOrThrow();
	return row.id;
}

/** Registries, spaces and repositories; every space is in one registry, the first ones hold more. */
async function insertPlaces(db: Db, sizes: Required<CatalogOptions>): Promise<readonly Place[]> {
	const firstRegistry = await firstFree(db, "registries");
	const firstSpace = await firstFree(db, "spaces");
	const firstRepository = await firstFree(db, "repositories");
	const random = seeded(sizes.seed + 1);
	const registries = Array.from({ length: sizes.registries }, (_, index) => firstRegistry + index);
	const spaces = Array.from({ length: sizes.spaces }, (_, index) => firstSpace + index);
	const registryOf = (space: number): number => firstRegistry + ((space - firstSpace) % sizes.registries);
	const places = Array.from({ length: sizes.repositories }, (_, index): Place => {
		const space = index < sizes.spaces ? firstSpace + index : firstSpace + random.rank(sizes.spaces);
		return { registry: registryOf(space), space, repository: firstRepository + index };
	});
	await insertRows(
		db,
		"registries",
		[
			{ name: "id", type: "bigint", of: (id) => id },
			{ name: "name", type: "text", of: (id) => `registry ${id}` },
			{ name: "kind", type: "text", of: () => "distribution" },
			{ name: "url", type: "text", of: (id) => `https://registry-${id}.example` },
		],
		registries,
	);
	await insertRows(
		db,
		"spaces",
		[
			{ name: "id", type: "bigint", of: (id) => id },
			{ name: "registry_id", type: "bigint", of: registryOf },
			{ name: "name", type: "text", of: (id) => `team-${id}` },
		],
		spaces,
	);
	await insertRows(
		db,
		"repositories",
		[
			{ name: "id", type: "bigint", of: ({ repository }) => repository },
			{ name: "registry_id", type: "bigint", of: ({ registry }) => registry },
			{ name: "space_id", type: "bigint", of: ({ space }) => space },
			{ name: "name", type: "text", of: ({ space, repository }) => `team-${space}/${nameOf(repository)}` },
			{ name: "pushed_at", type: "timestamptz", of: ({ repository }) => dayOf(repository % 300) },
		],
		places,
	);
	return places;
}

const words = ["api", "web", "worker", "gateway", "billing", "search", "frontend", "ingest", "proxy", "tools"] as const;

function nameOf(repository: number): string {
	return `${words[repository % words.length] ?? "api"}-${repository}`;
}

function dayOf(day: number): string {
	return new Date(Date.UTC(2026, 0, 1) - day * 86_400_000).toISOString();
}

function makeTops(
	random: Random,
	places: readonly Place[],
	sizes: Required<CatalogOptions>,
	inventory: () => Inventory,
): readonly MadeArtifact[] {
	const tops: MadeArtifact[] = [];
	for (let images = 0; images < sizes.images; ) {
		const at = tops.length < places.length ? tops.length : random.rank(places.length);
		const place = places[at];
		if (!place) break;
		const top = makeTop(random, place, tops.length, inventory);
		tops.push(tops.length < places.length ? { ...top, tags: ["latest", ...top.tags.slice(1)] } : top);
		images += Math.max(1, top.children.length);
	}
	return tops;
}
