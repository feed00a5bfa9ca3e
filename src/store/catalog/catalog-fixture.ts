/** A small catalog full of ties, gaps and odd names, in the database and as plain objects. */
import { sql } from "kysely";
import { type ScanState, scanStates } from "#contract";
import type { Db } from "../database.ts";

export interface KnownRepository {
	readonly id: string;
	readonly registry: string;
	readonly space: string;
	readonly name: string;
	/** Milliseconds. */
	readonly pushedAt: number | null;
}

export interface KnownArtifact {
	readonly id: string;
	readonly repository: KnownRepository;
	readonly digest: string;
	readonly kind: "image" | "index";
	readonly top: boolean;
	readonly state: ScanState;
	readonly tags: readonly string[];
	readonly pushedAt: number | null;
	readonly scannedAt: number | null;
	readonly size: number | null;
	/** Critical, high, medium, low. */
	readonly counts: readonly number[] | null;
	/** Of an image itself; of an index those of all below it. */
	readonly packages: ReadonlySet<string>;
}

export interface KnownCatalog {
	readonly registries: readonly string[];
	readonly spaces: readonly { readonly id: string; readonly registry: string; readonly name: string }[];
	/** Bound to the first two spaces. */
	readonly workspace: string;
	readonly repositories: readonly KnownRepository[];
	readonly artifacts: readonly KnownArtifact[];
	/** Of a name, the vulnerabilities. */
	readonly affected: ReadonlyMap<string, readonly string[]>;
}

const repositoryNames = ["team/a_b", "team/a%b", "team/aXb", "Team/back\\slash", "library/zeta", "team/api-v1"];
const tagNames = ["latest", "v1.0", "v1_0", "V2%", "build\\7", "edge", "nightly"];
const packageNames = ["zlib", "openssl", "left-pad", "a_b"];

export type Pick = (below: number) => number;

/** The same numbers for the same seed. */
export function picks(seed: number): Pick {
	let state = seed;
	return (below) => {
		state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
		return Math.floor((state / 0x8000_0000) * below);
	};
}

export async function makeCatalog(db: Db, seed: number, images: number): Promise<KnownCatalog> {
	const pick = picks(seed);
	const registries = await Promise.all(["one", "two"].map((name) => insertRegistry(db, name)));
	const spaces: { id: string; registry: string; name: string }[] = [];
	const repositories: KnownRepository[] = [];
	for (const registry of registries) {
		for (const name of ["team", "library", `sp_${registry}`]) {
			const space = { id: await insert(db, "spaces", { registry_id: registry, name }), registry, name };
			spaces.push(space);
			for (const repository of repositoryNames.slice(0, 1 + pick(repositoryNames.length)))
				repositories.push(await insertRepository(db, space, `${repository}-${name}`, gap(pick, time(pick))));
		}
	}
	const workspace = await insert(db, "workspaces", { name: "deck" });
	for (const { id } of spaces.slice(0, 2))
		await sql`INSERT INTO workspace_spaces VALUES (${workspace}, ${id})`.execute(db);
	const affected = await insertPackages(db);
	const artifacts: KnownArtifact[] = [];
	for (let made = 0; made < images; made++) artifacts.push(...(await addSome(db, pick, repositories)));
	return { registries, spaces, workspace, repositories, artifacts, affected };
}

/** An image; or an index over two; or an index over such an index. */
export async function addSome(
	db: Db,
	pick: Pick,
	repositories: readonly KnownRepository[],
): Promise<readonly KnownArtifact[]> {
	const repository = repositories[pick(repositories.length)];
	if (!repository) return [];
	const draw = pick(10);
	if (draw > 1) return [await addArtifact(db, pick, repository, "image", true, [])];
	const children = [
		await addArtifact(db, pick, repository, "image", false, []),
		await addArtifact(db, pick, repository, "image", false, []),
	];
	const index = await addArtifact(db, pick, repository, "index", draw > 0, children);
	if (draw > 0) return [...children, index];
	return [...children, index, await addArtifact(db, pick, repository, "index", true, [index])];
}

