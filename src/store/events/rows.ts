/** Events as the table and notifications hold them. */
import type { Event, EventBody, Id } from "#contract";

export interface EventRow {
	readonly id: string;
	readonly at: Date;
	readonly space_id: string | null;
	readonly registry_id: string | null;
	readonly audience: Event["audience"];
	readonly body: unknown;
}

/** What `publishIn` wrote; the body was checked by the compiler there. */
export function eventOf(row: EventRow): Event {
	return {
		id: row.id,
		at: row.at.toISOString(),
		spaceId: row.space_id,
		registryId: row.registry_id,
		audience: row.audience,
		body: row.body as EventBody,
	};
}

/** Null for a notification that is not ours: anybody with the database's password can send one. */
export function passingEventOf(payload: string): Event | null {
	let read: Partial<{ at: string; spaceId: Id; registryId: Id; audience: Event["audience"]; body: EventBody }>;
	try {
		read = JSON.parse(payload) as typeof read;
	} catch {
		return null;
	}
	if (!read?.body || !read.at || !read.audience) return null;
	const { at, spaceId = null, registryId = null, audience, body } = read;
	return { id: null, at, spaceId, registryId, audience, body };
}

/** Columns of `EventRow`, from events `e` and its space `s`. */
export const eventColumns =
	"e.id, e.at, e.space_id, coalesce(s.registry_id::text, e.body->>'registryId') AS registry_id, e.audience, e.body";
