/** One scheduler leads: it holds a lock that ends with its connection, so that another takes over when it dies. */
import type pg from "pg";
import type { LeaderLock } from "#server";
import { openSession } from "../queue/session.ts";

export const wakeChannel = "plimsoll_schedules";
/** Any two numbers that nobody else uses. */
const lock = [1_349_282_157, 2] as const;

export interface LeaderOptions {
	readonly connectionString: string;
	/** Told when the connection broke. It mends itself. */
	readonly onCut?: (error: unknown) => void;
}

export function leaderLock({ connectionString, onCut = () => {} }: LeaderOptions): LeaderLock {
	let client: pg.Client | null = null;
	let leads = false;
	let wake = (): void => {};
	const session = openSession({
		connectionString,
		name: "plimsoll scheduler",
		channels: [wakeChannel],
		onConnect: async (connected) => {
			client = connected;
			leads = false;
			wake();
		},
		onNotification: () => wake(),
		onCut: (error) => {
			client = null;
			leads = false;
			onCut(error);
		},
	});

	return {
		held: async () => {
			const asked = client;
			if (!asked) return false;
			try {
				// A lock is taken once; asking again tells whether the connection still holds it.
				const text = leads ? "SELECT true AS held" : "SELECT pg_try_advisory_lock($1, $2) AS held";
				const { rows } = await asked.query<{ held: boolean }>(text, leads ? [] : [...lock]);
				if (client !== asked) return false;
				leads = rows[0]?.held === true;
			} catch {
				// The session notices, too, and connects again.
				leads = false;
				if (client === asked) client = null;
			}
			return leads;
		},
		onWake: (listener) => {
			wake = listener;
		},
		close: () => session.close(),
	};
}