async function addArtifact(
	db: Db,
	pick: Pick,
	repository: KnownRepository,
	kind: KnownArtifact["kind"],
	top: boolean,
	children: readonly KnownArtifact[],
): Promise<KnownArtifact> {
	const own = kind === "image" && pick(4) > 0 ? packageNames.filter(() => pick(3) === 0) : null;
	const packages = new Set([...(own ?? []), ...children.flatMap((child) => [...child.packages])]);
	const counts = own || children.length > 0 ? [pick(2), pick(2), pick(3), pick(3)] : null;
	const facts = {
		digest: `sha256:${Array.from({ length: 64 }, () => pick(16).toString(16)).join("")}`,
		state: scanStates[pick(scanStates.length)] ?? "complete",
		pushedAt: gap(pick, time(pick)),
		scannedAt: counts === null ? null : time(pick),
		size: kind === "index" ? null : gap(pick, pick(3) * 3_000_000_000),
	};
	const inventory = own ? await insertInventory(db, own) : null;
	const { rows } = await sql<{ id: string }>`
		INSERT INTO artifacts (registry_id, space_id, repository_id, digest, media_type, kind, top, state, pushed_at,
			scanned_at, size, inventory_id, critical, high, medium, low, negligible, unknown, fixable, suppressed,
			result_scan_id, result_status)
		VALUES (${repository.registry}, ${repository.space}, ${repository.id}, ${facts.digest}, 'type', ${kind}, ${top},
			${facts.state}, ${instant(facts.pushedAt)}, ${instant(facts.scannedAt)}, ${facts.size}, ${inventory},
			${counts?.[0] ?? null}, ${counts?.[1] ?? null}, ${counts?.[2] ?? null}, ${counts?.[3] ?? null},
			${counts && 0}, ${counts && 0}, ${counts && 0}, ${counts && 0}, ${counts && 1}, ${counts && "complete"})
		RETURNING id`.execute(db);
	const id = rows[0]?.id ?? "";
	for (const [position, child] of children.entries())
		await sql`INSERT INTO index_edges VALUES (${id}, ${child.id}, ${position})`.execute(db);
	const tags: string[] = [];
	for (const name of top ? tagNames.filter(() => pick(6) === 0) : []) {
		const { numAffectedRows } = await sql`
			INSERT INTO tags (repository_id, name, artifact_id) VALUES (${repository.id}, ${name}, ${id})
			ON CONFLICT DO NOTHING`.execute(db);
		if (numAffectedRows === 1n) tags.push(name);
	}
	return { id, repository, kind, top, tags, counts, packages, ...facts };
}

async function insertRegistry(db: Db, name: string): Promise<string> {
	return insert(db, "registries", { name, kind: "distribution", url: `https://${name}.example` });
}

async function insertRepository(
	db: Db,
	space: { readonly id: string; readonly registry: string },
	name: string,
	pushedAt: number | null,
): Promise<KnownRepository> {
	const id = await insert(db, "repositories", {
		registry_id: space.registry,
		space_id: space.id,
		name,
		pushed_at: instant(pushedAt),
	});
	return { id, registry: space.registry, space: space.id, name, pushedAt };
}

/** A version of each name, and one more of `openssl`; vulnerabilities overlap. */
async function insertPackages(db: Db): Promise<ReadonlyMap<string, readonly string[]>> {
	const affected = new Map([
		["zlib", ["CVE-1", "CVE-2"]],
		["openssl", ["CVE-2"]],
		["a_b", ["CVE-3"]],
	]);
	for (const name of packageNames) await insertVersion(db, name, "1");
	await insertVersion(db, "openssl", "2");
	for (const key of ["CVE-1", "CVE-2", "CVE-3", "CVE-4"])
		await sql`INSERT INTO vulnerabilities (key, severity, aliases) VALUES (${key}, 1, ${[`GHSA-${key}`]})`.execute(db);
	for (const [name, keys] of affected)
		await sql`
			INSERT INTO package_matches (package_id, vulnerability_id, severity, state, body)
			SELECT p.id, v.id, 1, 'affected', '{}' FROM package_versions p, vulnerabilities v
			WHERE p.name = ${name} AND v.key = ANY(${keys})`.execute(db);
	return affected;
}

async function insertVersion(db: Db, name: string, version: string): Promise<void> {
	await sql`
		INSERT INTO package_versions (key, type, name, version, purl, subject)
		VALUES (${Buffer.from(name + version)}, 'deb', ${name}, ${version}, ${`pkg:deb/${name}@${version}`}, '{}')`.execute(
		db,
	);
}

let inventories = 0;

/** Of a name with two versions, now the one and now the other. */
async function insertInventory(db: Db, names: readonly string[]): Promise<string> {
	const number = inventories++;
	const { rows } = await sql<{ id: string }>`
		INSERT INTO inventories (digest, body, package_ids)
		SELECT ${Buffer.from(`inventory ${number}`)}, '', coalesce(array_agg(id), '{}') FROM (
			SELECT DISTINCT ON (name) id FROM package_versions WHERE name = ANY(${names})
			ORDER BY name, (version = ${number % 2 === 0 ? "1" : "2"}) DESC) AS chosen
		RETURNING id`.execute(db);
	return rows[0]?.id ?? "";
}

async function insert(db: Db, table: string, row: Readonly<Record<string, string | number | null>>): Promise<string> {
	const names = Object.keys(row).map((name) => sql.id(name));
	const values = Object.values(row).map((value) => sql`${value}`);
	const { rows } = await sql<{ id: string }>`
		INSERT INTO ${sql.table(table)} (${sql.join(names)}) VALUES (${sql.join(values)}) RETURNING id`.execute(db);
	return rows[0]?.id ?? "";
}

function time(pick: Pick): number {
	return Date.UTC(2026, 0, 1 + pick(5));
}

function gap(pick: Pick, value: number): number | null {
	return pick(4) === 0 ? null : value;
}

function instant(milliseconds: number | null): string | null {
	return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
