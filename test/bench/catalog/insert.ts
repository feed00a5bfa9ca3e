/** Many rows at once: a column is an array of text, which PostgreSQL reads as the column's type. */
import { type RawBuilder, sql } from "kysely";
import type { Db } from "#store";

export interface Column<Row> {
	readonly name: string;
	readonly type: string;
	readonly of: (row: Row) => string | number | boolean | null;
}

const rowsAtOnce = 2000;

/** Ids are given, not made: rows can name each other before they are there. */
export async function insertRows<Row>(
	db: Db,
	table: string,
	columns: readonly Column<Row>[],
	rows: readonly Row[],
): Promise<void> {
	const names = sql.join(columns.map(({ name }) => sql.id(name)));
	const casts = sql.join(columns.map(({ name, type }) => sql`${sql.id(name)}::${sql.raw(type)}`));
	for (let first = 0; first < rows.length; first += rowsAtOnce) {
		const some = rows.slice(first, first + rowsAtOnce);
		const arrays = columns.map(({ of }): RawBuilder<unknown> => sql`${some.map((row) => textOf(of(row)))}::text[]`);
		await sql`
			INSERT INTO ${sql.table(table)} (${names}) OVERRIDING SYSTEM VALUE
			SELECT ${casts} FROM unnest(${sql.join(arrays)}) AS given (${names})`.execute(db);
	}
}

function textOf(value: string | number | boolean | null): string | null {
	return value === null ? null : String(value);
}

/** Where new ids begin. */
export async function firstFree(db: Db, table: string): Promise<number> {
	const { rows } = await sql<{ id: number }>`
		SELECT coalesce(max(id), 0)::float8 + 1 AS id FROM ${sql.table(table)}`.execute(db);
	return rows[0]?.id ?? 1;
}

/** Lets the tables' own ids go on behind those that were given. */
export async function continueIds(db: Db, tables: readonly string[]): Promise<void> {
	for (const table of tables)
		await sql`SELECT setval(pg_get_serial_sequence(${table}, 'id'), (SELECT coalesce(max(id), 0) + 1 FROM ${sql.table(table)}), false)`.execute(
			db,
		);
}
