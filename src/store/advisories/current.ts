/** The opened snapshots of a process: the one that results are of and, while it is needed, the one before or after it. */
import type { Id } from "#contract";
import { type AdvisoryStore, type Judgement, judging, type MatchSubject } from "#engine";
import type { SnapshotFiles } from "./snapshot-files.ts";
import type { SnapshotRow } from "./snapshot-rows.ts";

export interface OpenedAdvisories {
	/** Of its row. */
	readonly id: Id;
	readonly store: AdvisoryStore;
	/** Remembers what it was asked: cheap to ask for many package versions. */
	judge(subject: MatchSubject): Judgement;
}

export interface CurrentAdvisories {
	/** Runs `act` with this snapshot, opened; it stays open while anybody uses it. @throws EngineError advisories_missing */
	with<T>(snapshot: SnapshotRow, act: (advisories: OpenedAdvisories) => Promise<T>): Promise<T>;
	close(): void;
}

interface Entry {
	readonly opened: OpenedAdvisories;
	users: number;
}

/** Opened ones that nobody uses: the last one asked for stays open, since the next scan wants it. */
export function currentAdvisories(files: Pick<SnapshotFiles, "open">): CurrentAdvisories {
	const entries = new Map<string, Entry>();
	let newest = "";
	const tidy = (): void => {
		for (const [digest, { opened, users }] of entries) {
			if (users > 0 || digest === newest) continue;
			opened.store.close();
			entries.delete(digest);
		}
	};
	return {
		with: async (snapshot, act) => {
			let entry = entries.get(snapshot.digest);
			if (!entry) {
				const store = files.open(snapshot.digest);
				entry = { opened: { id: snapshot.id, store, judge: judging(store) }, users: 0 };
				entries.set(snapshot.digest, entry);
			}
			newest = snapshot.digest;
			entry.users += 1;
			try {
				return await act(entry.opened);
			} finally {
				entry.users -= 1;
				tidy();
			}
		},
		close: () => {
			for (const { opened } of entries.values()) opened.store.close();
			entries.clear();
		},
	};
}
