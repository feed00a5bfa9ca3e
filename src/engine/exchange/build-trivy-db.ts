/** A trivy-db file into a snapshot of ours, beside the one that our own feeds make: `<dir>/trivy-db`. */
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Digest } from "#model";
import { lockForUpdate } from "../advisories/database/lock.ts";
import { newBuildingPath, publishSnapshot, removeLeftovers } from "../advisories/database/snapshots.ts";
import { createDatabase } from "../advisories/database/writer.ts";
import { BoltError, readTrivyDb, trivyFeed } from "../advisories/trivy-db/index.ts";
import { nameKeyOf } from "../ecosystems.ts";
import { EngineError } from "../errors.ts";
import { unusable } from "./artifact.ts";
import { folderOf } from "./database-sources.ts";

export interface TrivyDbBuild {
	/** The unpacked `trivy.db`; `metadata.json` is looked for beside it. Or what unpacks both into a folder. */
	readonly file: string | ((folder: string) => Promise<string>);
	/** How people know it: a path, a reference. */
	readonly name: string;
	/** The folder of the advisory database. */
	readonly dir: string;
	readonly signal: AbortSignal;
	/** Told when it was built, before anything is made of it; what it throws ends the import. */
	readonly accept?: (builtAt: string) => void;
	/** Entries read so far. */
	readonly onRecords: (done: number) => void;
}

export interface TrivyDbBuilt {
	readonly digest: Digest;
	/** RFC 3339: when Trivy's makers built it. */
	readonly builtAt: string;
	/** Bytes. */
	readonly size: number;
	/** Advisories, one a package and vulnerability. */
	readonly records: number;
	readonly malformed: number;
	/** Buckets of the file that are not known: what they hold is missing. */
	readonly unknown: readonly string[];
}

/** In the folder of the snapshots; only for the holder of the lock, as `building-*` is. */
const unpackedFolder = "unpacked";

/**
 * Builds it and makes it the current snapshot of its source. Throws `advisories_source_unusable`, `advisories_busy`, and
 * what the file system says.
 */
export async function buildTrivyDb(options: TrivyDbBuild): Promise<TrivyDbBuilt> {
	const dir = folderOf(options.dir, "trivy-db");
	const unpacked = join(dir, unpackedFolder);
	const lock = await lockForUpdate(dir);
	try {
		await removeLeftovers(dir);
		await rm(unpacked, { recursive: true, force: true });
		return await build(await fileOf(options, unpacked), dir, options);
	} catch (error) {
		if (options.signal.aborted)
			throw new EngineError("aborted", "The import was stopped.", "The database is as it was before.", error);
		throw error instanceof BoltError ? unusable(options.name, error.message, error) : error;
	} finally {
		await rm(unpacked, { recursive: true, force: true });
		lock.release();
	}
}

async function fileOf({ file }: TrivyDbBuild, unpacked: string): Promise<string> {
	if (typeof file === "string") return file;
	await mkdir(unpacked);
	return file(unpacked);
}

async function build(file: string, dir: string, options: TrivyDbBuild): Promise<TrivyDbBuilt> {
	const { name, signal, onRecords } = options;
	const builtAt = await updatedAt(file, name);
	options.accept?.(builtAt);
	const writer = createDatabase(await newBuildingPath(dir), nameKeyOf);
	try {
		const content = await readTrivyDb(file, writer, { builtAt, signal, onRecords, onMalformed: () => undefined });
		const { buckets } = content;
		for (const { name: part, records, malformed } of buckets) {
			const empty = { withdrawn: 0, newest: builtAt };
			writer.addFeed({ feed: trivyFeed, part, url: name, fetchedAt: builtAt, records, malformed, ...empty });
		}
		const advisories = buckets.filter((bucket) => bucket.name !== "vulnerability");
		const records = advisories.reduce((sum, bucket) => sum + bucket.records, 0);
		if (records === 0) throw unusable(name, "it holds no advisory");
		const finished = await newBuildingPath(dir);
		writer.finish(finished, { builtAt, kind: "full", source: name });
		const { digest, size } = await publishSnapshot(dir, finished);
		const malformed = buckets.reduce((sum, bucket) => sum + bucket.malformed, 0);
		return { digest, builtAt, size, records, malformed, unknown: content.unknown };
	} finally {
		writer.discard();
	}
}

/** `metadata.json` says what the file is and how old (trivy.md §2.1). */
async function updatedAt(file: string, name: string): Promise<string> {
	let metadata: { readonly Version?: unknown; readonly UpdatedAt?: unknown };
	try {
		const json: unknown = JSON.parse(await readFile(join(dirname(file), "metadata.json"), "utf8"));
		metadata = typeof json === "object" && json !== null ? json : {};
	} catch (cause) {
		throw unusable(name, "its metadata.json is missing or no JSON, so its age cannot be told", cause);
	}
	const { Version: version, UpdatedAt: updated } = metadata;
	if (version !== 2) throw unusable(name, `its schema is version ${String(version)}, and Plimsoll reads version 2`);
	if (typeof updated !== "string" || Number.isNaN(Date.parse(updated)))
		throw unusable(name, "its metadata.json does not say when it was updated");
	return new Date(updated).toISOString();
}
