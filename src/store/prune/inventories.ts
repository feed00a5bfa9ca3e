/**
 * Inventories that no image and no scan refers to, and what was known only for them: package versions, their matches,
 * vulnerabilities. Whoever is about to refer to one holds the evaluation shared; the removal itself holds it alone.
 */
import { sql, type Transaction } from "kysely";
import type { Id } from "#contract";
import type { Db } from "../database.ts";
import { lockEvaluation } from "../results/index.ts";
import type { Database } from "../schema.ts";

/** Some thousand package versions are looked up for them; results are not kept while the last few are. */
const inventoriesAtOnce = 20;

export interface Pruned {
	readonly inventories: number;
	readonly packageVersions: number;
	readonly vulnerabilities: number;
}

export async function pruneInventories(db: Db, before: Date, signal: AbortSignal): Promise<Pruned> {
	const sum = { inventories: 0, packageVersions: 0, vulnerabilities: 0 };
	for (let after: Id | null = "0"; after !== null; ) {
		signal.throwIfAborted();
		const unused = await unusedAfter(db, after, before);
		const packages = unused.length > 0 ? await heldByThemAlone(db, unused) : [];
		if (unused.length > 0) {
			const pruned = await db.transaction().execute((tx) => remove(tx, unused, packages));
			sum.inventories += pruned.inventories;
			sum.packageVersions += pruned.packageVersions;
			sum.vulnerabilities += pruned.vulnerabilities;
		}
		after = unused.length < inventoriesAtOnce ? null : (unused.at(-1) ?? null);
	}
	return sum;
}

const unreferred = sql`NOT EXISTS (SELECT 1 FROM artifacts a WHERE a.inventory_id = i.id)
	AND NOT EXISTS (SELECT 1 FROM scans s WHERE s.inventory_id = i.id)`;

async function unusedAfter(db: Db, after: Id, before: Date): Promise<readonly Id[]> {
	const { rows } = await sql<{ id: Id }>`
		SELECT i.id FROM inventories i WHERE i.id > ${after}::bigint AND i.created_at < ${before} AND ${unreferred}
		ORDER BY i.id LIMIT ${inventoriesAtOnce}`.execute(db);
	return rows.map(({ id }) => id);
}

/** The long look, before anything is locked; what it finds is looked at again. */
async function heldByThemAlone(db: Db, inventories: readonly Id[]): Promise<readonly number[]> {
	const ids = [...inventories];
	const { rows } = await sql<{ id: number }>`
		SELECT held.id FROM (
			SELECT DISTINCT unnest(package_ids) AS id FROM inventories WHERE id = ANY(${ids}::bigint[])
		) held
		WHERE NOT EXISTS (SELECT 1 FROM inventories o
			WHERE o.package_ids @> ARRAY[held.id] AND o.id <> ALL(${ids}::bigint[]))`.execute(db);
	return rows.map(({ id }) => id);
}

/** In one transaction, so that no package version is left behind that no later run would find. */
async function remove(
	tx: Transaction<Database>,
	inventories: readonly Id[],
	packages: readonly number[],
): Promise<Pruned> {
	await lockEvaluation(tx);
	const gone =
		await sql`DELETE FROM inventories i WHERE i.id = ANY(${[...inventories]}::bigint[]) AND ${unreferred}`.execute(tx);
	const unheld = sql`v.id = ANY(${[...packages]}::int[])
		AND NOT EXISTS (SELECT 1 FROM inventories i WHERE i.package_ids @> ARRAY[v.id])`;
	const { rows: told } = await sql<{ id: number }>`
		SELECT DISTINCT m.vulnerability_id AS id FROM package_matches m JOIN package_versions v ON v.id = m.package_id
		WHERE ${unheld}`.execute(tx);
	const versions = await sql`DELETE FROM package_versions v WHERE ${unheld}`.execute(tx);
	const vulnerabilities = await sql`
		DELETE FROM vulnerabilities v WHERE v.id = ANY(${told.map(({ id }) => id)}::int[])
			AND NOT EXISTS (SELECT 1 FROM package_matches m WHERE m.vulnerability_id = v.id)`.execute(tx);
	return {
		inventories: Number(gone.numAffectedRows ?? 0),
		packageVersions: Number(versions.numAffectedRows ?? 0),
		vulnerabilities: Number(vulnerabilities.numAffectedRows ?? 0),
	};
}
