/** One page of a list, and how many rows there are when that is asked. */
import { type RawBuilder, sql } from "kysely";
import type { PageOf, PageQuery } from "#contract";
import type { Db } from "../database.ts";
import { badCursor, behind, cursorOf, keyColumns, type Order, orderBy } from "./keyset.ts";

/** What a list reads: `SELECT id FROM from WHERE all of where`. `id` names the row. */
export interface Listing {
	readonly id: RawBuilder<unknown>;
	readonly from: RawBuilder<unknown>;
	/** What only the sorting needs: joins that neither drop nor double rows. */
	readonly sortFrom: RawBuilder<unknown>;
	readonly where: readonly RawBuilder<boolean>[];
	/** What counting uses instead, where the same is told faster in another way. */
	readonly counted?: readonly RawBuilder<boolean>[];
	readonly order: Order;
}

const usual = 50;

/**
 * Finds the page's ids first, by sort values alone, then `show` reads what is shown of them: rows with their `id`, in any
 * order. One that is deleted in between is left out.
 */
export async function pageOf<T>(
	db: Db,
	query: PageQuery,
	listing: Listing,
	show: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>,
): Promise<PageOf<T>> {
	const { order } = listing;
	const limit = query.limit ?? usual;
	const where = query.cursor === undefined ? listing.where : [...listing.where, behind(order, query.cursor)];
	const found = sql<Readonly<Record<string, unknown>> & { readonly id: string }>`
		SELECT ${listing.id} AS id, ${keyColumns(order)}
		FROM ${listing.from} ${listing.sortFrom}
		WHERE ${all(where)}
		ORDER BY ${orderBy(order)}
		LIMIT ${limit + 1}`.execute(db);
	const [rows, total] = await Promise.all([
		found.then((result) => result.rows).catch(refuseCursor(query.cursor)),
		query.total ? count(db, listing) : null,
	]);
	const page = rows.slice(0, limit);
	const last = rows.length > limit ? page.at(-1) : undefined;
	const ids = page.map(({ id }) => id);
	const shown = ids.length === 0 ? new Map<string, T>() : await show(ids);
	return {
		items: ids.flatMap((id) => shown.get(id) ?? []),
		next: last ? cursorOf(order, last) : null,
		...(total === null ? {} : { total }),
	};
}

export function all(conditions: readonly RawBuilder<boolean>[]): RawBuilder<boolean> {
	return conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`${sql.join(conditions, sql` AND `)}`;
}

async function count(db: Db, { from, where, counted = where }: Listing): Promise<number> {
	const { rows } = await sql<{
		count: number;
	}>`SELECT count(*)::float8 AS count FROM ${from} WHERE ${all(counted)}`.execute(db);
	return rows[0]?.count ?? 0;
}

/** Class 22, data exceptions: a value of the cursor is not of its key's type, so we did not make it. */
function refuseCursor(cursor: string | undefined): (error: unknown) => never {
	return (error) => {
		const code = error instanceof Error && "code" in error ? String(error.code) : "";
		if (cursor !== undefined && code.startsWith("22")) throw badCursor(error);
		throw error;
	};
}
