/** What processes tell each other about scans: that one is to stop, that a log has grown. A lost one is made up by asking. */
import type { Id } from "#contract";
import { openSession } from "../queue/session.ts";
import { logsChannel } from "./log.ts";

export const stopsChannel = "plimsoll_scan_stops";

type Kind = "stop" | "log";

export interface ScanSignals {
	/** Returns what ends it. */
	on(kind: Kind, groupId: Id, listener: () => void): () => void;
	close(): Promise<void>;
}

/** Connects by itself, now and after every cut. */
export function openScanSignals(connectionString: string, onCut: (error: unknown) => void = () => {}): ScanSignals {
	const listeners = new Map<string, Set<() => void>>();
	const tell = (key: string): void => {
		for (const listener of listeners.get(key) ?? []) listener();
	};
	const session = openSession({
		connectionString,
		name: "plimsoll scans",
		channels: [logsChannel, stopsChannel],
		// What was missed while the connection was away: whoever listens looks.
		onConnect: async () => {
			for (const key of listeners.keys()) if (key.startsWith("log ")) tell(key);
		},
		onNotification: (channel, groupId) => tell(`${channel === stopsChannel ? "stop" : "log"} ${groupId}`),
		onCut,
	});
	session.up.catch(() => {});
	return {
		on: (kind, groupId, listener) => {
			const key = `${kind} ${groupId}`;
			const own = (): void => listener();
			const some = listeners.get(key) ?? new Set();
			some.add(own);
			listeners.set(key, some);
			return () => {
				some.delete(own);
				if (some.size === 0) listeners.delete(key);
			};
		},
		close: () => session.close(),
	};
}
