import { sql } from "kysely";
import type { NewEvent, SeenRepository } from "#server";
import type { Db } from "../database.ts";
import { publishIn } from "../events/publish.ts";
import { holdRepository, repeating, type Tx } from "./repeating.ts";

interface Row {
	readonly id: string;
	readonly name: string;
	readonly synced_at: Date | null;
}

const seen = ({ id, name, synced_at }: Row): SeenRepository => ({ id, name, syncedAt: synced_at });

/** The part before the first slash; in Artifactory that is the repository's key. */
function spaceName(repository: string): string {
	const slash = repository.indexOf("/");
	return slash > 0 ? repository.slice(0, slash) : "library";
}

export async function seeRepositories(
	db: Db,
	registryId: string,
	names: readonly string[],
	at: Date,
): Promise<readonly SeenRepository[]> {
	if (names.length === 0) return [];
	// In one order everywhere, so that two processes wait for each other and never in a circle.
	const distinct = [...new Set(names)].sort();
	const spaces = [...new Set(distinct.map(spaceName))].sort();
	return repeating(db, async (tx) => {
		await sql`
			INSERT INTO spaces (registry_id, name)
			SELECT id, space.name FROM registries, unnest(${spaces}::text[]) AS space (name)
			WHERE registries.id = ${registryId} ORDER BY space.name
			ON CONFLICT DO NOTHING
		`.execute(tx);
		const { rows } = await sql<Row>`
			INSERT INTO repositories AS known (registry_id, space_id, name, seen_at)
			SELECT spaces.registry_id, spaces.id, listed.name, ${at}
			FROM unnest(${distinct}::text[], ${distinct.map(spaceName)}::text[]) AS listed (name, space)
			JOIN spaces ON spaces.registry_id = ${registryId} AND spaces.name = listed.space
			ORDER BY listed.name
			ON CONFLICT (registry_id, name) DO UPDATE SET seen_at = greatest(known.seen_at, excluded.seen_at)
			RETURNING id, name, synced_at
		`.execute(tx);
		return rows.map(seen);
	});
}

export async function unseenRepositories(db: Db, registryId: string, since: Date): Promise<readonly SeenRepository[]> {
	const { rows } = await sql<Row>`
		SELECT id, name, synced_at FROM repositories WHERE registry_id = ${registryId} AND seen_at < ${since} ORDER BY name
	`.execute(db);
	return rows.map(seen);
}

export async function repositoryListed(db: Db, repositoryId: string, began: Date): Promise<void> {
	await sql`
		UPDATE repositories SET synced_at = greatest(synced_at, ${began}) WHERE id = ${repositoryId}
	`.execute(db);
}

/** Deletes it unless a scan in it goes on: false then. */
export async function forgetRepository(db: Db, repositoryId: string): Promise<boolean> {
	return repeating(db, async (tx) => {
		if (!(await holdRepository(tx, repositoryId))) return true;
		const { rows } = await sql<{ id: string; digest: string; space_id: string; name: string }>`
			SELECT artifacts.id, artifacts.digest, artifacts.space_id, repositories.name
			FROM artifacts JOIN repositories ON repositories.id = artifacts.repository_id
			WHERE repository_id = ${repositoryId} ORDER BY artifacts.id FOR UPDATE OF artifacts
		`.execute(tx);
		if (await isScanned(tx, repositoryId)) return false;
		await sql`DELETE FROM repositories WHERE id = ${repositoryId}`.execute(tx);
		await publishIn(
			tx,
			rows.map(({ id, digest, space_id, name: repository }) => deleted(space_id, id, repository, digest)),
		);
		return true;
	});
}

async function isScanned(tx: Tx, repositoryId: string): Promise<boolean> {
	const { rows } = await sql`
		SELECT 1 FROM scans WHERE repository_id = ${repositoryId} AND state IN ('queued', 'scanning') LIMIT 1
	`.execute(tx);
	return rows.length > 0;
}

export function deleted(spaceId: string, artifactId: string, repository: string, digest: string): NewEvent {
	return { spaceId, audience: "space", body: { type: "artifact.deleted", artifactId, repository, digest } };
}
