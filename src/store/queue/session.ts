/**
 * One connection of its own that stays: for what PostgreSQL ties to a connection, listening and session locks. It
 * connects again by itself, and whatever needs the connection is set up anew.
 */
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";

export interface SessionOptions {
	readonly connectionString: string;
	/** Shown in pg_stat_activity. */
	readonly name: string;
	readonly channels: readonly string[];
	/** Runs on each new connection, before it counts as up; one that throws is tried again. */
	readonly onConnect: (client: pg.Client) => Promise<void>;
	readonly onNotification: (channel: string, payload: string) => void;
	/** Each time that it broke. */
	readonly onCut: (error: unknown) => void;
}

export interface Session {
	/** Resolves when the first connection is set up. */
	readonly up: Promise<void>;
	close(): Promise<void>;
}

/** A connection whose other end has gone says nothing: it is asked this often. */
const askMs = 5_000;
const answerMs = 5_000;
const longestPauseMs = 2_000;

export function openSession(options: SessionOptions): Session {
	const end = new AbortController();
	const up = Promise.withResolvers<void>();
	up.promise.catch(() => {});

	/** Until the connection breaks (throws) or the session is closed (returns). */
	async function hold(): Promise<void> {
		const client = new pg.Client({
			connectionString: options.connectionString,
			application_name: options.name,
			connectionTimeoutMillis: answerMs,
			query_timeout: answerMs,
			keepAlive: true,
		});
		const broken = Promise.withResolvers<never>();
		broken.promise.catch(() => {});
		client.on("error", broken.reject);
		client.on("end", () => broken.reject(new Error("The connection ended.")));
		client.on("notification", ({ channel, payload }) => options.onNotification(channel, payload ?? ""));
		try {
			await client.connect();
			// A machine that vanished is noticed by PostgreSQL within some twelve seconds, not two hours.
			await client.query("SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3");
			for (const channel of options.channels) await client.query(`LISTEN ${channel}`);
			await options.onConnect(client);
			up.resolve();
			while (!end.signal.aborted) {
				await Promise.race([pause(askMs, undefined, { signal: end.signal }).catch(() => {}), broken.promise]);
				if (!end.signal.aborted) await Promise.race([client.query("SELECT 1"), broken.promise]);
			}
		} finally {
			client.removeAllListeners("notification");
			await Promise.race([client.end().catch(() => {}), pause(1_000, undefined, { ref: false })]);
		}
	}

	async function keep(): Promise<void> {
		let wait = 0;
		while (!end.signal.aborted) {
			const began = Date.now();
			try {
				await hold();
			} catch (error) {
				if (end.signal.aborted) return;
				options.onCut(error);
				if (Date.now() - began > longestPauseMs) wait = 0;
				await pause(wait, undefined, { signal: end.signal }).catch(() => {});
				wait = Math.min(Math.max(50, wait * 2), longestPauseMs);
			}
		}
	}

	const run = keep();
	return {
		up: up.promise,
		close: async () => {
			end.abort();
			up.reject(new Error("The session was closed."));
			await run;
		},
	};
}
