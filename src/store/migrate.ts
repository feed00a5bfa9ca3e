/** Brings the schema up to date: migrations/NNNN_*.sql in order, each once and whole, never back. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { StoreError } from "./errors.ts";

/** Any number: the lock under which one process migrates and the others wait. */
const lock = 0x506c696d;

const folder = join(import.meta.dirname, "migrations");

interface Migration {
	readonly number: number;
	readonly name: string;
}

export function migrations(): readonly Migration[] {
	return readdirSync(folder)
		.filter((name) => name.endsWith(".sql"))
		.sort()
		.map((name) => ({ number: Number(name.slice(0, 4)), name }));
}

/**
 * Applies what is missing; many processes may start at once.
 * @throws StoreError database_too_new: the schema is of a newer Plimsoll
 */
export async function migrate(pool: pg.Pool): Promise<readonly string[]> {
	const client = await pool.connect();
	const applied: string[] = [];
	try {
		await client.query("SELECT pg_advisory_lock($1)", [lock]);
		await client.query(
			"CREATE TABLE IF NOT EXISTS schema_migrations (number int PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL DEFAULT now())",
		);
		const { rows } = await client.query<{ number: number; name: string }>("SELECT number, name FROM schema_migrations");
		const known = migrations();
		const foreign = rows.find((row) => !known.some((one) => one.name === row.name));
		if (foreign) {
			throw new StoreError(
				"database_too_new",
				`The database was used by a newer Plimsoll (it has ${foreign.name}).`,
				"Run that version or a newer one; going back needs a backup from before.",
			);
		}
		for (const { number, name } of known) {
			if (rows.some((row) => row.name === name)) continue;
			await client.query("BEGIN");
			try {
				await client.query(readFileSync(join(folder, name), "utf8"));
				await client.query("INSERT INTO schema_migrations (number, name) VALUES ($1, $2)", [number, name]);
				await client.query("COMMIT");
			} catch (cause) {
				await client.query("ROLLBACK");
				throw cause;
			}
			applied.push(name);
		}
	} finally {
		await client.query("SELECT pg_advisory_unlock($1)", [lock]).catch(() => {});
		client.release();
	}
	return applied;
}
