/** A snapshot that was made elsewhere becomes the current one here, once everything about it has been checked. */
import { createHash } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { rm } from "node:fs/promises";
import { type Descriptor, digestAlgorithm } from "#model";
import { lockForUpdate } from "../advisories/database/lock.ts";
import { inDatabase, readFeeds, readMeta } from "../advisories/database/reader.ts";
import { newBuildingPath, publishSnapshot, removeLeftovers } from "../advisories/database/snapshots.ts";
import { problemsIn } from "../advisories/database/verify.ts";
import type { DatabaseMeta } from "../advisories/database/writer.ts";
import { trivyFeed } from "../advisories/trivy-db/index.ts";
import { EngineError } from "../errors.ts";
import { chunksOf } from "../image/chunks.ts";
import { Decompressor } from "../image/decompress.ts";
import { type SnapshotFacts, unusable } from "./artifact.ts";
import { type DatabaseSource, folderOf } from "./database-sources.ts";
import { mostDatabaseBytes } from "./limits.ts";

export interface Incoming {
	/** For people. */
	readonly name: string;
	/** The folder of the advisory database. */
	readonly dir: string;
	readonly source: DatabaseSource;
	/** What it comes with; null for a bare file. */
	readonly facts: SnapshotFacts | null;
	/** The bytes as they are stored: zstd when there are facts. */
	readonly stored: Pick<Descriptor, "digest" | "size">;
	/** Hands the stored bytes over, once. */
	readonly read: (take: (body: AsyncIterable<Uint8Array>) => Promise<void>) => Promise<void>;
	readonly signal: AbortSignal;
	/** Told before the long check begins. */
	readonly onChecking: () => void;
	/** Told what it is, before it counts; what it throws ends the import. */
	readonly accept: (meta: DatabaseMeta) => void;
}

/**
 * Throws `advisories_malformed`, `digest_mismatch`, `blob_truncated`, `advisories_source_unusable`, `advisories_busy`, what
 * `read` and `accept` throw, and what the file system says. The snapshot that was there before then stays.
 */
export async function takeInSnapshot(incoming: Incoming) {
	const { source, name, signal } = incoming;
	const dir = folderOf(incoming.dir, source);
	const lock = await lockForUpdate(dir);
	try {
		await removeLeftovers(dir);
		const building = await newBuildingPath(dir);
		try {
			await incoming.read((body) => write(body, building, incoming));
			signal.throwIfAborted();
			incoming.onChecking();
			const meta = checked(building, incoming);
			incoming.accept(meta);
			return { ...(await publishSnapshot(dir, building)), ...meta };
		} catch (error) {
			throw forReader(error, building, name);
		} finally {
			await rm(building, { force: true });
		}
	} finally {
		lock.release();
	}
}

/** Which source the content of a database file is of. */
export function sourceOf(path: string): DatabaseSource {
	const feeds = inDatabase(path, readFeeds);
	return feeds.length > 0 && feeds.every(({ feed }) => feed === trivyFeed) ? "trivy-db" : "own";
}

/** Writes the snapshot to `path` while its digests are taken. */
async function write(body: AsyncIterable<Uint8Array>, path: string, incoming: Incoming): Promise<void> {
	const { facts, stored, name, signal } = incoming;
	const algorithm = digestAlgorithm(stored.digest);
	const storedHash = createHash(algorithm);
	const plainHash = createHash("sha256");
	let storedBytes = 0;
	let plainBytes = 0;
	const most = Math.min(facts?.size ?? stored.size, mostDatabaseBytes);
	const file = openSync(path, "wx");
	const onPlain = (chunk: Uint8Array): void => {
		plainBytes += chunk.length;
		if (plainBytes > most) throw unusable(name, `the snapshot in it is larger than the ${most} bytes that are allowed`);
		plainHash.update(chunk);
		for (let at = 0; at < chunk.length; ) at += writeSync(file, chunk, at);
	};
	const decompressor = facts ? new Decompressor("zstd", onPlain) : null;
	try {
		for await (const chunk of chunksOf(body, signal)) {
			storedBytes += chunk.length;
			if (storedBytes > stored.size) throw mismatch(name, "its content", stored.digest);
			storedHash.update(chunk);
			if (decompressor) await decompressor.write(chunk);
			else onPlain(chunk);
		}
		await decompressor?.end();
	} finally {
		decompressor?.close();
		closeSync(file);
	}
	if (storedBytes < stored.size) throw cutShort(name, storedBytes, stored.size);
	if (`${algorithm}:${storedHash.digest("hex")}` !== stored.digest) throw mismatch(name, "its content", stored.digest);
	if (decompressor?.failure) throw unusable(name, "its content is no sound zstd stream", decompressor.failure);
	if (facts && `sha256:${plainHash.digest("hex")}` !== facts.digest)
		throw mismatch(name, "the snapshot in it", facts.digest);
}

/** What the file says of itself, which must be what it came with. */
function checked(path: string, { facts, source, name }: Incoming): DatabaseMeta {
	const [problem] = problemsIn(path);
	if (problem !== undefined)
		throw new EngineError("advisories_malformed", problem, "Have it exported again, from a database that is sound.");
	const meta = inDatabase(path, readMeta);
	const fits = !facts || (facts.kind === meta.kind && Date.parse(facts.builtAt) === Date.parse(meta.builtAt));
	if (!fits || sourceOf(path) !== source)
		throw unusable(name, "its annotations say other things than the snapshot that it carries");
	return meta;
}

/** Says the name that people gave, not that of the file that it was unpacked to. */
function forReader(error: unknown, building: string, name: string): unknown {
	if (!(error instanceof EngineError) || error.code !== "advisories_malformed") return error;
	const message = error.message.replaceAll(building, name);
	return new EngineError(error.code, message, "Have it exported again, by the same version of Plimsoll.", error);
}

function mismatch(name: string, what: string, digest: string): EngineError {
	return new EngineError(
		"digest_mismatch",
		`${name} is damaged or was changed: ${what} is not ${digest}.`,
		"Copy it again; when it stays so, do not trust this copy.",
	);
}

function cutShort(name: string, got: number, size: number): EngineError {
	return new EngineError(
		"blob_truncated",
		`${name} is cut short: ${got} of ${size} bytes are there.`,
		"Copy it again; this copy is not whole.",
	);
}
