import type { Event, EventBody, EventType, Id, PageOf } from "#contract";
import type { Sight } from "./sight.ts";

export interface NewEvent {
	readonly spaceId: Id | null;
	readonly audience: Event["audience"];
	readonly body: EventBody;
}

export interface EventFilter {
	readonly types?: readonly EventType[];
	readonly artifact?: Id;
	readonly registry?: Id;
}

export interface EventPage {
	readonly limit?: number;
	readonly cursor?: string;
	/** Only what came after this id. */
	readonly since?: Id;
	readonly oldestFirst?: boolean;
	readonly total?: boolean;
}

export interface EventStore {
	/** Keeps it (unless it is of the passing kind) and tells every process. */
	publish(events: readonly NewEvent[]): Promise<void>;
	/**
	 * Every event from now on, of all processes; kept ones in the order of their ids and without a gap, also over a cut
	 * connection. Returns what ends it.
	 */
	subscribe(listener: (event: Event) => void): () => void;
	/**
	 * Resolves when events are heard, with the id up to which they were told. Whoever subscribed before misses nothing
	 * that comes after this id. Only after the first `subscribe`.
	 */
	listening(): Promise<Id>;
	/** Kept events after an id, oldest first, as far as `sight` reaches. None with a lower id is ever added later. */
	since(id: Id, sight: Sight, limit: number): Promise<readonly Event[]>;
	/** The highest id that was ever given, `"0"` before the first. */
	newest(): Promise<Id>;
	history(filter: EventFilter, page: EventPage, sight: Sight): Promise<PageOf<Event>>;
	/** Drops what is older. */
	prune(before: Date): Promise<number>;
}
