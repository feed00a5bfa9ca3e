/** A client of server-sent events for tests: parses frames, and comes back with `Last-Event-ID` as browsers do. */
import { setTimeout as pause } from "node:timers/promises";

export interface SseFrame {
	readonly id: string;
	readonly event: string;
	readonly data: string;
}

export interface SseClient {
	/** All frames with data so far, of every connection. */
	readonly frames: readonly SseFrame[];
	/** Comments so far. */
	readonly comments: readonly string[];
	/** Status of every answer so far. */
	readonly statuses: readonly number[];
	readonly lastEventId: string;
	/** The first frame, of those so far or later, that `wanted` takes. */
	next(wanted?: (frame: SseFrame) => boolean, patienceMs?: number): Promise<SseFrame>;
	/** Cuts the connection; it comes back if it may. */
	cut(): void;
	/** Resolves when the connection has ended for good. */
	readonly ended: Promise<void>;
	close(): Promise<void>;
}

export interface SseOptions {
	readonly headers?: Readonly<Record<string, string>>;
	/** Comes back when a connection ends; not after an answer other than 200. */
	readonly reconnect?: boolean;
	readonly lastEventId?: string;
}

export function sseClient(url: string, options: SseOptions = {}): SseClient {
	const frames: SseFrame[] = [];
	const comments: string[] = [];
	const statuses: number[] = [];
	const waiting = new Set<() => void>();
	const closed = new AbortController();
	let connection = new AbortController();
	let lastEventId = options.lastEventId ?? "";
	let retryMs = 100;
	let over = false;

	function take(block: SseBlock): void {
		comments.push(...block.comments);
		if (block.retry !== null) retryMs = Math.min(block.retry, 100);
		if (block.id !== null) lastEventId = block.id;
		if (block.data !== null) frames.push({ id: lastEventId, event: block.event, data: block.data });
		for (const look of waiting) look();
	}

	async function connect(): Promise<boolean> {
		connection = new AbortController();
		const response = await fetch(url, {
			headers: {
				accept: "text/event-stream",
				...options.headers,
				...(lastEventId === "" ? {} : { "last-event-id": lastEventId }),
			},
			signal: AbortSignal.any([closed.signal, connection.signal]),
		});
		statuses.push(response.status);
		for (const look of waiting) look();
		if (response.status !== 200 || !response.body) {
			await response.body?.cancel();
			return false;
		}
		const parse = sseParser(take);
		const decoder = new TextDecoder();
		for await (const bytes of response.body) parse(decoder.decode(bytes, { stream: true }));
		return true;
	}

	async function run(): Promise<void> {
		for (let again = true; again && !closed.signal.aborted; ) {
			const well = await connect().catch(() => true);
			again = well && options.reconnect === true;
			if (again) await pause(retryMs, undefined, { signal: closed.signal }).catch(() => {});
		}
		over = true;
		for (const look of waiting) look();
	}

	const ended = run();
	return {
		frames,
		comments,
		statuses,
		get lastEventId() {
			return lastEventId;
		},
		next: (wanted = () => true, patienceMs = 10_000) =>
			new Promise((resolve, reject) => {
				const late = setTimeout(() => settle(() => reject(new Error("No such event came in time."))), patienceMs);
				const settle = (how: () => void): void => {
					clearTimeout(late);
					waiting.delete(look);
					how();
				};
				const look = (): void => {
					const found = frames.find(wanted);
					if (found) settle(() => resolve(found));
					else if (over)
						settle(() => reject(new Error(`The stream ended before such an event; answers: ${statuses.join(", ")}.`)));
				};
				waiting.add(look);
				look();
			}),
		cut: () => connection.abort(),
		ended,
		close: async () => {
			closed.abort();
			await ended;
		},
	};
}

interface SseBlock {
	readonly id: string | null;
	readonly event: string;
	readonly data: string | null;
	readonly retry: number | null;
	readonly comments: readonly string[];
}

/** Takes text as it comes, however it is cut; a block that is not finished is never told. */
export function sseParser(tell: (block: SseBlock) => void): (text: string) => void {
	let rest = "";
	return (text) => {
		// A line break at the end may be half of one.
		const whole = (rest + text).replace(/\r\n/g, "\n").replace(/\r(?!$)/g, "\n");
		const blocks = whole.split("\n\n");
		rest = blocks.pop() ?? "";
		for (const block of blocks) tell(blockOf(block.split("\n")));
	};
}

function blockOf(lines: readonly string[]): SseBlock {
	let id: string | null = null;
	let event = "message";
	let retry: number | null = null;
	const data: string[] = [];
	const comments: string[] = [];
	for (const line of lines) {
		const colon = line.indexOf(":");
		const field = colon < 0 ? line : line.slice(0, colon);
		const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
		if (colon === 0) comments.push(value);
		else if (field === "id") id = value;
		else if (field === "event") event = value;
		else if (field === "data") data.push(value);
		else if (field === "retry" && /^\d+$/.test(value)) retry = Number(value);
	}
	return { id, event, data: data.length > 0 ? data.join("\n") : null, retry, comments };
}
