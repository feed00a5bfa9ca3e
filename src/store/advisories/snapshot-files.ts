/**
 * The files of snapshots that results are of. An update removes what was current before, so each registered one is linked
 * into a folder of its own (`kept/<sha256>.sqlite`) and stays as long as something was judged by it.
 */
import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type AdvisoryStore, currentSnapshot, EngineError, findDatabase, openSnapshot, type Snapshot } from "#engine";
import { type Digest, digestHex } from "#model";

export interface SnapshotFiles {
	/** Keeps the file of the current snapshot. @throws EngineError advisories_missing, advisories_malformed */
	keepCurrent(): Snapshot;
	/** Null when it is not there. */
	pathOf(digest: Digest): string | null;
	/** @throws EngineError advisories_missing, advisories_malformed */
	open(digest: Digest): AdvisoryStore;
	/** Removes all kept ones but these. */
	keepOnly(digests: readonly Digest[]): void;
}

/** `folder` is that of the advisory database (engine: `updateAdvisories`). */
export function snapshotFiles(folder: string): SnapshotFiles {
	const kept = join(folder, "kept");
	const keptPath = (digest: Digest): string => join(kept, `${digestHex(digest)}.sqlite`);
	const pathOf = (digest: Digest): string | null => {
		const path = keptPath(digest);
		return existsSync(path) ? path : null;
	};
	return {
		pathOf,
		keepCurrent: () => {
			for (let attempt = 1; ; attempt++) {
				const current = currentSnapshot(findDatabase(folder, "auto").folder);
				const path = keptPath(current.digest);
				try {
					if (!existsSync(path)) keep(current.path, kept, path);
					return { digest: current.digest, path };
				} catch (error) {
					// An update replaced it in between.
					if (attempt >= keepAttempts || existsSync(current.path)) throw error;
				}
			}
		},
		open: (digest) => {
			const path = pathOf(digest);
			if (path === null)
				throw new EngineError(
					"advisories_missing",
					`The advisories that results are of (${digest.slice(0, 19)}…) are not in ${folder}.`,
					"Give every process of Plimsoll the same data folder, or update the advisories.",
				);
			return openSnapshot(path, digest);
		},
		keepOnly: (digests) => {
			const wanted = new Set(digests.map((digest) => `${digestHex(digest)}.sqlite`));
			for (const name of existsSync(kept) ? readdirSync(kept) : [])
				if (!wanted.has(name)) rmSync(join(kept, name), { force: true });
		},
	};
}

const keepAttempts = 5;

/** A link costs nothing; where there are none, a copy, which is whole before it has its name. */
function keep(from: string, folder: string, to: string): void {
	mkdirSync(folder, { recursive: true });
	try {
		linkSync(from, to);
	} catch (error) {
		if (!existsSync(from) || existsSync(to)) {
			if (existsSync(to)) return;
			throw error;
		}
		const partial = `${to}.${process.pid}.partial`;
		copyFileSync(from, partial);
		renameSync(partial, to);
	}
}
