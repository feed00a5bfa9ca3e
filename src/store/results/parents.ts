/** What an index shows: the state, the sum and the union of its children. */
import { type Kysely, sql } from "kysely";
import { type Id, type ScanState, stateOfIndex } from "#contract";
import { summarise } from "#model";
import type { Database } from "../schema.ts";

/** Indexes in indexes; deeper ones are nobody's image. */
const mostLevels = 4;

/**
 * Recomputes state, sum and union of every index above these artifacts, in the caller's transaction. Parents are locked in
 * the order of their ids, after whatever the caller changed, so that two children that end at once both count.
 */
export async function refreshParents(tx: Kysely<Database>, childIds: readonly Id[]): Promise<void> {
	let level = childIds;
	for (let depth = 0; level.length > 0 && depth < mostLevels; depth++) {
		const { rows } = await sql<{ id: Id }>`
			SELECT id FROM artifacts
			WHERE id IN (SELECT parent_id FROM index_edges WHERE child_id = ANY(${level}::bigint[])) AND kind = 'index'
			ORDER BY id FOR NO KEY UPDATE
		`.execute(tx);
		level = rows.map(({ id }) => id);
		await refresh(tx, level);
	}
}

/** Recomputes these indexes; their rows are locked already. */
async function refresh(tx: Kysely<Database>, ids: readonly Id[]): Promise<void> {
	if (ids.length === 0) return;
	// A second statement: it sees what those have written that held the locks before.
	const { rows } = await sql<{ id: Id; states: ScanState[] }>`
		SELECT parent.id, coalesce(array_agg(child.state) FILTER (WHERE child.kind <> 'other'), '{}') AS states
		FROM artifacts parent
		LEFT JOIN index_edges edge ON edge.parent_id = parent.id
		LEFT JOIN artifacts child ON child.id = edge.child_id
		WHERE parent.id = ANY(${ids}::bigint[])
		GROUP BY parent.id
	`.execute(tx);
	const states = rows.map((row) => stateOfIndex(row.states));
	await sql`
		WITH asked AS (
			SELECT * FROM unnest(${rows.map(({ id }) => id)}::bigint[], ${states}::text[]) AS asked (id, state)
		), children AS (
			SELECT edge.parent_id, edge.position, child.*
			FROM asked JOIN index_edges edge ON edge.parent_id = asked.id JOIN artifacts child ON child.id = edge.child_id
			WHERE child.kind <> 'other'
		), sums AS (
			SELECT parent_id, sum(critical) AS critical, sum(high) AS high, sum(medium) AS medium, sum(low) AS low,
				sum(negligible) AS negligible, sum(unknown) AS unknown, sum(fixable) AS fixable, sum(suppressed) AS suppressed,
				max(result_scan_id) AS scan_id, (array_agg(result_scanner ORDER BY result_scan_id DESC NULLS LAST))[1] AS scanner,
				min(result_snapshot_id) AS snapshot_id, min(scanned_at) AS scanned_at, min(evaluated_at) AS evaluated_at,
				bool_and(coalesce(result_status = 'complete', false)) FILTER (WHERE state <> 'not_supported') AS whole,
				bool_or(result_scan_id IS NOT NULL) AS known
			FROM children GROUP BY parent_id
		), held AS (
			-- Every inventory below, through nested indexes, too; the first child that has a package speaks for it.
			SELECT parent_id, position, inventory_id FROM children WHERE inventory_id IS NOT NULL
			UNION ALL
			SELECT children.parent_id, children.position, inner_child.inventory_id
			FROM children JOIN index_edges inner_edge ON inner_edge.parent_id = children.id
			JOIN artifacts inner_child ON inner_child.id = inner_edge.child_id
			WHERE children.kind = 'index' AND inner_child.inventory_id IS NOT NULL
		), findings AS (
			-- The first of several: by child, severity, place; its severity and whether it has a fix are told by the same number.
			SELECT held.parent_id, min((held.position::bigint << 36) | (match.severity::bigint << 33) | (entry.place << 1)
				| (match.fixed_version IS NULL)::int) AS first
			FROM held JOIN inventories ON inventories.id = held.inventory_id,
				unnest(inventories.package_ids) WITH ORDINALITY AS entry (package_id, place)
			JOIN package_matches match USING (package_id)
			JOIN package_versions version ON version.id = entry.package_id
			GROUP BY held.parent_id, version.union_key, match.vulnerability_id
		), told AS (
			SELECT parent_id, (first >> 33) & 7 AS severity, first & 1 = 0 AS fixable FROM findings
		), unions AS (
			SELECT parent_id, jsonb_build_object(
				'critical', count(*) FILTER (WHERE severity = 0), 'high', count(*) FILTER (WHERE severity = 1),
				'medium', count(*) FILTER (WHERE severity = 2), 'low', count(*) FILTER (WHERE severity = 3),
				'negligible', count(*) FILTER (WHERE severity = 4), 'unknown', count(*) FILTER (WHERE severity = 5),
				'total', count(*), 'fixable', count(*) FILTER (WHERE fixable), 'suppressed', 0) AS summary
			FROM told GROUP BY parent_id
		)
		UPDATE artifacts SET
			state = asked.state,
			critical = sums.critical, high = sums.high, medium = sums.medium, low = sums.low,
			negligible = sums.negligible, unknown = sums.unknown, fixable = sums.fixable, suppressed = sums.suppressed,
			result_scan_id = sums.scan_id, result_scanner = sums.scanner, result_snapshot_id = sums.snapshot_id,
			scanned_at = sums.scanned_at, evaluated_at = sums.evaluated_at,
			result_status = CASE WHEN sums.known THEN CASE WHEN sums.whole THEN 'complete' ELSE 'partial' END END,
			union_summary = CASE WHEN sums.known THEN coalesce(unions.summary, ${JSON.stringify(summarise([]))}::jsonb) END
		FROM asked
		LEFT JOIN sums ON sums.parent_id = asked.id
		LEFT JOIN unions ON unions.parent_id = asked.id
		WHERE artifacts.id = asked.id
	`.execute(tx);
}
