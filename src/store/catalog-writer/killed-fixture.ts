/** A database whose connections die at a chosen statement, as at `kill -9`: what was not committed is gone. */
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import type { Db } from "../database.ts";
import type { Database } from "../schema.ts";

export interface DyingDatabase {
	readonly db: Db;
	readonly pool: pg.Pool;
	readonly statements: () => number;
	close(): Promise<void>;
}

/** From the statement after so many on, all fail, before or after PostgreSQL has done the last one. */
export function dyingDatabase(url: string, after: number, done: boolean): DyingDatabase {
	const pool = new pg.Pool({ connectionString: url, max: 8 });
	pool.on("error", () => {});
	pool.on("connect", (client) => client.on("error", () => {}));
	let statements = 0;
	const connect = pool.connect.bind(pool);
	const mortal = async (): Promise<pg.PoolClient> => {
		const client = await connect();
		const query = client.query.bind(client) as (...args: readonly unknown[]) => Promise<unknown>;
		const dead = new Error("killed");
		return new Proxy(client, {
			get(target, name) {
				if (name === "query")
					return async (...args: readonly unknown[]) => {
						statements++;
						if (statements > after) throw dead;
						const result = await query(...args);
						if (statements === after && done) throw dead;
						return result;
					};
				if (name === "release") return () => client.release(statements >= after);
				const value: unknown = Reflect.get(target, name);
				return typeof value === "function" ? value.bind(target) : value;
			},
		});
	};
	pool.connect = mortal as typeof pool.connect;
	const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
	return { db, pool, statements: () => statements, close: () => db.destroy() };
}
