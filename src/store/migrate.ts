/** Brings the schema up to date: migrations/NNNN_*.sql in order, each once and whole, never back. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { StoreError } from "./errors.ts";

/** Any number: the lock under which one process migrates and the others wait. */
const lock = 0x506c696d;

const ownMigrations = join(import.meta.dirname, "migrations");

interface Migration {
	readonly number: number;
	readonly name: string;
}

function migrationsIn(folder: string): readonly Migration[] {
	return readdirSync(folder)
		.filter((name) => name.endsWith(".sql"))
		.sort()
		.map((name) => ({ number: Number(name.slice(0, 4)), name }));
}

/**
 * Applies what is missing; many processes may start at once.
 * @throws StoreError database_too_new: the schema is of a newer Plimsoll
 */
export async function migrate(pool: pg.Pool, folder: string = ownMigrations): Promise<readonly string[]> {
	const client = await pool.connect();
	try {
		await client.query("SELECT pg_advisory_lock($1)", [lock]);
		const missing = await missingIn(client, folder);
		for (const migration of missing) await apply(client, folder, migration);
		return missing.map(({ name }) => name);
	} finally {
		const unlocked = await client.query("SELECT pg_advisory_unlock($1)", [lock]).catch((cause: Error) => cause);
		client.release(unlocked instanceof Error ? unlocked : undefined);
	}
}

/** Null when the schema is this program's, else what is wrong with it. */
export async function schemaProblem(pool: pg.Pool): Promise<string | null> {
	const { rows } = await pool.query<{ name: string }>("SELECT name FROM schema_migrations");
	const known = migrationsIn(ownMigrations).map(({ name }) => name);
	const applied = rows.map(({ name }) => name);
	if (applied.some((name) => !known.includes(name))) return "Its schema is of a newer Plimsoll.";
	return known.every((name) => applied.includes(name)) ? null : "Its schema is not up to date yet.";
}

async function missingIn(client: pg.PoolClient, folder: string): Promise<readonly Migration[]> {
	await client.query(
		"CREATE TABLE IF NOT EXISTS schema_migrations (number int PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL DEFAULT now())",
	);
	const { rows } = await client.query<{ name: string }>("SELECT name FROM schema_migrations ORDER BY number");
	const known = migrationsIn(folder);
	const foreign = rows.find((row) => !known.some((one) => one.name === row.name));
	if (foreign)
		throw new StoreError(
			"database_too_new",
			`The database was used by a newer Plimsoll (it has ${foreign.name}).`,
			"Run that version or a newer one; going back needs a backup from before.",
		);
	return known.filter(({ name }) => !rows.some((row) => row.name === name));
}

async function apply(client: pg.PoolClient, folder: string, { number, name }: Migration): Promise<void> {
	await client.query("BEGIN");
	try {
		await client.query(readFileSync(join(folder, name), "utf8"));
		await client.query("INSERT INTO schema_migrations (number, name) VALUES ($1, $2)", [number, name]);
		await client.query("COMMIT");
	} catch (cause) {
		await client.query("ROLLBACK").catch(() => {});
		throw cause;
	}
}
