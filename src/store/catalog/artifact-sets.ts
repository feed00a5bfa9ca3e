/**
 * Sets of artifacts that are found from another table. A small one is read first and the list is of those ids alone. In a
 * large one hits are so close together that following the list's order and checking row by row ends soon.
 */
import { type RawBuilder, sql } from "kysely";
import type { Db } from "../database.ts";
import { hasText } from "../paging/text.ts";

export interface ArtifactSet {
	/** Whether the artifact `a` is in it, for a page in the list's order. */
	readonly listed: RawBuilder<boolean>;
	/** The same, for counting all that are. */
	readonly counted: RawBuilder<boolean>;
}

/** Of 20,000 artifacts one in ten: a page of 50 then takes 500 rows. */
export const usualSmall = 2000;

/** By the repository's name or a tag. */
export async function named(db: Db, text: string, small: number): Promise<ArtifactSet> {
	const inRepository = hasText(sql`r.name`, text);
	const inTag = hasText(sql`t.name`, text);
	const { rows } = await sql<{ id: string }>`
		SELECT t.artifact_id AS id FROM tags t WHERE ${inTag}
		UNION ALL
		SELECT a.id FROM repositories r JOIN artifacts a ON a.repository_id = r.id WHERE ${inRepository}
		LIMIT ${small + 1}`.execute(db);
	if (rows.length <= small) return same(oneOf(rows.map(({ id }) => id)));
	return same(sql`(EXISTS (SELECT FROM repositories r WHERE r.id = a.repository_id AND ${inRepository})
		OR EXISTS (SELECT FROM tags t WHERE t.artifact_id = a.id AND ${inTag}))`);
}

/**
 * That hold one of these package versions: an image by its own inventory, an index by those below it. In a large set we
 * look two levels down; deeper ones are nobody's image.
 */
export async function holding(db: Db, packages: readonly number[], small: number): Promise<ArtifactSet> {
	const { rows } = await sql<{ id: string }>`
		SELECT id FROM inventories WHERE package_ids && ${packages}::int[] LIMIT ${small + 1}`.execute(db);
	if (rows.length <= small) return same(above(sql`inventory_id = ANY(${rows.map(({ id }) => id)}::bigint[])`));
	const held = sql`i.package_ids && ${packages}::int[]`;
	return {
		// OFFSET 0 keeps each a look-up by row; PostgreSQL would read whole tables into hashes first.
		listed: sql`(EXISTS (SELECT FROM inventories i WHERE i.id = a.inventory_id AND ${held} OFFSET 0)
			OR a.kind = 'index' AND EXISTS (
				SELECT FROM index_edges e JOIN artifacts c ON c.id = e.child_id JOIN inventories i ON i.id = c.inventory_id
				WHERE e.parent_id = a.id AND ${held} OFFSET 0)
			OR a.kind = 'index' AND EXISTS (
				SELECT FROM index_edges o JOIN index_edges e ON e.parent_id = o.child_id JOIN artifacts c ON c.id = e.child_id
				JOIN inventories i ON i.id = c.inventory_id
				WHERE o.parent_id = a.id AND ${held} OFFSET 0))`,
		// All at once, by joins; recursion would take each row singly.
		counted: sql`a.id IN (
			WITH found AS MATERIALIZED (
				SELECT c.id FROM inventories_holding(${packages}::int[]) AS inventory (id)
				JOIN artifacts c ON c.inventory_id = inventory.id)
			SELECT id FROM found
			UNION ALL SELECT e.parent_id FROM found JOIN index_edges e ON e.child_id = found.id
			UNION ALL SELECT o.parent_id FROM found JOIN index_edges e ON e.child_id = found.id
				JOIN index_edges o ON o.child_id = e.parent_id)`,
	};
}

/** Images, and every index above them. */
function above(images: RawBuilder<unknown>): RawBuilder<boolean> {
	return sql<boolean>`a.id IN (
		WITH RECURSIVE found AS (
			SELECT id FROM artifacts WHERE ${images}
			UNION
			SELECT e.parent_id FROM found JOIN index_edges e ON e.child_id = found.id)
		SELECT id FROM found)`;
}

function oneOf(ids: readonly string[]): RawBuilder<boolean> {
	return sql<boolean>`a.id = ANY(${ids}::bigint[])`;
}

function same(condition: RawBuilder<boolean>): ArtifactSet {
	return { listed: condition, counted: condition };
}
