import type { Event, EventBody, Id } from "#contract";
import type { Sight } from "./sight.ts";

export interface NewEvent {
	readonly spaceId: Id | null;
	readonly audience: Event["audience"];
	readonly body: EventBody;
}

export interface EventStore {
	/** Keeps it (unless it is of the passing kind) and tells every process. */
	publish(events: readonly NewEvent[]): Promise<void>;
	/** Every event from now on, of all processes. Returns what ends it. */
	subscribe(listener: (event: Event) => void): () => void;
	/** Kept events after an id, oldest first, as far as `sight` reaches. */
	since(id: Id, sight: Sight, limit: number): Promise<readonly Event[]>;
	/** Drops what is older. */
	prune(before: Date): Promise<number>;
}
