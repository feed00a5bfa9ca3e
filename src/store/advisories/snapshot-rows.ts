/** Which snapshots there are, and which one results are of. */
import { type Kysely, sql } from "kysely";
import type { Id } from "#contract";
import type { AdvisoryStore } from "#engine";
import type { Digest } from "#model";
import type { Database } from "../schema.ts";

export interface SnapshotRow {
	readonly id: Id;
	readonly digest: Digest;
}

/** The one that all results are of; null before the first. */
export async function evaluatedSnapshot(db: Kysely<Database>): Promise<SnapshotRow | null> {
	const { rows } = await sql<SnapshotRow>`
		SELECT id, digest FROM advisory_snapshots WHERE evaluated_at IS NOT NULL ORDER BY evaluated_at DESC, id DESC LIMIT 1
	`.execute(db);
	return rows[0] ?? null;
}

export async function addSnapshot(db: Kysely<Database>, { snapshot, kind }: AdvisoryStore): Promise<SnapshotRow> {
	const { digest, builtAt, sources } = snapshot;
	const records = sources.reduce((sum, source) => sum + source.records, 0);
	const { rows } = await sql<SnapshotRow>`
		INSERT INTO advisory_snapshots (digest, built_at, kind, records, sources)
		VALUES (${digest}, ${builtAt}, ${kind}, ${records}, ${JSON.stringify(sources)}::jsonb)
		ON CONFLICT (digest) DO UPDATE SET digest = excluded.digest RETURNING id, digest
	`.execute(db);
	const [row] = rows;
	if (!row) throw new Error("A snapshot's row was not written.");
	return row;
}
