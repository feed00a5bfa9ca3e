/** What an artifact holds: the package versions of an image, or of the images of an index, each place by itself. */
import { type RawBuilder, sql } from "kysely";
import type { Id } from "#contract";
import { type Sight, sees } from "#server";
import type { Db } from "../database.ts";

export interface Holder {
	readonly id: Id;
	readonly isIndex: boolean;
}

/** Null when there is no such artifact within sight. */
export async function holderOf(db: Db, id: Id, sight: Sight): Promise<Holder | null> {
	const row = await db.selectFrom("artifacts").select(["space_id", "kind"]).where("id", "=", id).executeTakeFirst();
	return row && sees(sight, row.space_id) ? { id, isIndex: row.kind === "index" } : null;
}

/** Rows `(artifact_id, platform, position, package_id, place)`: `place` counts from 1 in its image's inventory. */
export function held({ id, isIndex }: Holder): RawBuilder<unknown> {
	const images = isIndex
		? sql`SELECT c.id, c.platform, c.inventory_id, e.position FROM index_edges e JOIN artifacts c ON c.id = e.child_id
			WHERE e.parent_id = ${id}`
		: sql`SELECT id, platform, inventory_id, 0 AS position FROM artifacts WHERE id = ${id}`;
	return sql`(
		SELECT image.id AS artifact_id, image.platform, image.position, entry.package_id, entry.place
		FROM (${images}) AS image JOIN inventories i ON i.id = image.inventory_id,
			unnest(i.package_ids) WITH ORDINALITY AS entry (package_id, place))`;
}

/** Worst severity in a package version's own numbers, as a rank; null when it has no finding. */
export const worstOf: RawBuilder<number | null> = sql<
	number | null
>`CASE WHEN p.critical > 0 THEN 0 WHEN p.high > 0 THEN 1
	WHEN p.medium > 0 THEN 2 WHEN p.low > 0 THEN 3 WHEN p.negligible > 0 THEN 4 WHEN p.unknown > 0 THEN 5 END`;

export const findingsOf: RawBuilder<number> = sql<number>`(p.critical + p.high + p.medium + p.low + p.negligible + p.unknown)`;
