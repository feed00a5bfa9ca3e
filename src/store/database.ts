import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { StoreError } from "./errors.ts";
import type { Database } from "./schema.ts";

export type Db = Kysely<Database>;

export interface OpenedDatabase {
	readonly db: Db;
	readonly pool: pg.Pool;
	close(): Promise<void>;
}

export interface DatabaseOptions {
	/** Connections at most. */
	readonly connections?: number;
	/** Shown in pg_stat_activity. */
	readonly name?: string;
	/** A statement that takes longer is given up by the database; without it none is. */
	readonly statementMilliseconds?: number;
	/** How long to wait for a connection, be it a new one or one that others use. */
	readonly waitMilliseconds?: number;
}

const oldest = 150_000;

/**
 * Opens a PostgreSQL (15 or newer). bigint and numeric come as text, timestamps as Date.
 * @throws StoreError database_unavailable
 */
export async function openDatabase(url: string, options: DatabaseOptions = {}): Promise<OpenedDatabase> {
	const pool = new pg.Pool({
		connectionString: url,
		max: options.connections ?? 10,
		application_name: options.name ?? "plimsoll",
		connectionTimeoutMillis: options.waitMilliseconds ?? 15_000,
		...(options.statementMilliseconds === undefined ? {} : { statement_timeout: options.statementMilliseconds }),
		keepAlive: true,
	});
	// A connection that breaks is no reason to end: the query that uses it is told, and the next one gets a new connection.
	pool.on("error", () => {});
	pool.on("connect", (client) => client.on("error", () => {}));
	try {
		const { rows } = await pool.query<{ version: string }>("SELECT current_setting('server_version_num') AS version");
		const version = Number(rows[0]?.version);
		if (version < oldest)
			throw new Error(`it is version ${Math.floor(version / 10_000)}, and 15 is the oldest that will do`);
	} catch (cause) {
		await pool.end().catch(() => {});
		const why =
			cause instanceof Error ? cause.message || String((cause as Error & { code?: string }).code) : String(cause);
		throw new StoreError(
			"database_unavailable",
			`The database cannot be used: ${why}.`,
			"Check DATABASE_URL and that the server runs.",
			cause,
		);
	}
	const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
	return { db, pool, close: () => db.destroy() };
}
