/** Writes what was judged anew: matches, numbers of package versions, of images and of indexes. */
import { type Kysely, sql } from "kysely";
import type { Id } from "#contract";
import type { AdvisoryStore } from "#engine";
import { renewVulnerabilities } from "../results/vulnerabilities.ts";
import type { Database } from "../schema.ts";
import { noteDeltas, type Recount, recount } from "./recount.ts";

export interface Applied {
	/** Vulnerabilities that no package version has any more. */
	readonly gone: number;
	/** Vulnerabilities that no package version had before. */
	readonly fresh: readonly number[];
	/** Images whose numbers were counted again. */
	readonly images: readonly Id[];
}

/**
 * In the transaction of whoever holds the evaluation alone. Leaves the new pairs of package version and vulnerability in
 * the temporary table `appeared`, which ends with the transaction, as `holding` does.
 */
export async function applyJudged(tx: Kysely<Database>, store: AdvisoryStore, how: Recount): Promise<Applied> {
	// What was removed in between needs no numbers.
	await sql`DELETE FROM judged_packages WHERE package_id NOT IN (SELECT id FROM package_versions)`.execute(tx);
	await sql`DELETE FROM judged_matches WHERE package_id NOT IN (SELECT package_id FROM judged_packages)`.execute(tx);
	await sql`ANALYZE judged_packages, judged_matches`.execute(tx);
	const { fresh, gone } = await writeMatches(tx, store);
	await noteDeltas(tx);
	await sql`
		UPDATE package_versions v SET snapshot_id = CASE WHEN j.leftover IS NULL THEN ${how.snapshotId}::bigint END,
			critical = j.critical, high = j.high, medium = j.medium, low = j.low, negligible = j.negligible,
			unknown = j.unknown, fixable = j.fixable, leftover = j.leftover, gap = j.gap
		FROM judged_packages j WHERE j.package_id = v.id
	`.execute(tx);
	const images = await recount(tx, how);
	return { fresh, gone, images };
}

async function writeMatches(
	tx: Kysely<Database>,
	store: AdvisoryStore,
): Promise<{ readonly fresh: readonly number[]; readonly gone: number }> {
	// The rest of their rows is written below, from all of their matches.
	const fresh = await sql<{ id: number }>`
		INSERT INTO vulnerabilities (key, severity)
		SELECT key, min(severity) FROM judged_matches j
		WHERE NOT EXISTS (SELECT 1 FROM vulnerabilities v WHERE v.key = j.key) GROUP BY key ORDER BY key
		RETURNING id
	`.execute(tx);
	await sql`
		CREATE TEMP TABLE judged_pairs ON COMMIT DROP AS
		SELECT j.package_id, v.id AS vulnerability_id, j.severity, j.fixed_version, j.state, j.severity_source, j.body
		FROM judged_matches j JOIN vulnerabilities v ON v.key = j.key
	`.execute(tx);
	await sql`CREATE UNIQUE INDEX ON judged_pairs (package_id, vulnerability_id)`.execute(tx);
	await sql`ANALYZE judged_pairs`.execute(tx);
	await sql`
		CREATE TEMP TABLE appeared ON COMMIT DROP AS
		SELECT package_id, vulnerability_id FROM judged_pairs p
		WHERE NOT EXISTS (SELECT 1 FROM package_matches m
			WHERE m.package_id = p.package_id AND m.vulnerability_id = p.vulnerability_id)
	`.execute(tx);
	const removed = await sql<{ id: number }>`
		WITH removed AS (
			DELETE FROM package_matches m USING judged_packages j
			WHERE m.package_id = j.package_id AND NOT EXISTS (SELECT 1 FROM judged_pairs p
				WHERE p.package_id = m.package_id AND p.vulnerability_id = m.vulnerability_id)
			RETURNING m.vulnerability_id
		)
		SELECT DISTINCT vulnerability_id AS id FROM removed
	`.execute(tx);
	const written = await sql<{ id: number }>`
		WITH written AS (
			INSERT INTO package_matches AS m (package_id, vulnerability_id, severity, fixed_version, state, severity_source, body)
			SELECT package_id, vulnerability_id, severity, fixed_version, state, severity_source, body FROM judged_pairs
			ON CONFLICT (package_id, vulnerability_id) DO UPDATE SET severity = excluded.severity,
				fixed_version = excluded.fixed_version, state = excluded.state, severity_source = excluded.severity_source,
				body = excluded.body
			WHERE (m.severity, m.fixed_version, m.state, m.severity_source, m.body) IS DISTINCT FROM
				(excluded.severity, excluded.fixed_version, excluded.state, excluded.severity_source, excluded.body)
			RETURNING m.vulnerability_id
		)
		SELECT DISTINCT vulnerability_id AS id FROM written
	`.execute(tx);
	const ids = new Set([...fresh.rows, ...removed.rows, ...written.rows].map(({ id }) => id));
	const { gone } = await renewVulnerabilities(tx, [...ids], store);
	return { fresh: fresh.rows.map(({ id }) => id), gone };
}
