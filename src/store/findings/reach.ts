/** How far things reach among the images that somebody may see. */
import { type RawBuilder, sql } from "kysely";
import type { Sight } from "#server";
import type { Db } from "../database.ts";
import { type Order, orderBy } from "../paging/keyset.ts";

/** Which images count; `a` is the artifact. */
export interface Scope {
	readonly sight: Sight;
	readonly workspace?: string | undefined;
	readonly registry?: string | undefined;
}

function inScope({ sight, workspace, registry }: Scope): RawBuilder<boolean> {
	const all: RawBuilder<boolean>[] = [];
	if (!sight.all) all.push(sql`a.space_id = ANY(${[...sight.spaces.keys()]}::bigint[])`);
	if (workspace !== undefined)
		all.push(sql`a.space_id IN (SELECT space_id FROM workspace_spaces WHERE workspace_id = ${workspace})`);
	if (registry !== undefined) all.push(sql`a.registry_id = ${registry}`);
	return all.length === 0 ? sql<boolean>`true` : sql<boolean>`${sql.join(all, sql` AND `)}`;
}

/** A table in the list's order, so that the costly `isHeld` is asked of so many rows as a page takes, and no more. */
export function inOrder(table: RawBuilder<unknown>, alias: string, order: Order): RawBuilder<unknown> {
	return sql`(SELECT * FROM ${table} AS ${sql.ref(alias)} ORDER BY ${orderBy(order)} OFFSET 0) AS ${sql.ref(alias)}`;
}

/** Numbers of images that hold at least one of a group's package versions, for many groups at once. */
export async function imagesHolding(
	db: Db,
	groups: ReadonlyMap<string, readonly number[]>,
	scope: Scope,
): Promise<ReadonlyMap<string, number>> {
	const keys = [...groups.keys()];
	const sets = keys.map((key) => `{${(groups.get(key) ?? []).join(",")}}`);
	const { rows } = await sql<{ key: string; images: number }>`
		SELECT asked.key, (
			SELECT count(*) FROM inventories i JOIN artifacts a ON a.inventory_id = i.id
			WHERE i.package_ids && asked.packages::int[] AND ${inScope(scope)})::float8 AS images
		FROM unnest(${keys}::text[], ${sets}::text[]) AS asked (key, packages)
	`.execute(db);
	return new Map(rows.map(({ key, images }) => [key, images]));
}

/**
 * Whether any image in scope holds one of the package versions that `packages` selects. OFFSET 0 keeps it a question by
 * row: as a join, PostgreSQL would answer it for all rows before it takes the first page.
 */
export function isHeld(packages: RawBuilder<unknown>, scope: Scope): RawBuilder<boolean> {
	return sql<boolean>`EXISTS (
		SELECT 1 FROM inventories i JOIN artifacts a ON a.inventory_id = i.id
		WHERE i.package_ids && ARRAY(${packages}) AND ${inScope(scope)} OFFSET 0)`;
}

/** The same of one package version, where it is asked of all there are: each inventory is read once. */
export function inHeldSet(id: RawBuilder<unknown>, scope: Scope): RawBuilder<boolean> {
	return sql<boolean>`${id} IN (
		SELECT unnest(i.package_ids) FROM artifacts a JOIN inventories i ON i.id = a.inventory_id WHERE ${inScope(scope)})`;
}

/** Those of package versions that some image in scope holds. */
export async function heldOf(db: Db, packages: readonly number[], scope: Scope): Promise<ReadonlySet<number>> {
	if (packages.length === 0) return new Set();
	const { rows } = await sql<{ id: number }>`
		SELECT p.id FROM unnest(${packages}::int[]) AS p (id) WHERE ${isHeld(sql`SELECT p.id`, scope)}
	`.execute(db);
	return new Set(rows.map(({ id }) => id));
}
