import { sql, type Transaction } from "kysely";
import { passing } from "#contract";
import type { NewEvent } from "#server";
import type { Db } from "../database.ts";
import type { Database } from "../schema.ts";

/** Kept events wake every process; the events themselves are read from the table. */
export const keptChannel = "plimsoll_events";
/** Passing events travel in the notification alone. */
export const passingChannel = "plimsoll_passing";

/** A notification carries less than 8,000 bytes; a passing event that is larger is not worth more. */
const mostPassing = 7_000;
/** Rows of one INSERT; PostgreSQL takes 65,535 parameters. */
const rowsAtOnce = 1_000;

/**
 * Publishes inside the caller's transaction: they are told if it commits, and not otherwise. Call it anywhere in the
 * transaction; ids are given at its end.
 */
export async function publishIn(tx: Db | Transaction<Database>, events: readonly NewEvent[]): Promise<void> {
	const kept = events.filter((event) => !passing.has(event.body.type));
	for (let from = 0; from < kept.length; from += rowsAtOnce) {
		const rows = kept.slice(from, from + rowsAtOnce).map((event) => ({
			space_id: event.spaceId,
			audience: event.audience,
			body: JSON.stringify(event.body),
		}));
		await tx.insertInto("events").values(rows).execute();
	}
	for (const event of events) {
		if (!passing.has(event.body.type)) continue;
		const { spaceId, audience, body } = event;
		const text = JSON.stringify({ spaceId, audience, body });
		if (Buffer.byteLength(text) > mostPassing) continue;
		await sql`SELECT pg_notify(${passingChannel}, (${text}::jsonb || jsonb_build_object(
			'at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
			'registryId', (SELECT registry_id::text FROM spaces WHERE id = ${spaceId}::bigint)
		))::text)`.execute(tx);
	}
}
