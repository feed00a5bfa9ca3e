/**
 * What a process hears of events: one connection of its own that listens. A notification of a kept event only wakes it:
 * events are read from the table behind the last one told, so a lost notification or connection loses no event.
 */
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { Event, Id } from "#contract";
import { keptChannel, passingChannel } from "./publish.ts";
import { type EventRow, eventColumns, eventOf, passingEventOf } from "./rows.ts";

/** Events read at once: some 200 KB. */
const rowsAtOnce = 500;
/** A connection whose other end has gone says nothing: it is asked this often. */
const askMs = 10_000;
const answerMs = 10_000;
const shortestPauseMs = 50;
const longestPauseMs = 5_000;

export interface FeedOptions {
	readonly connectionString: string;
	/** Told of every connection that broke; the feed mends itself. */
	readonly onCut: (error: unknown) => void;
}

export interface EventFeed {
	subscribe(listener: (event: Event) => void): () => void;
	listening(): Promise<Id>;
	close(): Promise<void>;
}

export function eventFeed(options: FeedOptions): EventFeed {
	const listeners = new Set<(event: Event) => void>();
	/** The last kept event that was told; null until the first connection. */
	let told: Id | null = null;
	const started = Promise.withResolvers<void>();
	started.promise.catch(() => {});
	const end = new AbortController();
	let run: Promise<void> | null = null;

	function tell(event: Event): void {
		for (const listener of listeners) {
			try {
				listener(event);
			} catch {
				// One that fails must not keep the others from hearing it.
			}
		}
	}

	/** Until the connection breaks (throws) or `signal` aborts (returns). */
	async function listen(signal: AbortSignal): Promise<void> {
		const client = new pg.Client({
			connectionString: options.connectionString,
			application_name: "plimsoll events",
			connectionTimeoutMillis: answerMs,
			query_timeout: answerMs,
			keepAlive: true,
		});
		let bell = Promise.withResolvers<void>();
		let broken: Error | null = null;
		const cut = (error: Error): void => {
			broken ??= error;
			bell.resolve();
		};
		const leave = (): void => bell.resolve();
		client.on("error", cut);
		client.on("end", () => cut(new Error("The connection ended.")));
		client.on("notification", ({ channel, payload }) => {
			if (channel === keptChannel) bell.resolve();
			else if (channel === passingChannel) {
				const event = passingEventOf(payload ?? "");
				if (event) tell(event);
			}
		});
		signal.addEventListener("abort", leave);
		try {
			await client.connect();
			// Before the first read, so that whatever it does not see rings the bell.
			await client.query(`LISTEN ${keptChannel}; LISTEN ${passingChannel}`);
			while (!signal.aborted) {
				bell = Promise.withResolvers<void>();
				await readOn(client, signal);
				if (broken !== null) throw broken as Error;
				if (signal.aborted) break;
				const ask = setTimeout(bell.resolve, askMs);
				await bell.promise;
				clearTimeout(ask);
				if (broken !== null) throw broken as Error;
			}
		} finally {
			signal.removeEventListener("abort", leave);
			client.removeAllListeners("notification");
			await Promise.race([client.end().catch(() => {}), pause(1_000, undefined, { ref: false })]);
		}
	}

	async function readOn(client: pg.Client, signal: AbortSignal): Promise<void> {
		if (told === null) {
			const { rows } = await client.query<{ id: string }>("SELECT coalesce(max(id), 0)::text AS id FROM events");
			told = rows[0]?.id ?? "0";
			started.resolve();
			return;
		}
		for (let full = true; full && !signal.aborted; ) {
			const { rows }: pg.QueryResult<EventRow> = await client.query<EventRow>(
				`SELECT ${eventColumns} FROM events e LEFT JOIN spaces s ON s.id = e.space_id WHERE e.id > $1 ORDER BY e.id LIMIT $2`,
				[told, rowsAtOnce],
			);
			for (const row of rows) {
				told = row.id;
				tell(eventOf(row));
			}
			full = rows.length === rowsAtOnce;
		}
	}

	async function keepListening(signal: AbortSignal): Promise<void> {
		let wait = shortestPauseMs;
		while (!signal.aborted) {
			const began = Date.now();
			try {
				await listen(signal);
			} catch (error) {
				options.onCut(error);
				if (Date.now() - began > longestPauseMs) wait = shortestPauseMs;
				await pause(wait, undefined, { signal }).catch(() => {});
				wait = Math.min(wait * 2, longestPauseMs);
			}
		}
	}

	return {
		subscribe: (listener) => {
			// Of its own, so that one listener may subscribe twice.
			const own = (event: Event): void => listener(event);
			listeners.add(own);
			run ??= keepListening(end.signal);
			return () => {
				listeners.delete(own);
			};
		},
		listening: async () => {
			await started.promise;
			return told ?? "0";
		},
		close: async () => {
			listeners.clear();
			end.abort();
			if (told === null) started.reject(new Error("The event feed was closed."));
			await run;
		},
	};
}
