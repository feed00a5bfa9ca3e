/** Transactions of the catalog, repeated when PostgreSQL gives one up for another's sake. */
import { sql, type Transaction } from "kysely";
import type { Db } from "../database.ts";
import type { Database } from "../schema.ts";

export type Tx = Transaction<Database>;

/** deadlock_detected, serialization_failure. */
const givenUp = new Set(["40P01", "40001"]);
/** Each takes a second to be noticed; five in a row are no accident. */
const mostTries = 5;

export async function repeating<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
	for (let tries = 1; ; tries++) {
		try {
			return await db.transaction().execute(work);
		} catch (error) {
			const code = error instanceof Error && "code" in error ? String(error.code) : "";
			if (tries === mostTries || !givenUp.has(code)) throw error;
		}
	}
}

/**
 * One writer a repository at a time, so that `top` and tags cannot be counted past each other. Takes the repository's row;
 * rows of artifacts come after it. False when the repository is gone.
 */
export async function holdRepository(tx: Tx, repositoryId: string): Promise<boolean> {
	const { rows } = await sql`SELECT 1 FROM repositories WHERE id = ${repositoryId} FOR NO KEY UPDATE`.execute(tx);
	return rows.length > 0;
}

/** An artifact is listed by itself unless it stands in an index and has no tag of its own. */
export async function refreshTop(tx: Tx, artifactIds: readonly string[]): Promise<void> {
	if (artifactIds.length === 0) return;
	await sql`
		UPDATE artifacts SET top = NOT artifacts.top
		FROM (
			SELECT id, NOT EXISTS (SELECT FROM index_edges WHERE child_id = artifacts.id)
				OR EXISTS (SELECT FROM tags WHERE artifact_id = artifacts.id) AS top
			FROM artifacts WHERE id = ANY(${artifactIds}::bigint[])
		) AS now
		WHERE artifacts.id = now.id AND artifacts.top <> now.top
	`.execute(tx);
}

/** PostgreSQL keeps no NUL and jsonb no half surrogate; hostile names have both. */
export function cleanText(text: string, most: number): string {
	return text.slice(0, most).replaceAll("\u0000", "").toWellFormed();
}
