/**
 * Builds a new snapshot from a bucket of OSV records and makes it the current one. All or nothing: until the last
 * step the old snapshot counts, and one feed that fails, fails the update.
 */
import { join } from "node:path";
import type { AffectedRange } from "#model";
import { EngineError } from "../errors.ts";
import type { Fetch } from "../ports.ts";
import { lockForUpdate } from "./database/lock.ts";
import { newBuildingPath, publishSnapshot, removeLeftovers } from "./database/snapshots.ts";
import { createDatabase, type DatabaseWriter } from "./database/writer.ts";
import { readFeed } from "./feed.ts";
import { type Bucket, type BucketZip, chooseEcosystems, folderBucket, httpBucket, nothingWanted } from "./osv/index.ts";
import type { MalformedRecord, UpdatedFeed, UpdateProgress, UpdateResult } from "./types.ts";

export interface UpdateOptions {
	/** A folder, or an http(s) URL, with the layout of the OSV bucket. */
	readonly source: string;
	/** The folder of the database; made when it is missing. */
	readonly dir: string;
	/** The ecosystems that the scanner knows, without releases: `Debian`, `npm`. */
	readonly ecosystems: readonly string[];
	readonly kind: "full" | "starter";
	readonly fetch: Fetch;
	readonly clock: () => Date;
	readonly signal?: AbortSignal;
	readonly onProgress?: (event: UpdateProgress) => void;
	/** Whether the ranges already say that a version is affected; such a version of a list is then not stored. */
	readonly covers?: (ecosystem: string, ranges: readonly AffectedRange[], version: string) => boolean;
	/** First pause before a failed request is repeated; 1000 ms when not given. */
	readonly retryDelayMs?: number;
}

/** Malformed records that are named; all are counted. */
const namedMalformed = 20;
/** Zips fetched at a time: one connection seldom fills the line, more only annoy the server. */
const downloadsAtOnce = 3;

/**
 * Runs one update. Throws `advisories_source_unusable`, `advisories_download_failed`, `advisories_busy`,
 * `advisories_unwritable` or `aborted`; the database that was there before then stays as it is, and what was fetched is
 * kept for the next try.
 */
export async function updateAdvisories(options: UpdateOptions): Promise<UpdateResult> {
	const started = options.clock();
	const stop = new AbortController();
	const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
	try {
		const lock = await lockForUpdate(options.dir);
		try {
			await removeLeftovers(options.dir);
			const bucket = openBucket(options, signal);
			const zips = await fetchZips(bucket, options, signal, stop);
			const built = await buildSnapshot(bucket, zips, options, signal);
			await bucket.release();
			return { ...built, durationMs: options.clock().getTime() - started.getTime() };
		} finally {
			lock.release();
		}
	} catch (error) {
		throw forPeople(error, options);
	}
}

/** What the file system or SQLite refuses is told as what it means here; a mistake of ours stays what it is. */
function forPeople(error: unknown, { dir, signal }: UpdateOptions): unknown {
	if (signal?.aborted)
		return new EngineError("aborted", "The update was stopped.", "The database is as it was before.", error);
	if (error instanceof EngineError || !(error instanceof Error) || !comesFromDisk(error)) return error;
	return new EngineError(
		"advisories_unwritable",
		`The advisory database in ${dir} cannot be written: ${error.message}.`,
		"Check that the folder is yours to write to and that the disk has room, or choose another one with --db.",
		error,
	);
}

/** System calls that failed carry `syscall`, SQLite's errors this code; what reads the source tells its own errors. */
function comesFromDisk(error: Error): boolean {
	return "syscall" in error || ("code" in error && error.code === "ERR_SQLITE_ERROR");
}

