import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "./database.ts";
import { migrate, schemaProblem } from "./migrate.ts";
import { catalogColumns, catalogText } from "./testing/catalog-text.ts";
import { startDebianPostgres } from "./testing/debian-postgres.ts";
import { type TestDatabase, testDatabase } from "./testing/postgres.ts";

const snapshot = join(import.meta.dirname, "migrations/schema.snapshot.txt");

let database: TestDatabase;
let folder = "";
beforeAll(async () => {
	database = await testDatabase();
	folder = mkdtempSync(join(tmpdir(), "plimsoll-migrations-"));
});
afterAll(async () => {
	await database.close();
	rmSync(folder, { recursive: true });
});

describe("the schema", () => {
	it("is what schema.snapshot.txt says (UPDATE_GOLDEN=1 rewrites it)", async () => {
		const text = await catalogText(database.pool);
		if (process.env["UPDATE_GOLDEN"]) writeFileSync(snapshot, text);
		expect(text).toBe(readFileSync(snapshot, "utf8"));
	});

	it("is the same on Debian's PostgreSQL 15", async (context) => {
		const server = await startDebianPostgres();
		if (!server) return context.skip("PostgreSQL 15 is not installed (apt-get install postgresql)");
		const debian = await openDatabase(server.url);
		await migrate(debian.pool);
		expect(await catalogText(debian.pool)).toBe(await catalogText(database.pool));
		await debian.close();
		await server.stop();
	}, 60_000);

	it("is what schema.ts tells Kysely: tables, columns, and which may be null", async () => {
		const source = readFileSync(join(import.meta.dirname, "schema.ts"), "utf8");
		const found = (await catalogColumns(database.pool)).filter(({ table }) => table !== "schema_migrations");
		const told = columnsOf(source);
		const asText = (column: Pick<Told, "table" | "name" | "nullable">) =>
			`${column.table}.${column.name}${column.nullable ? "?" : ""}`;
		expect(told.map(asText).toSorted()).toEqual(found.map(asText).toSorted());
		const filled = new Set(found.filter(({ rest }) => rest !== "").map(asText));
		expect(told.filter((column) => column.generated && !filled.has(asText(column)))).toEqual([]);
	});
});

interface Told {
	readonly table: string;
	readonly name: string;
	readonly nullable: boolean;
	/** May be left out of an insert. */
	readonly generated: boolean;
}

function columnsOf(source: string): readonly Told[] {
	const bodyOf = (name: string) => new RegExp(`interface ${name} \\{\\n([^]*?)\\n\\}`).exec(source)?.[1] ?? "";
	const members = (body: string) =>
		[...body.replaceAll(/\/\*\*[^]*?\*\//g, "").matchAll(/^\t(\w+): ([^;]+);/gm)].map(([, key = "", type = ""]) => ({
			key,
			type,
		}));
	return members(bodyOf("Database")).flatMap(({ key: table, type }) =>
		members(bodyOf(type)).map(({ key: name, type: column }) => ({
			table,
			name,
			nullable: /\| null\b/.test(column.replaceAll(/ColumnType<[^>]*>/g, "")),
			generated: column.startsWith("Generated"),
		})),
	);
}

describe("migrating", () => {
	/** A database of its own beside the migrated one. */
	async function empty<T>(work: (pool: pg.Pool, url: string) => Promise<T>): Promise<T> {
		const name = `migrations_${process.pid}`;
		await database.pool.query(`CREATE DATABASE ${name}`);
		const url = database.url.replace(/\/[^/?]*(?=\?|$)/, `/${name}`);
		const opened = await openDatabase(url, { connections: 4 });
		try {
			return await work(opened.pool, url);
		} finally {
			await opened.close();
			await database.pool.query(`DROP DATABASE ${name} WITH (FORCE)`);
		}
	}

	it("does nothing twice", async () => {
		expect(await migrate(database.pool)).toEqual([]);
		expect(await schemaProblem(database.pool)).toBeNull();
	});

	it("refuses a database of a newer Plimsoll", async () => {
		await empty(async (pool) => {
			await migrate(pool);
			await pool.query("INSERT INTO schema_migrations (number, name) VALUES (9000, '9000_later.sql')");
			await expect(migrate(pool)).rejects.toMatchObject({ code: "database_too_new" });
			expect(await schemaProblem(pool)).toContain("newer");
		});
	});

	it("that fails leaves nothing of the one that failed, keeps those before, and can be tried again", async () => {
		writeFileSync(join(folder, "0001_a.sql"), "CREATE TABLE a (id int);");
		writeFileSync(join(folder, "0002_b.sql"), "CREATE TABLE b (id int); INSERT INTO b VALUES (1); SELECT 1 / 0;");
		await empty(async (pool) => {
			await expect(migrate(pool, folder)).rejects.toThrow("division by zero");
			const { rows } = await pool.query("SELECT tablename FROM pg_tables WHERE tablename IN ('a', 'b')");
			expect(rows).toEqual([{ tablename: "a" }]);
			writeFileSync(join(folder, "0002_b.sql"), "CREATE TABLE b (id int);");
			expect(await migrate(pool, folder)).toEqual(["0002_b.sql"]);
		});
	});

	it("in many processes at once happens once", async () => {
		await empty(async (_pool, url) => {
			const processes = await Promise.all(Array.from({ length: 4 }, () => openDatabase(url)));
			const applied = await Promise.all(processes.map(({ pool }) => migrate(pool)));
			await Promise.all(processes.map((each) => each.close()));
			expect(applied.filter(({ length }) => length > 0)).toHaveLength(1);
		});
	});

	it("whose connection is cut leaves nothing and no lock", async () => {
		writeFileSync(
			join(folder, "0003_c.sql"),
			"CREATE TABLE c (id int); SELECT pg_terminate_backend(pg_backend_pid());",
		);
		await empty(async (pool) => {
			await expect(migrate(pool, folder)).rejects.toThrow(/terminat/);
			writeFileSync(join(folder, "0003_c.sql"), "CREATE TABLE c (id int);");
			expect(await migrate(pool, folder)).toEqual(["0003_c.sql"]);
		});
	});
});
