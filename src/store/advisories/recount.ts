/** Numbers of images and indexes, after those of package versions changed. */
import { type Kysely, sql } from "kysely";
import type { Id } from "#contract";
import { refreshParents } from "../results/parents.ts";
import type { Database } from "../schema.ts";
import { chunks } from "./touched.ts";

export interface Recount {
	readonly snapshotId: Id;
	/** Neither old nor next to nothing: no reason for a partial result. */
	readonly isCurrent: boolean;
	readonly now: Date;
	/** Every image by all it holds, whatever its numbers were; else by what changed of them. */
	readonly everything: boolean;
}

/** Before the package versions have their new numbers: by how much they change. */
export async function noteDeltas(tx: Kysely<Database>): Promise<void> {
	await sql`
		CREATE TEMP TABLE deltas ON COMMIT DROP AS
		SELECT j.package_id, j.critical - v.critical AS critical, j.high - v.high AS high, j.medium - v.medium AS medium,
			j.low - v.low AS low, j.negligible - v.negligible AS negligible, j.unknown - v.unknown AS unknown,
			j.fixable - v.fixable AS fixable, j.gap <> v.gap AS gap
		FROM judged_packages j JOIN package_versions v ON v.id = j.package_id WHERE j.counts
	`.execute(tx);
	await sql`CREATE UNIQUE INDEX ON deltas (package_id)`.execute(tx);
	await sql`ANALYZE deltas`.execute(tx);
}

/**
 * Counts the images again that hold a package version whose numbers changed, and the indexes above them. Every result is
 * then of the new snapshot: the others are as they were by the old one. Leaves in the temporary table `holding` which
 * inventories hold which changed package versions.
 */
export async function recount(tx: Kysely<Database>, how: Recount): Promise<readonly Id[]> {
	await sql`
		CREATE TEMP TABLE holding ON COMMIT DROP AS
		SELECT i.id AS inventory_id, held.id AS package_id
		FROM inventories i, unnest(i.package_ids) AS held (id) JOIN deltas d ON d.package_id = held.id
		WHERE i.package_ids && (SELECT coalesce(array_agg(package_id), '{}') FROM deltas)
	`.execute(tx);
	await sql`ANALYZE holding`.execute(tx);
	await renewGaps(tx);
	await (how.everything ? sumAll(tx) : sumDeltas(tx));
	await sql`CREATE UNIQUE INDEX ON recounted (inventory_id)`.execute(tx);
	await sql`ANALYZE recounted`.execute(tx);
	const images = await writeImages(tx, how);
	for (const some of chunks(images, imagesAtOnce)) await refreshParents(tx, some);
	await writeIndexes(tx, how);
	return images;
}

const imagesAtOnce = 1_000;

async function renewGaps(tx: Kysely<Database>): Promise<void> {
	await sql`
		UPDATE inventories i SET gaps = r.gaps FROM (
			SELECT i.id, bool_or(v.gap) AS gaps
			FROM inventories i, unnest(i.package_ids) AS held (id) JOIN package_versions v ON v.id = held.id
			WHERE i.id IN (SELECT inventory_id FROM holding JOIN deltas USING (package_id) WHERE deltas.gap)
			GROUP BY i.id) AS r
		WHERE i.id = r.id AND i.gaps <> r.gaps
	`.execute(tx);
}

async function sumDeltas(tx: Kysely<Database>): Promise<void> {
	await sql`
		CREATE TEMP TABLE recounted ON COMMIT DROP AS
		SELECT inventory_id, sum(critical)::int AS critical, sum(high)::int AS high, sum(medium)::int AS medium,
			sum(low)::int AS low, sum(negligible)::int AS negligible, sum(unknown)::int AS unknown, sum(fixable)::int AS fixable
		FROM holding JOIN deltas USING (package_id) GROUP BY inventory_id
	`.execute(tx);
}

async function sumAll(tx: Kysely<Database>): Promise<void> {
	await sql`
		CREATE TEMP TABLE recounted ON COMMIT DROP AS
		SELECT i.id AS inventory_id, coalesce(sum(v.critical), 0)::int AS critical, coalesce(sum(v.high), 0)::int AS high,
			coalesce(sum(v.medium), 0)::int AS medium, coalesce(sum(v.low), 0)::int AS low,
			coalesce(sum(v.negligible), 0)::int AS negligible, coalesce(sum(v.unknown), 0)::int AS unknown,
			coalesce(sum(v.fixable), 0)::int AS fixable
		FROM inventories i LEFT JOIN LATERAL unnest(i.package_ids) AS held (id) ON true
		LEFT JOIN package_versions v ON v.id = held.id GROUP BY i.id
	`.execute(tx);
}

async function writeImages(
	tx: Kysely<Database>,
	{ snapshotId, isCurrent, now, everything }: Recount,
): Promise<readonly Id[]> {
	// Images before indexes, each in the order of ids: whoever else changes some waits, and nobody waits in a circle.
	for (const kind of ["image", "index"])
		await sql`
			SELECT count(*) FROM (SELECT id FROM artifacts WHERE kind = ${kind} AND result_scan_id IS NOT NULL
				ORDER BY id FOR NO KEY UPDATE) AS locked
		`.execute(tx);
	const fields = ["critical", "high", "medium", "low", "negligible", "unknown", "fixable"];
	const counted = sql.join(
		fields.map((name) => {
			const [field, before, change] = [sql.id(name), sql.ref(`a.${name}`), sql.ref(`r.${name}`)];
			return everything
				? sql`${field} = coalesce(${change}, ${before})`
				: sql`${field} = ${before} + coalesce(${change}, 0)`;
		}),
	);
	const { rows } = await sql<{ id: Id }>`
		WITH counted AS (
			UPDATE artifacts a SET result_snapshot_id = ${snapshotId}, evaluated_at = ${now},
				result_status = CASE WHEN i.whole AND NOT i.gaps AND ${isCurrent} THEN 'complete' ELSE 'partial' END, ${counted}
			FROM inventories i LEFT JOIN recounted r ON r.inventory_id = i.id WHERE i.id = a.inventory_id
			RETURNING a.id, i.id AS inventory_id
		)
		SELECT id FROM counted WHERE inventory_id IN (SELECT inventory_id FROM holding) ORDER BY id
	`.execute(tx);
	return rows.map(({ id }) => id);
}

async function writeIndexes(tx: Kysely<Database>, { snapshotId, now }: Recount): Promise<void> {
	await sql`
		UPDATE artifacts p SET result_snapshot_id = ${snapshotId}, evaluated_at = ${now}, result_status = CASE WHEN (
				SELECT bool_and(coalesce(c.result_status = 'complete', false)) FILTER (WHERE c.state <> 'not_supported')
				FROM index_edges e JOIN artifacts c ON c.id = e.child_id WHERE e.parent_id = p.id AND c.kind <> 'other')
			THEN 'complete' ELSE 'partial' END
		WHERE kind = 'index' AND result_scan_id IS NOT NULL
	`.execute(tx);
}
