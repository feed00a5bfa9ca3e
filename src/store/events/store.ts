import { sql } from "kysely";
import type { Event, Id, PageOf } from "#contract";
import { passing } from "#contract";
import { type EventFilter, type EventPage, type EventStore, ServerError, type Sight } from "#server";
import type { OpenedDatabase } from "../database.ts";
import { eventFeed } from "./feed.ts";
import { publishIn } from "./publish.ts";
import { type EventRow, eventColumns, eventOf } from "./rows.ts";

export interface OpenEventStore extends EventStore {
	/** Ends the listening connection. */
	close(): Promise<void>;
}

export interface EventStoreOptions {
	/** Told when the listening connection broke. It mends itself. */
	readonly onCut?: (error: unknown) => void;
}

/** Rows of one DELETE: no long locks, no large transactions. */
const rowsAtOnce = 5_000;
const columns = sql.raw(eventColumns);

export function eventStore(
	database: Pick<OpenedDatabase, "db" | "pool">,
	options: EventStoreOptions = {},
): OpenEventStore {
	const { db, pool } = database;
	const feed = eventFeed({
		connectionString: pool.options.connectionString ?? "",
		onCut: options.onCut ?? (() => {}),
	});

	async function history(filter: EventFilter, page: EventPage, sight: Sight): Promise<PageOf<Event>> {
		const { limit = 50, oldestFirst = false } = page;
		const from = page.cursor === undefined ? null : idOfCursor(page.cursor);
		const where = sql`${visibleTo(sight)} AND ${matching(filter)}
			AND ${page.since === undefined ? sql`true` : sql`e.id > ${page.since}::bigint`}`;
		const beyond = from === null ? sql`true` : oldestFirst ? sql`e.id > ${from}::bigint` : sql`e.id < ${from}::bigint`;
		const { rows } = await sql<EventRow>`
			SELECT ${columns} FROM events e LEFT JOIN spaces s ON s.id = e.space_id
			WHERE ${where} AND ${beyond}
			ORDER BY e.id ${oldestFirst ? sql`ASC` : sql`DESC`} LIMIT ${limit + 1}`.execute(db);
		const items = rows.slice(0, limit).map(eventOf);
		const last = items.at(-1)?.id;
		const counted = page.total
			? await sql<{ total: string }>`
				SELECT count(*) AS total FROM events e LEFT JOIN spaces s ON s.id = e.space_id WHERE ${where}`.execute(db)
			: null;
		return {
			items,
			next: rows.length > limit && last ? Buffer.from(last).toString("base64url") : null,
			...(counted ? { total: Number(counted.rows[0]?.total) } : {}),
		};
	}

	return {
		publish: async (events) => {
			const kept = events.filter((event) => !passing.has(event.body.type)).length;
			if (kept === 0) await publishIn(db, events);
			else await db.transaction().execute((tx) => publishIn(tx, events));
		},
		subscribe: (listener) => feed.subscribe(listener),
		listening: () => feed.listening(),
		since: async (id, sight, limit) => {
			const { rows } = await sql<EventRow>`
				SELECT ${columns} FROM events e LEFT JOIN spaces s ON s.id = e.space_id
				WHERE e.id > ${id}::bigint AND ${visibleTo(sight)} ORDER BY e.id LIMIT ${limit}`.execute(db);
			return rows.map(eventOf);
		},
		newest: async () => {
			const { rows } = await sql<{ id: string }>`
				SELECT CASE WHEN is_called THEN last_value ELSE 0 END::text AS id FROM event_order`.execute(db);
			return rows[0]?.id ?? "0";
		},
		history,
		prune: async (before) => {
			let dropped = 0;
			for (;;) {
				const { rows } = await sql<{ count: string }>`WITH gone AS (
					DELETE FROM events WHERE id IN (
						SELECT id FROM events WHERE at < ${before} ORDER BY at LIMIT ${rowsAtOnce} FOR UPDATE SKIP LOCKED
					) RETURNING 1
				) SELECT count(*) FROM gone`.execute(db);
				const count = Number(rows[0]?.count);
				dropped += count;
				if (count < rowsAtOnce) return dropped;
			}
		},
		close: () => feed.close(),
	};
}

function visibleTo(sight: Sight) {
	if (sight.all) return sql<boolean>`true`;
	const spaces: readonly Id[] = [...sight.spaces.keys()];
	return sql<boolean>`(e.audience = 'everybody' OR (e.audience = 'space' AND e.space_id = ANY(${spaces}::bigint[])))`;
}

function matching({ types, artifact, registry }: EventFilter) {
	return sql<boolean>`${types ? sql`e.body->>'type' = ANY(${types}::text[])` : sql`true`}
		AND ${artifact === undefined ? sql`true` : sql`e.body ? 'artifactId' AND e.body->>'artifactId' = ${artifact}`}
		AND ${registry === undefined ? sql`true` : sql`coalesce(s.registry_id::text, e.body->>'registryId') = ${registry}`}`;
}

/** Cursors come back from outside; the range is that of bigint. */
function idOfCursor(cursor: string): Id {
	const id = Buffer.from(cursor, "base64url").toString("latin1");
	if (!/^[1-9][0-9]{0,17}$/.test(id))
		throw new ServerError("invalid_request", "The cursor is none of this list.", "Begin with the first page.");
	return id;
}
