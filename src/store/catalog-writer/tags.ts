import { sql } from "kysely";
import type { Digest } from "#model";
import type { KnownTag, NewEvent, PointedTag, TagChange } from "#server";
import type { Db } from "../database.ts";
import { publishIn } from "../events/publish.ts";
import { holdRepository, refreshTop, repeating, type Tx } from "./repeating.ts";

export async function knownTags(db: Db, repositoryId: string): Promise<ReadonlyMap<string, KnownTag>> {
	const { rows } = await sql<{ name: string; digest: Digest; resolved_at: Date }>`
		SELECT tags.name, artifacts.digest, tags.resolved_at
		FROM tags JOIN artifacts ON artifacts.id = tags.artifact_id WHERE tags.repository_id = ${repositoryId}
	`.execute(db);
	return new Map(rows.map(({ name, digest, resolved_at }) => [name, { digest, resolvedAt: resolved_at }]));
}

export async function pointTags(
	db: Db,
	repositoryId: string,
	tags: readonly PointedTag[],
	announce: boolean,
): Promise<readonly TagChange[]> {
	// What was asked last is what holds.
	const distinct = [...new Map([...tags].sort(byQuestion).map((tag) => [tag.name, tag])).values()];
	if (distinct.length === 0) return [];
	return repeating(db, async (tx) => {
		if (!(await holdRepository(tx, repositoryId))) return [];
		const before = await targets(tx, repositoryId, distinct);
		const { rows } = await sql<{ name: string; artifact_id: string; digest: string; pushed_at: Date | null }>`
			WITH written AS (
				INSERT INTO tags AS known (repository_id, name, artifact_id, pushed_at, resolved_at)
				SELECT artifacts.repository_id, asked.name, artifacts.id, asked."pushedAt", asked."askedAt"
				FROM jsonb_to_recordset(${JSON.stringify(distinct)}::jsonb)
					AS asked (name text, digest text, "askedAt" timestamptz, "pushedAt" timestamptz)
				JOIN artifacts ON artifacts.repository_id = ${repositoryId} AND artifacts.digest = asked.digest
				ORDER BY asked.name
				ON CONFLICT (repository_id, name) DO UPDATE SET
					artifact_id = excluded.artifact_id,
					pushed_at = CASE WHEN known.artifact_id = excluded.artifact_id THEN known.pushed_at ELSE excluded.pushed_at END,
					resolved_at = excluded.resolved_at
				WHERE known.resolved_at <= excluded.resolved_at
				RETURNING name, artifact_id, pushed_at
			)
			SELECT written.name, written.artifact_id, written.pushed_at, artifacts.digest
			FROM written JOIN artifacts ON artifacts.id = written.artifact_id ORDER BY written.name
		`.execute(tx);
		const changed = rows.filter((row) => before.get(row.name) !== row.artifact_id);
		if (changed.length === 0) return [];
		const changes = changed.map(({ name, artifact_id }): TagChange => {
			const from = before.get(name) ?? null;
			return { name, artifactId: artifact_id, change: from === null ? "new" : "moved", from };
		});
		await refreshTop(tx, [
			...new Set(changes.flatMap(({ artifactId, from }) => (from ? [artifactId, from] : [artifactId]))),
		]);
		const { space_id, name: repository } = await pushedTo(
			tx,
			repositoryId,
			changed.map(({ pushed_at }) => pushed_at),
		);
		if (!announce) return changes;
		const events = changed.map(
			({ name: tag, artifact_id: artifactId, digest }): NewEvent => ({
				spaceId: space_id,
				audience: "space",
				body: { type: "artifact.pushed", artifactId, repository, tag, digest },
			}),
		);
		await publishIn(tx, events);
		return changes;
	});
}

const byQuestion = (one: PointedTag, other: PointedTag): number => one.askedAt.getTime() - other.askedAt.getTime();

async function targets(
	tx: Tx,
	repositoryId: string,
	tags: readonly PointedTag[],
): Promise<ReadonlyMap<string, string>> {
	const { rows } = await sql<{ name: string; artifact_id: string }>`
		SELECT name, artifact_id FROM tags
		WHERE repository_id = ${repositoryId} AND name = ANY(${tags.map(({ name }) => name)}::text[])
	`.execute(tx);
	return new Map(rows.map(({ name, artifact_id }) => [name, artifact_id]));
}

async function pushedTo(tx: Tx, repositoryId: string, times: readonly (Date | null)[]) {
	const newest = Math.max(0, ...times.map((time) => time?.getTime() ?? 0));
	const { rows } = await sql<{ space_id: string; name: string }>`
		UPDATE repositories SET pushed_at = greatest(pushed_at, ${newest > 0 ? new Date(newest) : null}::timestamptz)
		WHERE id = ${repositoryId} RETURNING space_id, name
	`.execute(tx);
	const [row] = rows;
	if (!row) throw new Error(`Repository ${repositoryId} went away while it was held.`);
	return row;
}

export async function forgetTags(
	db: Db,
	repositoryId: string,
	names: readonly string[],
	askedAt: Date,
): Promise<readonly string[]> {
	if (names.length === 0) return [];
	return repeating(db, async (tx) => {
		if (!(await holdRepository(tx, repositoryId))) return [];
		const { rows } = await sql<{ artifact_id: string }>`
			DELETE FROM tags
			WHERE repository_id = ${repositoryId} AND name = ANY(${names}::text[]) AND resolved_at <= ${askedAt}
			RETURNING artifact_id
		`.execute(tx);
		const freed = [...new Set(rows.map(({ artifact_id }) => artifact_id))];
		await refreshTop(tx, freed);
		return freed;
	});
}
