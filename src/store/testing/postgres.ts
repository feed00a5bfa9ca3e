/**
 * Databases for tests, on a real PostgreSQL: the embedded one, or the one that `PLIMSOLL_TEST_DATABASE_URL` names. Each
 * test file gets an empty, migrated database of its own, copied from a template.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type OpenedDatabase, openDatabase } from "../database.ts";
import { startEmbeddedPostgres } from "../embedded/server.ts";
import { migrate } from "../migrate.ts";

export interface TestDatabase extends OpenedDatabase {
	readonly url: string;
}

let made = 0;

/** Call in `beforeAll`; `close` in `afterAll` drops everything. Takes about a second. */
export async function testDatabase(): Promise<TestDatabase> {
	const given = process.env["PLIMSOLL_TEST_DATABASE_URL"];
	const folder = given ? null : mkdtempSync(join(tmpdir(), "plimsoll-pg-"));
	// The server runs as another user when tests run as root.
	if (folder) chmodSync(folder, 0o755);
	const server = folder ? await startEmbeddedPostgres(folder) : null;
	const base = server?.url ?? given ?? "";
	const name = `plimsoll_test_${process.pid}_${made++}`;
	await administer(base, `CREATE DATABASE ${name}`);
	const url = withDatabase(base, name);
	const opened = await openDatabase(url);
	await migrate(opened.pool);
	return {
		...opened,
		url,
		close: async () => {
			await opened.close();
			if (server) await server.stop();
			else await administer(base, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
			if (folder) rmSync(folder, { recursive: true, force: true });
		},
	};
}

async function administer(url: string, sql: string): Promise<void> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	await client.query(sql);
	await client.end();
}

function withDatabase(url: string, name: string): string {
	return url.replace(/\/[^/?]*(?=\?|$)/, `/${name}`);
}
