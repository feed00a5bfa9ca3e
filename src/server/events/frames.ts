/** Server-sent events as text: https://html.spec.whatwg.org/multipage/server-sent-events.html */
import type { Event, Id, ToldEvent } from "#contract";

export function toldEvent({ id, at, spaceId, registryId, body }: Event): ToldEvent {
	return { id, at, spaceId, registryId, ...body };
}

/** JSON has no line breaks, so that data is one line. */
export function eventFrame(event: Event): string {
	const id = event.id === null ? "" : `id: ${event.id}\n`;
	return `${id}event: ${event.body.type}\ndata: ${JSON.stringify(toldEvent(event))}\n\n`;
}

/** No event: it tells the client where to take up again, and keeps what lies between from ending a silent connection. */
export function aliveFrame(at: Id): string {
	return `: alive\nid: ${at}\n\n`;
}

export function retryFrame(milliseconds: number): string {
	return `retry: ${milliseconds}\n`;
}
