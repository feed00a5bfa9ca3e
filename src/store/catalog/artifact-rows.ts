/** Artifacts as the API shows them. */
import { sql } from "kysely";
import { type Artifact, isActive, type ScanState } from "#contract";
import type { Summary } from "#model";
import type { Sight } from "#server";
import type { Db } from "../database.ts";
import { progressOfGroups } from "./progress.ts";
import { type ResultRow, resultColumns, resultSnapshot, shownResult } from "./result-columns.ts";
import { visible } from "./visible.ts";

interface ArtifactRow extends ResultRow {
	readonly id: string;
	readonly registry_id: string;
	readonly space_id: string;
	readonly repository_id: string;
	readonly repository: string;
	readonly digest: string;
	readonly media_type: string;
	readonly kind: Artifact["kind"];
	readonly platform: string | null;
	readonly size: number | null;
	readonly tags: string[] | null;
	readonly pushed_at: Date | null;
	readonly pulled_at: Date | null;
	readonly seen_at: Date;
	readonly state: ScanState;
	readonly reason: string | null;
	readonly active_scan_id: string | null;
	readonly last_scan_id: string | null;
	readonly group_id: string | null;
	readonly union_summary: Summary | null;
}

/** Why it has no result, in the words of its last scan; an index says what its first such child does. */
const reason = sql`
	CASE WHEN a.state NOT IN ('failed', 'not_supported') THEN NULL
	WHEN a.kind = 'index' THEN coalesce(a.unsupported_reason, (
		SELECT coalesce(c.unsupported_reason, s.error_message)
		FROM index_edges e JOIN artifacts c ON c.id = e.child_id LEFT JOIN scans s ON s.id = c.last_scan_id
		WHERE e.parent_id = a.id AND c.state = a.state ORDER BY e.position, e.child_id LIMIT 1))
	ELSE coalesce(CASE WHEN a.state = 'not_supported' THEN a.unsupported_reason END,
		(SELECT s.error_message FROM scans s WHERE s.id = a.last_scan_id))
	END`;

/** The group that reads it now. An index whose children are read apart shows the first of those groups. */
const group = sql`
	CASE WHEN a.state NOT IN ('queued', 'scanning') THEN NULL
	WHEN a.kind = 'index' THEN (
		SELECT g.id
		FROM index_edges e JOIN artifacts c ON c.id = e.child_id JOIN scans s ON s.id = c.active_scan_id
		JOIN scan_groups g ON g.id = s.group_id
		WHERE e.parent_id = a.id AND g.active
		ORDER BY (g.artifact_id = a.id) DESC, g.started_at NULLS LAST, g.priority, g.id LIMIT 1)
	ELSE (SELECT s.group_id FROM scans s WHERE s.id = a.active_scan_id)
	END`;

export async function readArtifacts(
	db: Db,
	ids: readonly string[],
	sight: Sight,
): Promise<ReadonlyMap<string, Artifact>> {
	const { rows } = await sql<ArtifactRow>`
		SELECT a.id, a.registry_id, a.space_id, a.repository_id, r.name AS repository, a.digest, a.media_type, a.kind,
			a.platform, a.size::float8 AS size, a.pushed_at, a.pulled_at, a.seen_at, a.state, ${reason} AS reason,
			a.active_scan_id, a.last_scan_id, a.union_summary, ${group} AS group_id,
			(SELECT array_agg(t.name ORDER BY t.name COLLATE "C") FROM tags t WHERE t.artifact_id = a.id) AS tags,
			${resultColumns}
		FROM artifacts a JOIN repositories r ON r.id = a.repository_id ${resultSnapshot}
		WHERE a.id = ANY(${ids}::bigint[]) AND ${visible(sight, sql`a.space_id`)}`.execute(db);
	const groups = [...new Set(rows.flatMap(({ group_id }) => group_id ?? []))];
	const progress = await progressOfGroups(db, groups);
	return new Map(rows.map((row) => [row.id, artifactOf(row, progress.get(row.group_id ?? "") ?? null)]));
}

function artifactOf(row: ArtifactRow, progress: Artifact["progress"]): Artifact {
	return {
		id: row.id,
		registryId: row.registry_id,
		spaceId: row.space_id,
		repositoryId: row.repository_id,
		repository: row.repository,
		digest: row.digest,
		mediaType: row.media_type,
		kind: row.kind,
		platform: row.platform,
		size: row.size,
		tags: row.tags ?? [],
		pushedAt: row.pushed_at?.toISOString() ?? null,
		pulledAt: row.pulled_at?.toISOString() ?? null,
		seenAt: row.seen_at.toISOString(),
		state: row.state,
		reason: row.reason,
		activeScanId: row.active_scan_id,
		lastScanId: row.last_scan_id,
		progress: isActive(row.state) ? progress : null,
		result: shownResult(row),
		union: row.kind === "index" ? row.union_summary : null,
	};
}
