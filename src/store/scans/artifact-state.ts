/**
 * The one place that changes a scan's state and with it the artifact's (a result that is kept does both in
 * src/store/results). Locks in this order: group, scans, artifacts by id, indexes above them.
 */
import { sql, type Transaction } from "kysely";
import { type ActiveState, type FinalState, type Id, isActive, type ScanState, stateOfIndex } from "#contract";
import type { NewEvent } from "#server";
import { publishIn } from "../events/index.ts";
import { refreshParents } from "../results/parents.ts";
import type { Database } from "../schema.ts";

type Tx = Transaction<Database>;

export type ScanMove =
	| { readonly state: ActiveState }
	| { readonly state: "stopped" }
	| {
			readonly state: Exclude<FinalState, "complete" | "stopped">;
			readonly code: string;
			readonly message: string;
			readonly hint: string;
	  };

interface Moved {
	readonly id: Id;
	readonly artifactId: Id;
}

/** Moves those of these scans that are not final; gives them. */
export async function moveScans(tx: Tx, scanIds: readonly Id[], move: ScanMove): Promise<readonly Moved[]> {
	if (scanIds.length === 0) return [];
	const error = "code" in move ? move : null;
	const { rows } = await sql<Moved>`
		WITH open AS (
			SELECT id FROM scans WHERE id = ANY(${scanIds}::bigint[]) AND state IN ('queued', 'scanning')
			ORDER BY id FOR NO KEY UPDATE
		)
		UPDATE scans SET state = ${move.state},
			started_at = ${startedAt(move.state)},
			finished_at = ${isActive(move.state) ? sql`NULL` : sql`now()`},
			error_code = ${error?.code ?? null}, error_message = ${error?.message ?? null}, error_hint = ${error?.hint ?? null}
		FROM open WHERE scans.id = open.id
		RETURNING scans.id, artifact_id AS "artifactId"
	`.execute(tx);
	await markArtifacts(tx, rows, move.state);
	return rows;
}

function startedAt(state: ScanState) {
	if (state === "queued") return sql`NULL`;
	return state === "scanning" ? sql`now()` : sql`started_at`;
}

/** Shows the scans' state on their artifacts and on the indexes above, and tells. */
export async function markArtifacts(
	tx: Tx,
	scans: readonly Moved[],
	state: Exclude<ScanState, "complete">,
): Promise<void> {
	if (scans.length === 0) return;
	const artifactIds = scans.map(({ artifactId }) => artifactId);
	const { rows } = await sql<{ id: Id; artifactId: Id; spaceId: Id; repository: string }>`
		WITH locked AS (
			SELECT id FROM artifacts WHERE id = ANY(${artifactIds}::bigint[]) ORDER BY id FOR NO KEY UPDATE
		)
		UPDATE artifacts a SET state = ${state}, active_scan_id = ${isActive(state) ? sql`moved.id` : sql`NULL`},
			last_scan_id = greatest(a.last_scan_id, moved.id)
		FROM unnest(${scans.map(({ id }) => id)}::bigint[], ${artifactIds}::bigint[]) AS moved (id, artifact_id),
			locked, repositories r
		WHERE a.id = moved.artifact_id AND locked.id = a.id AND r.id = a.repository_id
		RETURNING moved.id, a.id AS "artifactId", a.space_id AS "spaceId", r.name AS repository
	`.execute(tx);
	if (state === "not_supported") await refreshParents(tx, artifactIds);
	const events = rows.map((row) => stateEvent(row.spaceId, row.id, row.artifactId, row.repository, state));
	await publishIn(tx, [...events, ...(await refreshIndexes(tx, artifactIds))]);
}

/** Indexes in indexes; deeper ones are nobody's image. */
const mostLevels = 4;

/**
 * State and scans of the indexes above these artifacts. Their numbers stay: no state that is set here changes one.
 * Gives what is to be told of them.
 */
export async function refreshIndexes(tx: Tx, artifactIds: readonly Id[]): Promise<readonly NewEvent[]> {
	const events: NewEvent[] = [];
	let level = artifactIds;
	for (let depth = 0; level.length > 0 && depth < mostLevels; depth++) {
		const parents = await sql<{ id: Id }>`
			SELECT id FROM artifacts
			WHERE id IN (SELECT parent_id FROM index_edges WHERE child_id = ANY(${level}::bigint[])) AND kind = 'index'
			ORDER BY id FOR NO KEY UPDATE
		`.execute(tx);
		level = parents.rows.map(({ id }) => id);
		if (level.length === 0) break;
		// A second statement: it sees what those have written that held the locks before.
		const { rows } = await sql<IndexRow>`
			SELECT parent.id, parent.space_id AS "spaceId", r.name AS repository,
				coalesce(array_agg(child.state) FILTER (WHERE child.kind <> 'other'), '{}') AS states,
				min(child.active_scan_id) AS "activeScanId", max(child.last_scan_id) AS "lastScanId"
			FROM artifacts parent JOIN repositories r ON r.id = parent.repository_id
			LEFT JOIN index_edges edge ON edge.parent_id = parent.id LEFT JOIN artifacts child ON child.id = edge.child_id
			WHERE parent.id = ANY(${level}::bigint[]) GROUP BY parent.id, r.name ORDER BY parent.id
		`.execute(tx);
		const states = rows.map((row) => stateOfIndex(row.states));
		await sql`
			UPDATE artifacts a SET state = shown.state, active_scan_id = shown.active, last_scan_id = shown.last
			FROM unnest(${rows.map(({ id }) => id)}::bigint[], ${states}::text[],
				${rows.map((row) => row.activeScanId)}::bigint[], ${rows.map((row) => row.lastScanId)}::bigint[])
				AS shown (id, state, active, last)
			WHERE a.id = shown.id
		`.execute(tx);
		for (const [at, row] of rows.entries()) {
			const scanId = row.activeScanId ?? row.lastScanId;
			const state = states[at];
			if (scanId && state) events.push(stateEvent(row.spaceId, scanId, row.id, row.repository, state));
		}
	}
	return events;
}

interface IndexRow {
	readonly id: Id;
	readonly spaceId: Id;
	readonly repository: string;
	readonly states: readonly ScanState[];
	readonly activeScanId: Id | null;
	readonly lastScanId: Id | null;
}

function stateEvent(spaceId: Id, scanId: Id, artifactId: Id, repository: string, state: ScanState): NewEvent {
	return { spaceId, audience: "space", body: { type: "scan.state", scanId, artifactId, repository, state } };
}
