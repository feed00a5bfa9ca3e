/** KEV and EPSS change daily for most vulnerabilities and change no judgement: they are written by themselves. */
import { type Kysely, sql } from "kysely";
import type { AdvisoryStore } from "#engine";
import type { Db } from "../database.ts";
import { shareEvaluation } from "../results/evaluation-lock.ts";
import { factsOf } from "../results/match-rows.ts";
import { indexable, storableJson } from "../results/storable.ts";
import type { Database } from "../schema.ts";
import { chunks } from "./touched.ts";

const rowsAtOnce = 2_000;

interface Row {
	readonly id: number;
	readonly key: string;
	readonly aliases: readonly string[];
}

/** Of the vulnerabilities with these names; of all of them when none are given. Repeatable. */
export async function renewScores(
	connection: Db,
	names: readonly string[] | null,
	store: AdvisoryStore,
	signal: AbortSignal,
): Promise<void> {
	const ids = await idsOf(connection, names);
	for (const some of chunks(ids, rowsAtOnce)) {
		signal.throwIfAborted();
		await connection.transaction().execute(async (tx) => {
			await shareEvaluation(tx);
			await renew(tx, some, store);
		});
	}
}

async function idsOf(connection: Kysely<Database>, names: readonly string[] | null): Promise<readonly number[]> {
	if (names === null) {
		const all = await connection.selectFrom("vulnerabilities").select("id").orderBy("id").execute();
		return all.map(({ id }) => id);
	}
	const ids = new Set<number>();
	for (const some of chunks(names)) {
		const keys = some.map(indexable);
		const { rows } = await sql<{ id: number }>`
			SELECT id FROM vulnerabilities WHERE key = ANY(${keys}::text[]) OR aliases && ${keys}::text[]
		`.execute(connection);
		for (const { id } of rows) ids.add(id);
	}
	return [...ids].sort((a, b) => a - b);
}

async function renew(tx: Kysely<Database>, ids: readonly number[], store: AdvisoryStore): Promise<void> {
	const { rows } = await sql<Row>`
		SELECT id, key, aliases FROM vulnerabilities WHERE id = ANY(${ids}::int[]) ORDER BY key FOR NO KEY UPDATE
	`.execute(tx);
	const scores = rows.map(({ id, key, aliases }) => {
		const { kev, epss, epssPercentile } = factsOf(key, aliases, store);
		return { id, kev, epss, percentile: epssPercentile };
	});
	await sql`
		UPDATE vulnerabilities v SET kev = nullif(s.kev, 'null'), epss = s.epss, epss_percentile = s.percentile
		FROM jsonb_to_recordset(${storableJson(scores)}::jsonb) AS s (id int, kev jsonb, epss real, percentile real)
		WHERE v.id = s.id AND (v.kev, v.epss, v.epss_percentile) IS DISTINCT FROM (nullif(s.kev, 'null'), s.epss, s.percentile)
	`.execute(tx);
}
