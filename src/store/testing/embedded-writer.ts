/**
 * A program for tests to kill: runs the embedded PostgreSQL over the folder that it is given and writes rows, each
 * named on the standard output once it is committed. `hold`: only runs it.
 */
import pg from "pg";
import { startEmbeddedPostgres } from "../embedded/server.ts";

const [folder = "", mode = "write"] = process.argv.slice(2);
const server = await startEmbeddedPostgres(folder);
process.stdout.write(`ready ${server.pid}\n`);
process.once("SIGTERM", () => void server.stop().then(() => process.exit(0)));
const pool = new pg.Pool({ connectionString: server.url, max: 2 });
pool.on("error", () => {});
if (mode === "hold") setInterval(() => {}, 1000);
else {
	await pool.query("CREATE TABLE IF NOT EXISTS kept (id bigint PRIMARY KEY)");
	const { rows } = await pool.query<{ next: string }>("SELECT coalesce(max(id), 0) + 1 AS next FROM kept");
	for (let id = Number(rows[0]?.next); ; id++) await insert(id);
}

/** A connection that breaks leaves open whether the row was kept; then it is written again. */
async function insert(id: number): Promise<void> {
	for (;;) {
		try {
			await pool.query("INSERT INTO kept VALUES ($1) ON CONFLICT DO NOTHING", [id]);
			process.stdout.write(`kept ${id}\n`);
			return;
		} catch {
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	}
}
