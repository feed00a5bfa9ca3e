/** Rows of images, for tests of what schedules take and pruning leaves. */
import { createHash } from "node:crypto";
import { sql } from "kysely";
import type { Id, ScanState } from "#contract";
import type { Db } from "../database.ts";

export interface ImageFacts {
	readonly repository?: string;
	readonly kind?: "image" | "index" | "other";
	readonly state?: ScanState;
	readonly tags?: readonly string[];
	readonly pushedDaysAgo?: number | null;
	readonly pulledDaysAgo?: number | null;
	readonly parent?: Id;
	/** Days since its shown result. */
	readonly scannedDaysAgo?: number;
	/** Hours since its last scan failed. */
	readonly failedHoursAgo?: number;
	readonly registry?: string;
}

let made = 0;

export async function addImage(db: Db, facts: ImageFacts = {}): Promise<Id> {
	const { repository = "library/a", kind = "image", state = "not_scanned", registry = "main", parent } = facts;
	const digest = `sha256:${createHash("sha256").update(String(made++)).digest("hex")}`;
	const { rows } = await sql<{ id: Id }>`
		WITH registry AS (
			INSERT INTO registries (name, kind, url) VALUES (${registry}, 'distribution', 'http://127.0.0.1')
			ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id
		), space AS (
			INSERT INTO spaces (registry_id, name) SELECT id, ${repository.split("/")[0]} FROM registry
			ON CONFLICT (registry_id, name) DO UPDATE SET name = excluded.name RETURNING id, registry_id
		), repository AS (
			INSERT INTO repositories (registry_id, space_id, name) SELECT registry_id, id, ${repository} FROM space
			ON CONFLICT (registry_id, name) DO UPDATE SET name = excluded.name RETURNING id, registry_id, space_id
		)
		INSERT INTO artifacts (registry_id, space_id, repository_id, digest, media_type, kind, state, top, pushed_at, pulled_at,
			scanned_at, created_at)
		SELECT registry_id, space_id, id, ${digest}, 'application/vnd.oci.image.manifest.v1+json', ${kind}, ${state},
			${parent === undefined}, now() - make_interval(days => ${facts.pushedDaysAgo ?? null}::int),
			now() - make_interval(days => ${facts.pulledDaysAgo ?? null}::int),
			now() - make_interval(days => ${facts.scannedDaysAgo ?? null}::int), now() - interval '100 days'
		FROM repository RETURNING id`.execute(db);
	const id = rows[0]?.id ?? "";
	if (parent !== undefined)
		await sql`INSERT INTO index_edges (parent_id, child_id, position)
			SELECT ${parent}, ${id}, count(*) FROM index_edges WHERE parent_id = ${parent}`.execute(db);
	for (const tag of facts.tags ?? [])
		await sql`INSERT INTO tags (repository_id, name, artifact_id)
			SELECT repository_id, ${tag}, id FROM artifacts WHERE id = ${id}`.execute(db);
	if (facts.failedHoursAgo !== undefined) await addScan(db, id, { state: "failed", hoursAgo: facts.failedHoursAgo });
	return id;
}

export interface ScanFacts {
	readonly state: "queued" | "complete" | "failed" | "stopped";
	readonly hoursAgo?: number;
	readonly runId?: Id;
}

/** A scan and its group. */
export async function addScan(db: Db, artifactId: Id, { state, hoursAgo = 0, runId }: ScanFacts): Promise<Id> {
	const at = sql`now() - make_interval(hours => ${hoursAgo})`;
	const finished = state === "queued" ? sql`NULL` : at;
	const { rows } = await sql<{ id: Id }>`
		WITH scan_group AS (
			INSERT INTO scan_groups (registry_id, repository_id, artifact_id, scanner, priority, active, queued_at, finished_at)
			SELECT registry_id, repository_id, id, 'builtin', 0, ${state === "queued"}, ${at}, ${finished}
			FROM artifacts WHERE id = ${artifactId} RETURNING id
		)
		INSERT INTO scans (group_id, artifact_id, registry_id, space_id, repository_id, scanner, state, reason, queued_at,
			finished_at, schedule_run_id)
		SELECT g.id, a.id, a.registry_id, a.space_id, a.repository_id, 'builtin', ${state}, 'manual', ${at}, ${finished},
			${runId ?? null}::bigint
		FROM scan_group g, artifacts a WHERE a.id = ${artifactId} RETURNING id`.execute(db);
	return rows[0]?.id ?? "";
}
