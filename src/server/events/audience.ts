import type { Event, EventType, Id } from "#contract";
import type { EventFilter } from "../ports/events.ts";
import { type Sight, sees } from "../ports/sight.ts";

/** Whether somebody may hear an event; `since` of the store asks the same of the database. */
export function mayHear(event: Event, sight: Sight): boolean {
	if (sight.all || event.audience === "everybody") return true;
	return event.audience === "space" && event.spaceId !== null && sees(sight, event.spaceId);
}

export function matches(event: Event, { types, artifact, registry }: EventFilter): boolean {
	const { body } = event;
	if (types && !types.includes(body.type)) return false;
	if (artifact !== undefined && !("artifactId" in body && body.artifactId === artifact)) return false;
	return registry === undefined || event.registryId === registry;
}

export function filterOf(query: {
	readonly types?: readonly EventType[] | undefined;
	readonly artifact?: Id | undefined;
	readonly registry?: Id | undefined;
}): EventFilter {
	const { types, artifact, registry } = query;
	return {
		...(types ? { types } : {}),
		...(artifact === undefined ? {} : { artifact }),
		...(registry === undefined ? {} : { registry }),
	};
}
