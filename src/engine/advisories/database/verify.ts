import type { Digest } from "#model";
import { openFile } from "./reader.ts";
import { currentSnapshot, digestOfFile } from "./snapshots.ts";

export interface SnapshotVerdict {
	/** What the snapshot is named by. */
	readonly digest: Digest;
	/** What its content hashes to. */
	readonly actual: Digest;
	/** What is wrong, for people; empty when the snapshot is sound. */
	readonly problems: readonly string[];
}

/**
 * Reads the whole current snapshot: its digest, and SQLite's own check of its pages. Takes about a second per 300 MB.
 * Throws `advisories_missing` or `advisories_malformed` when it cannot be opened at all.
 */
export async function verifySnapshot(dir: string): Promise<SnapshotVerdict> {
	const { digest, path } = currentSnapshot(dir);
	const actual = await digestOfFile(path);
	const problems = actual === digest ? [] : [`The content of ${path} is ${actual}, not ${digest}.`];
	const database = openFile(path);
	try {
		const rows = database.prepare("PRAGMA quick_check(5)").all();
		const lines = rows.map((row) => String(row["quick_check"])).filter((line) => line !== "ok");
		return { digest, actual, problems: [...problems, ...lines.map((line) => `SQLite finds ${path} damaged: ${line}`)] };
	} catch (error) {
		return { digest, actual, problems: [...problems, `SQLite cannot read ${path}: ${String(error)}`] };
	} finally {
		database.close();
	}
}
