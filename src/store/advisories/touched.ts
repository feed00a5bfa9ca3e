/** Which package versions a new snapshot may judge otherwise. The list stands in a temporary table of the connection. */
import { type Kysely, sql } from "kysely";
import type { AdvisoryChanges } from "#engine";
import { indexable } from "../results/storable.ts";
import type { Database } from "../schema.ts";

/**
 * - touched: package versions to judge; `judged` when that is done.
 * - judged_packages: those of which something differs; `counts` when it changes an image's numbers.
 * - judged_matches: all matches of those.
 */
export async function makeTables(connection: Kysely<Database>): Promise<void> {
	await dropTables(connection);
	await sql`CREATE TEMP TABLE touched (package_id int PRIMARY KEY, judged boolean NOT NULL DEFAULT false)`.execute(
		connection,
	);
	await sql`
		CREATE TEMP TABLE judged_packages (package_id int PRIMARY KEY, counts boolean NOT NULL, critical int NOT NULL,
			high int NOT NULL, medium int NOT NULL, low int NOT NULL, negligible int NOT NULL, unknown int NOT NULL,
			fixable int NOT NULL, leftover text, gap boolean NOT NULL)
	`.execute(connection);
	await sql`
		CREATE TEMP TABLE judged_matches (package_id int NOT NULL, key text NOT NULL, severity smallint NOT NULL,
			fixed_version text, state text NOT NULL, severity_source text, body jsonb NOT NULL, PRIMARY KEY (package_id, key))
	`.execute(connection);
}

export async function dropTables(connection: Kysely<Database>): Promise<void> {
	await sql`DROP TABLE IF EXISTS pg_temp.touched, pg_temp.judged_packages, pg_temp.judged_matches`.execute(connection);
}

/** Adds what is not listed yet; may be asked again for what was kept in between. */
export async function listTouched(connection: Kysely<Database>, changes: AdvisoryChanges): Promise<void> {
	if (changes.everything) {
		await sql`INSERT INTO touched SELECT id FROM package_versions ON CONFLICT DO NOTHING`.execute(connection);
		return;
	}
	const { packages, vulnerabilities, ecosystems, products } = changes;
	for (const names of chunks(packages)) {
		const [by, called] = [names.map((one) => one.ecosystem), names.map((one) => indexable(one.name))];
		await sql`
			INSERT INTO touched SELECT DISTINCT package_id
			FROM unnest(${by}::text[], ${called}::text[]) AS changed (ecosystem, name)
			JOIN package_lookups USING (ecosystem, name) ON CONFLICT DO NOTHING
		`.execute(connection);
	}
	for (const ids of chunks(vulnerabilities)) {
		const keys = ids.map(indexable);
		await sql`
			INSERT INTO touched SELECT DISTINCT package_id FROM package_matches WHERE vulnerability_id IN (
				SELECT id FROM vulnerabilities WHERE key = ANY(${keys}::text[]) OR aliases && ${keys}::text[])
			ON CONFLICT DO NOTHING
		`.execute(connection);
	}
	await sql`
		INSERT INTO touched SELECT DISTINCT package_id FROM package_lookups WHERE ecosystem = ANY(${ecosystems}::text[])
		ON CONFLICT DO NOTHING
	`.execute(connection);
	if (products)
		await sql`
			INSERT INTO touched SELECT id FROM package_versions WHERE subject ? 'contentSets' ON CONFLICT DO NOTHING
		`.execute(connection);
}

const namesAtOnce = 10_000;

export function* chunks<T>(all: readonly T[], size = namesAtOnce): Iterable<readonly T[]> {
	for (let from = 0; from < all.length; from += size) yield all.slice(from, from + size);
}
