import { sql, type Transaction } from "kysely";
import type { Database } from "../schema.ts";

/** Any number: the lock that says by which snapshot of advisories results are judged. */
const lock = 0x45_56_41_4c;

/**
 * Until the transaction ends, the snapshot that results are of stays what it is, and no package version, inventory or
 * vulnerability is removed. Whoever keeps a result holds it.
 */
export async function shareEvaluation(tx: Transaction<Database>): Promise<void> {
	await sql`SELECT pg_advisory_xact_lock_shared(${lock})`.execute(tx);
}

/** Whoever judges all results by another snapshot, or removes what no result needs any more, does it alone. */
export async function lockEvaluation(tx: Transaction<Database>): Promise<void> {
	await sql`SELECT pg_advisory_xact_lock(${lock})`.execute(tx);
}
