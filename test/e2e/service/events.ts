/** The event stream, as a browser's EventSource reads it. */
import type { EventBody } from "#contract";
import type { ApiClient } from "../support/api-client.ts";

export interface SeenEvent {
	readonly id: string | null;
	readonly type: string;
	readonly data: Record<string, unknown>;
}

export interface EventStream {
	seen(): readonly SeenEvent[];
	close(): void;
}

/** Opens the stream and returns when the server has answered. Frames: https://html.spec.whatwg.org/#event-stream-interpretation */
export async function openEvents(api: ApiClient, query = ""): Promise<EventStream> {
	const stop = new AbortController();
	const response = await fetch(`${api.url}/api/v1/events${query}`, { headers: api.headers, signal: stop.signal });
	if (!response.ok || response.body === null) throw new Error(`the event stream answered ${response.status}`);
	const seen: SeenEvent[] = [];
	void collect(response.body, seen).catch(() => {});
	return { seen: () => seen, close: () => stop.abort() };
}

async function collect(body: ReadableStream<Uint8Array>, seen: SeenEvent[]): Promise<void> {
	let text = "";
	const decoder = new TextDecoder();
	for await (const chunk of body) {
		text += decoder.decode(chunk, { stream: true });
		const frames = text.split("\n\n");
		text = frames.pop() ?? "";
		for (const frame of frames) {
			const fields = new Map(frame.split("\n").map((line) => [line.split(":")[0], line.replace(/^[^:]*: ?/, "")]));
			const data = fields.get("data");
			if (data === undefined) continue;
			const value = JSON.parse(data) as EventBody & Record<string, unknown>;
			seen.push({ id: fields.get("id") ?? null, type: fields.get("event") ?? value.type, data: value });
		}
	}
}