function openBucket(options: UpdateOptions, signal: AbortSignal): Bucket {
	const { source, clock, fetch, dir, retryDelayMs = 1000 } = options;
	if (!/^https?:\/\//i.test(source)) return folderBucket(source, clock);
	const progress = (event: UpdateProgress) => options.onProgress?.(event);
	return httpBucket(source, {
		fetch,
		clock,
		signal,
		downloads: join(dir, "downloads"),
		retryDelayMs,
		onBytes: (ecosystem, done, total) => progress({ type: "download", ecosystem, done, total }),
		onDownloaded: (ecosystem, bytes, kept) => progress({ type: "downloaded", ecosystem, bytes, kept }),
		onRetry: (ecosystem, reason, delayMs) => progress({ type: "retry", ecosystem, reason, delayMs }),
	});
}

type FetchedZip = BucketZip & { readonly ecosystem: string };

/** All zips, in order of name. A listed zip that is not there fails the update; of a bucket without a list, any may be. */
async function fetchZips(
	bucket: Bucket,
	{ ecosystems, onProgress }: UpdateOptions,
	signal: AbortSignal,
	stop: AbortController,
): Promise<readonly FetchedZip[]> {
	const listed = await bucket.list();
	const chosen = chooseEcosystems(listed ?? ecosystems, ecosystems);
	if (chosen.length === 0) throw nothingWanted(bucket.location, ecosystems);
	onProgress?.({ type: "started", ecosystems: chosen });
	const zips: (FetchedZip | undefined)[] = chosen.map(() => undefined);
	const queue = chosen.entries();
	const work = async (): Promise<void> => {
		for (const [index, ecosystem] of queue) {
			signal.throwIfAborted();
			const zip = await bucket.fetchZip(ecosystem);
			if (zip) zips[index] = { ...zip, ecosystem };
			else if (listed) throw zipMissing(bucket, ecosystem);
		}
	};
	// The first failure stops the others, and is the one that is told.
	let first: Error | undefined;
	const worker = () =>
		work().catch((error: unknown) => {
			first ??= error instanceof Error ? error : new Error(String(error));
			stop.abort(error);
		});
	await Promise.all(Array.from({ length: downloadsAtOnce }, worker));
	if (first !== undefined) throw first;
	const found = zips.filter((zip) => zip !== undefined);
	if (found.length === 0) throw nothingWanted(bucket.location, ecosystems);
	return found;
}

function zipMissing(bucket: Bucket, ecosystem: string): EngineError {
	return new EngineError(
		"advisories_source_unusable",
		`${bucket.location} lists ${ecosystem} but has no ${ecosystem}/all.zip.`,
		"Complete the source, or take the name out of its ecosystems.txt.",
	);
}

async function buildSnapshot(
	bucket: Bucket,
	zips: readonly FetchedZip[],
	options: UpdateOptions,
	signal: AbortSignal,
): Promise<Omit<UpdateResult, "durationMs">> {
	const { dir, kind, clock, onProgress } = options;
	const writer = createDatabase(await newBuildingPath(dir));
	const finished = await newBuildingPath(dir);
	const malformedRecords: MalformedRecord[] = [];
	const feeds: UpdatedFeed[] = [];
	try {
		const taken = new Set(zips.map(({ ecosystem }) => ecosystem));
		for (const zip of zips) {
			const feed = await readZip(writer, bucket, zip, taken, malformedRecords, options, signal);
			writer.addFeed({ ...feed, fetchedAt: zip.fetchedAt });
			feeds.push(feed);
		}
		const total = (field: "records" | "withdrawn" | "malformed") => feeds.reduce((sum, feed) => sum + feed[field], 0);
		if (total("records") === 0) throw noRecords(bucket.location);
		signal.throwIfAborted();
		onProgress?.({ type: "finishing" });
		const builtAt = clock().toISOString();
		writer.finish(finished, { builtAt, kind, source: bucket.location });
		const { digest, size } = await publishSnapshot(dir, finished);
		return {
			digest,
			builtAt,
			kind,
			source: bucket.location,
			feeds,
			records: total("records"),
			withdrawn: total("withdrawn"),
			malformed: total("malformed"),
			malformedRecords,
			size,
		};
	} finally {
		writer.discard();
	}
}

async function readZip(
	writer: DatabaseWriter,
	bucket: Bucket,
	zip: FetchedZip,
	taken: ReadonlySet<string>,
	malformedRecords: MalformedRecord[],
	{ covers, onProgress }: UpdateOptions,
	signal: AbortSignal,
): Promise<UpdatedFeed> {
	const { ecosystem, path, url } = zip;
	try {
		const feed = await readFeed(writer, {
			ecosystem,
			path,
			url,
			taken,
			signal,
			covers,
			onRecords: (done, total) => onProgress?.({ type: "records", ecosystem, done, total }),
			onMalformed: (record) => {
				if (malformedRecords.length < namedMalformed) malformedRecords.push(record);
			},
		});
		if (feed.records === 0 && feed.malformed > 0) {
			throw noRecords(
				url,
				malformedRecords.findLast((record) => record.ecosystem === ecosystem),
			);
		}
		return feed;
	} catch (error) {
		if (error instanceof EngineError && error.code === "advisories_source_unusable") await bucket.reject(zip);
		throw error;
	}
}

function noRecords(where: string, malformed?: MalformedRecord): EngineError {
	const why = malformed ? `; ${malformed.name}, for one: ${malformed.problem}` : "";
	return new EngineError(
		"advisories_source_unusable",
		`${where} holds no readable advisory${why}. The database stays as it was.`,
		"Give a folder or URL with the layout of the OSV bucket: `<Ecosystem>/all.zip` of OSV records.",
	);
}
