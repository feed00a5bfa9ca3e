import { sql } from "kysely";
import type { Db } from "../database.ts";
import type { Lanes } from "../queue/claims.ts";

const keptMs = 1_000;

/** How many scans of each registry may run at once, over all workers. */
export function registryLanes(db: Db): () => Promise<Lanes> {
	let known: { readonly at: number; readonly lanes: Lanes } | null = null;
	return async () => {
		if (known && Date.now() - known.at < keptMs) return known.lanes;
		const { rows } = await sql<{ id: string; most: number }>`
			SELECT id, max_concurrent_scans AS most FROM registries
		`.execute(db);
		known = { at: Date.now(), lanes: { usual: 4, limits: Object.fromEntries(rows.map(({ id, most }) => [id, most])) } };
		return known.lanes;
	};
}

/**
 * What one scan may take of a registry's bytes a second: its processes do not see each other, so each gets an equal part
 * of what may run beside it.
 */
export async function bandwidthShare(db: Db, registryId: string, bytesPerSecond: number): Promise<number> {
	const { rows } = await sql<{ scans: number }>`
		SELECT least(r.max_concurrent_scans, (SELECT count(*) FROM scan_groups g WHERE g.registry_id = r.id AND g.active))::int
			AS scans FROM registries r WHERE r.id = ${registryId}
	`.execute(db);
	return Math.max(1, Math.floor(bytesPerSecond / Math.max(1, rows[0]?.scans ?? 1)));
}
