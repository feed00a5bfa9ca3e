/** Paging by the last row's sort values: rows that come or go between two pages shift nothing. */
import { type RawBuilder, sql } from "kysely";
import { ServerError } from "#server";

/** Something to sort by, never null. `type` is what its text is read back as. */
export interface SortKey {
	readonly by: RawBuilder<unknown>;
	readonly type: "int" | "bigint" | "text" | "timestamptz";
}

/** Sorts by name; the last key of each is unique, and all keys of one go the same way, so that one index serves both ways. */
export type Sorts = Readonly<Record<string, readonly SortKey[]>>;

export interface Order {
	/** As it was asked: `-severity`. */
	readonly name: string;
	readonly descending: boolean;
	readonly keys: readonly SortKey[];
}

/** @throws ServerError invalid_request: there is no such sort */
export function orderOf(sorts: Sorts, name: string): Order {
	const descending = name.startsWith("-");
	const field = descending ? name.slice(1) : name;
	const keys = Object.hasOwn(sorts, field) ? sorts[field] : undefined;
	if (!keys)
		throw new ServerError(
			"invalid_request",
			`This list cannot be sorted by "${name}".`,
			`It can by ${Object.keys(sorts).join(", ")}; put "-" in front for the other direction.`,
		);
	return { name, descending, keys };
}

/** The values of a row's keys, as columns `key_0`, `key_1`, …, in text. */
export function keyColumns({ keys }: Order): RawBuilder<unknown> {
	return sql.join(keys.map(({ by }, index) => sql`(${by})::text AS ${sql.id(`key_${index}`)}`));
}

export function orderBy({ keys, descending }: Order): RawBuilder<unknown> {
	return sql.join(keys.map(({ by }) => (descending ? sql`${by} DESC` : sql`${by}`)));
}

/** Rows behind the cursor's. @throws ServerError invalid_request: it is none, or one of another order */
export function behind(order: Order, cursor: string): RawBuilder<boolean> {
	const values = valuesOf(order, cursor);
	const left = sql.join(order.keys.map(({ by }) => by));
	const right = sql.join(order.keys.map(({ type }, index) => sql`${values[index]}::${sql.raw(type)}`));
	return order.descending ? sql<boolean>`(${left}) < (${right})` : sql<boolean>`(${left}) > (${right})`;
}

export function cursorOf(order: Order, row: Readonly<Record<string, unknown>>): string {
	const values = order.keys.map((_, index) => row[`key_${index}`]);
	return Buffer.from(JSON.stringify([order.name, ...values])).toString("base64url");
}

function valuesOf(order: Order, cursor: string): readonly string[] {
	const [name, ...values] = listIn(cursor);
	if (name !== undefined && name !== order.name)
		throw new ServerError(
			"invalid_request",
			`The cursor is of a list that was sorted by "${name.slice(0, 40)}", not by "${order.name}".`,
			"Keep the sort while paging, or begin again without a cursor.",
		);
	if (values.length !== order.keys.length || values.some((value) => value.includes("\0"))) throw badCursor();
	return values;
}

function listIn(cursor: string): readonly string[] {
	try {
		const read: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
		if (Array.isArray(read) && read.every((value) => typeof value === "string")) return read;
	} catch {
		// Not JSON: not made by us.
	}
	throw badCursor();
}

export function badCursor(cause?: unknown): ServerError {
	return new ServerError(
		"invalid_request",
		"The cursor is none that this list gave.",
		"Send `next` of the last page as it was, or begin again without a cursor.",
		cause,
	);
}
