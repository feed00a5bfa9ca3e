/**
 * The folder of an advisory database:
 *
 *     current.json                which snapshot counts, replaced by rename
 *     snapshots/<sha256>.sqlite   immutable, named by its content
 *     building-*.sqlite           an update at work, or what a killed one left
 *     downloads/                  files of an update that has not succeeded yet
 *     update.lock                 held while an update runs (lock.ts)
 *
 * At every moment `current.json` names a complete, flushed file; a reader that has it open keeps it after the swap.
 */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Digest, digestHex, isDigest } from "#model";
import { EngineError } from "../../errors.ts";

export interface Snapshot {
	/** sha256 of the file. */
	readonly digest: Digest;
	readonly path: string;
}

const currentFile = "current.json";
const snapshotsFolder = "snapshots";
const buildingPrefix = "building-";

/** A reader may meet the moment between the swap and the removal of the old file; one repetition is enough, a few are safe. */
const openAttempts = 5;

/** The current snapshot. Throws `advisories_missing` or `advisories_malformed`. */
export function currentSnapshot(dir: string): Snapshot {
	let text: string;
	try {
		text = readFileSync(join(dir, currentFile), "utf8");
	} catch (error) {
		if (isMissing(error)) throw missing(`There is no advisory database in ${dir}.`, error);
		throw unusable(dir, error);
	}
	const digest = digestIn(text);
	if (digest === null) throw unusable(dir, new Error(`${currentFile} does not name a snapshot`));
	return { digest, path: snapshotPath(dir, digest) };
}

/** Runs `use` on the current snapshot, again when an update replaced it in between and the file is gone. */
export function withCurrentSnapshot<T>(dir: string, use: (snapshot: Snapshot) => T): T {
	for (let attempt = 1; ; attempt++) {
		const snapshot = currentSnapshot(dir);
		try {
			return use(snapshot);
		} catch (error) {
			if (existsSync(snapshot.path)) throw error;
			if (attempt === openAttempts) throw missing(`The advisory database file ${snapshot.path} is gone.`, error);
		}
	}
}

/** A fresh name for a file to build in; on the same file system as the snapshots, so that a rename publishes it. */
export async function newBuildingPath(dir: string): Promise<string> {
	await mkdir(dir, { recursive: true });
	return join(dir, `${buildingPrefix}${randomUUID()}.sqlite`);
}

/** Removes what killed updates left. Only for the holder of the update lock. */
export async function removeLeftovers(dir: string): Promise<void> {
	const names = await readdir(dir);
	await Promise.all(names.filter((name) => name.startsWith(buildingPrefix)).map((name) => rm(join(dir, name))));
}

/**
 * Makes the finished file at `building` the current snapshot and removes the others. Each step is flushed to the disk
 * before the next relies on it, so a power cut leaves the old snapshot or the new one. Only for the holder of the lock.
 */
export async function publishSnapshot(dir: string, building: string): Promise<Snapshot & { readonly size: number }> {
	await flushFile(building);
	const digest = await digestOfFile(building);
	const path = snapshotPath(dir, digest);
	await mkdir(join(dir, snapshotsFolder), { recursive: true });
	await rename(building, path);
	await flushFolder(join(dir, snapshotsFolder));
	const pointer = join(dir, `${currentFile}.new`);
	await writeFile(pointer, `${JSON.stringify({ digest, file: relative(dir, path) }, null, "\t")}\n`);
	await flushFile(pointer);
	await rename(pointer, join(dir, currentFile));
	await flushFolder(dir);
	await removeOthers(dir, path);
	return { digest, path, size: (await stat(path)).size };
}

async function removeOthers(dir: string, keep: string): Promise<void> {
	const folder = join(dir, snapshotsFolder);
	const others = (await readdir(folder)).map((name) => join(folder, name)).filter((path) => path !== keep);
	// Where open files cannot be removed, they stay until the next update.
	await Promise.all(others.map((path) => rm(path, { force: true }).catch(() => undefined)));
}

/** sha256 of a file's content. */
export async function digestOfFile(path: string): Promise<Digest> {
	const hash = createHash("sha256");
	for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk as Buffer);
	return `sha256:${hash.digest("hex")}`;
}

async function flushFile(path: string): Promise<void> {
	const handle = await open(path, "r+");
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

/** Makes a rename last. Where folders cannot be flushed (Windows), the file system orders renames itself. */
async function flushFolder(path: string): Promise<void> {
	if (process.platform === "win32") return;
	const handle = await open(path, "r");
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}

function snapshotPath(dir: string, digest: Digest): string {
	return join(dir, snapshotsFolder, `${digestHex(digest)}.sqlite`);
}

function digestIn(text: string): Digest | null {
	try {
		const digest = (JSON.parse(text) as { digest?: unknown } | null)?.digest;
		return typeof digest === "string" && digest.startsWith("sha256:") && isDigest(digest) ? digest : null;
	} catch {
		return null;
	}
}

function isMissing(error: unknown): boolean {
	return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

function missing(message: string, cause: unknown): EngineError {
	return new EngineError("advisories_missing", message, "Run `plimsoll db update` to fetch it.", cause);
}

function unusable(dir: string, cause: unknown): EngineError {
	return new EngineError(
		"advisories_malformed",
		`The advisory database in ${dir} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}.`,
		"Run `plimsoll db update` to build it anew.",
		cause,
	);
}
