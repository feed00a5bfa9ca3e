/**
 * Lists, search and counts over 20,000 images of 300 packages on the embedded PostgreSQL, as the store answers them. Asked:
 * 95 of 100 calls within 50 ms.
 */
import { sql } from "kysely";
import { type CatalogStore, type Sight, seesAll } from "#server";
import { catalogStore, type Db, migrate, openDatabase, startEmbeddedPostgres } from "#store";
import { type Line, machine } from "../line.ts";
import { type Call, callsOf, sightsOf } from "./calls.ts";
import { type Catalog, generateCatalog } from "./generate.ts";

const calls = 200;
const askedMs = 50;

export const catalog: Line = { name: "catalog", programs: [], run };

async function run(work: string): Promise<string> {
	const server = await startEmbeddedPostgres(work);
	const database = await openDatabase(server.url);
	try {
		await migrate(database.pool);
		const started = performance.now();
		const made = await generateCatalog(database.db);
		const seconds = (performance.now() - started) / 1000;
		return `${[machine(calls), `made in ${seconds.toFixed(0)} s`, ...(await figures(database.db, made))].join("\n")}\n`;
	} finally {
		await database.close();
		await server.stop();
	}
}

async function figures(db: Db, made: Catalog): Promise<readonly string[]> {
	const store = catalogStore(db);
	const sights = sightsOf(made);
	const { cursors, ids } = await walk(store);
	const lines = [`${made.artifacts} artifacts; ${await sizes(db)}`];
	let worst = 0;
	for (const [whose, sight] of Object.entries(sights)) {
		lines.push(
			"",
			`${`sight of ${whose}, ms`.padEnd(34)}${["p50", "p95", "max"].map((it) => it.padStart(8)).join("")}`,
		);
		for (const call of callsOf(made, cursors, ids)) {
			const times = await measure(call, store, sight);
			worst = Math.max(worst, quantile(times, 0.95));
			const cells = [quantile(times, 0.5), quantile(times, 0.95), times.at(-1) ?? Number.NaN];
			lines.push(call.what.padEnd(34) + cells.map((ms) => ms.toFixed(1).padStart(8)).join(""));
		}
	}
	return [...lines, "", `worst p95: ${worst.toFixed(1)} ms (asked: ≤ ${askedMs})`];
}

/** Ascending. */
async function measure({ ask }: Call, store: CatalogStore, sight: () => Sight): Promise<readonly number[]> {
	const times: number[] = [];
	for (let call = 0; call < calls; call++) {
		const whose = sight();
		const started = performance.now();
		await ask(store, whose);
		times.push(performance.now() - started);
	}
	return times.sort((a, b) => a - b);
}

/** Cursors from all over the list, and some artifacts. */
async function walk(store: CatalogStore): Promise<{ readonly cursors: string[]; readonly ids: string[] }> {
	const cursors: string[] = [];
	const ids: string[] = [];
	for (let cursor: string | undefined; ; ) {
		const page = await store.artifacts({ limit: 200, ...(cursor === undefined ? {} : { cursor }) }, seesAll);
		ids.push(...page.items.map(({ id }) => id));
		if (page.next === null) return { cursors, ids };
		cursor = page.next;
		cursors.push(cursor);
	}
}

async function sizes(db: Db): Promise<string> {
	const { rows } = await sql<{ inventories: number; matches: number; whole: number }>`
		SELECT pg_total_relation_size('inventories')::float8 AS inventories,
			(pg_total_relation_size('package_versions') + pg_total_relation_size('package_matches')
				+ pg_total_relation_size('package_lookups') + pg_total_relation_size('vulnerabilities'))::float8 AS matches,
			pg_database_size(current_database())::float8 AS whole`.execute(db);
	const mb = (bytes = Number.NaN): string => `${(bytes / 1e6).toFixed(0)} MB`;
	return `inventories ${mb(rows[0]?.inventories)}, packages and matches ${mb(rows[0]?.matches)}, database ${mb(rows[0]?.whole)}`;
}

function quantile(ascending: readonly number[], share: number): number {
	return ascending[Math.min(ascending.length - 1, Math.ceil(ascending.length * share) - 1)] ?? Number.NaN;
}
