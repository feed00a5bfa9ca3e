/**
 * Builds a new snapshot from the feeds and makes it the current one. Until the last step the old snapshot counts. A part
 * of a feed that cannot be had or read touches no other: the records of the old snapshot stand in for it, and the new
 * one tells so. When nothing new could be read at all, there is no new snapshot.
 */
import type { AffectedRange } from "#model";
import { EngineError } from "../errors.ts";
import type { Fetch } from "../ports.ts";
import { lockForUpdate } from "./database/lock.ts";
import { inDatabase, readFeeds, readMeta } from "./database/reader.ts";
import {
	currentSnapshot,
	digestOfFile,
	newBuildingPath,
	publishSnapshot,
	removeLeftovers,
} from "./database/snapshots.ts";
import {
	createDatabase,
	type DatabaseMeta,
	type DatabaseWriter,
	type Feed,
	type NameKey,
	type PartContent,
} from "./database/writer.ts";
import { comesFromDisk } from "./disk.ts";
import { type FeedChoice, feedParts } from "./feeds.ts";
import { type Bucket, nothingWanted } from "./osv/index.ts";
import { noRecords, openBucket, osvParts } from "./osv-parts.ts";
import { osvFeed } from "./osv-zip.ts";
import { fetchParts, isOfFeed } from "./part-fetching.ts";
import type { PartRun, Previous } from "./parts.ts";
import type { MalformedRecord, UpdateProgress, UpdateResult } from "./types.ts";

export interface UpdateOptions {
	/** A folder, or an http(s) URL, with the layout of the OSV bucket. */
	readonly source: string;
	/** Feeds besides OSV, and where they are. */
	readonly feeds?: readonly FeedChoice[];
	/** The folder of the database; made when it is missing. */
	readonly dir: string;
	/** The ecosystems that the scanner knows, without releases: `Debian`, `npm`. */
	readonly ecosystems: readonly string[];
	readonly kind: "full" | "starter";
	readonly fetch: Fetch;
	readonly clock: () => Date;
	readonly signal?: AbortSignal;
	readonly onProgress?: (event: UpdateProgress) => void;
	/** The name that a package is stored by: one text for all spellings. */
	readonly keyOf?: NameKey;
	/** The ecosystem that packages of a feed's ecosystem are stored under; null leaves them out. */
	readonly fold?: (ecosystem: string) => string | null;
	/** Whether the ranges already say that a version is affected; such a version of a list is then not stored. */
	readonly covers?: (ecosystem: string, ranges: readonly AffectedRange[], version: string) => boolean;
	/** First pause before a failed request is repeated; 1000 ms when not given. */
	readonly retryDelayMs?: number;
}

/** Malformed records that are named; all are counted. */
const namedMalformed = 20;

/**
 * Runs one update. Throws `advisories_source_unusable`, `advisories_download_failed`, `advisories_busy`,
 * `advisories_unwritable` or `aborted`; the database that was there before then stays as it is, and what was fetched is
 * kept for the next try.
 */
export async function updateAdvisories(options: UpdateOptions): Promise<UpdateResult> {
	const started = options.clock();
	const signal = options.signal ?? new AbortController().signal;
	try {
		const lock = await lockForUpdate(options.dir);
		try {
			await removeLeftovers(options.dir);
			const built = await run(options, signal);
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

async function run(options: UpdateOptions, signal: AbortSignal): Promise<Omit<UpdateResult, "durationMs">> {
	const bucket = openBucket({ options, fetch: options.fetch, signal });
	const previous = await usablePrevious(options.dir, options.kind, bucket.location);
	try {
		return await attempt(bucket, previous, options, signal);
	} catch (error) {
		// Nothing else is malformed in an update: the older database is damaged, so this one is built without it.
		if (!previous || !(error instanceof EngineError) || error.code !== "advisories_malformed") throw error;
		return await attempt(bucket, null, options, signal);
	}
}

async function attempt(
	bucket: Bucket,
	previous: Previous | null,
	options: UpdateOptions,
	signal: AbortSignal,
): Promise<Omit<UpdateResult, "durationMs">> {
	const malformedRecords: MalformedRecord[] = [];
	const context = {
		options,
		fetch: options.fetch,
		signal,
		previous,
		onMalformed: (record: MalformedRecord) => {
			if (malformedRecords.length < namedMalformed) malformedRecords.push(record);
		},
	};
	const osv = await osvParts(bucket, context);
	const parts = [...osv.parts, ...feedParts(options.feeds ?? [], context)];
	options.onProgress?.({ type: "started", parts: parts.map(({ name }) => name) });
	const failures = await fetchParts(parts, signal);
	const building: Building = { parts, failures, previous, options, signal, source: bucket.location, taken: osv.taken };
	const built = await buildSnapshot(building);
	if (built.feeds.every((feed) => feed.failure === undefined)) await osv.release();
	return { ...built, malformedRecords };
}

/**
 * What the current snapshot has for this update; null when it is damaged, of another schema or of another kind. OSV
 * records of another source would pass for this one's.
 */
async function usablePrevious(dir: string, kind: UpdateOptions["kind"], source: string): Promise<Previous | null> {
	try {
		const { digest, path } = currentSnapshot(dir);
		const { meta, feeds } = inDatabase(path, (database) => ({ meta: readMeta(database), feeds: readFeeds(database) }));
		if (meta.kind !== kind || (await digestOfFile(path)) !== digest) return null;
		if (meta.source === source) return { path, feeds, taken: meta.taken ?? null };
		return { path, feeds: feeds.filter(({ feed }) => feed !== osvFeed), taken: null };
	} catch (error) {
		if (error instanceof EngineError || (error instanceof Error && comesFromDisk(error))) return null;
		throw error;
	}
}

interface Building {
	readonly parts: readonly PartRun[];
	readonly failures: Map<PartRun, EngineError>;
	readonly previous: Previous | null;
	readonly options: UpdateOptions;
	readonly signal: AbortSignal;
	/** How the bucket is called. */
	readonly source: string;
	readonly taken: string;
}

async function buildSnapshot(building: Building): Promise<Omit<UpdateResult, "durationMs" | "malformedRecords">> {
	const { options, signal, failures, source } = building;
	const { dir, kind, clock, onProgress } = options;
	const writer = createDatabase(await newBuildingPath(dir), options.keyOf);
	try {
		const feeds: Feed[] = [];
		for (const part of building.parts) {
			const feed = await storePart(part, writer, building);
			if (!feed) continue;
			writer.addFeed(feed);
			feeds.push(feed);
		}
		if (feeds.length === 0) throw nothingWanted(source, options.ecosystems);
		const total = (field: "records" | "withdrawn" | "malformed") => feeds.reduce((sum, feed) => sum + feed[field], 0);
		const [failure] = failures.values();
		if (failure && feeds.every((feed) => feed.failure !== undefined || feed.records === 0)) throw failure;
		if (total("records") === 0) throw noRecords(source);
		signal.throwIfAborted();
		onProgress?.({ type: "finishing" });
		const builtAt = clock().toISOString();
		const finished = await newBuildingPath(dir);
		writer.finish(finished, { builtAt, kind, source, ...takenOf(feeds, building) });
		const { digest, size } = await publishSnapshot(dir, finished);
		const counts = { records: total("records"), withdrawn: total("withdrawn"), malformed: total("malformed") };
		return { digest, builtAt, kind, source, feeds, ...counts, size };
	} finally {
		writer.discard();
	}
}

/** Empty when older records stand in that were read under another choice. */
function takenOf(feeds: readonly Feed[], { previous, taken }: Building): Pick<DatabaseMeta, "taken"> {
	const standIns = feeds.some(({ feed, failure, records }) => feed === osvFeed && failure !== undefined && records > 0);
	return standIns && previous?.taken !== taken ? {} : { taken };
}

/** Stores a part; where it failed, what the old snapshot has of it. Null when there is nothing to store. */
async function storePart(part: PartRun, writer: DatabaseWriter, building: Building): Promise<Feed | null> {
	const { failures, signal } = building;
	if (!failures.has(part)) {
		try {
			return await part.store(writer);
		} catch (error) {
			if (signal.aborted || !isOfFeed(error)) throw error;
			if (error.code === "advisories_source_unusable") await part.reject();
			writer.forget(part);
			failures.set(part, error);
		}
	}
	return keepOld(part, writer, building);
}

function keepOld(part: PartRun, writer: DatabaseWriter, { failures, previous, options }: Building): Feed {
	const { feed, part: name, holds, keeps } = part;
	const failure = failures.get(part)?.message ?? "";
	const ofFeed = previous?.feeds.filter((one) => one.feed === feed) ?? [];
	const own = ofFeed.find((one) => one.part === name);
	// Records on what this part is about may all be filed under others.
	if (previous && (own || (holds && ofFeed.length > 0)))
		writer.carryOver({ from: previous.path, feed, part: name, holds, keeps });
	const old = own ?? standInOf(writer.contentOf(part), ofFeed);
	const kept = (old?.records ?? 0) > 0;
	options.onProgress?.({ type: "failed", part: part.name, reason: failure, kept });
	const none = { url: "", fetchedAt: "", records: 0, withdrawn: 0, malformed: 0, newest: "" };
	return { ...none, ...old, feed, part: name, failure };
}

/** What is told of records that came from other parts: they are as old as the oldest of those. */
function standInOf(content: PartContent, parts: readonly Feed[]): Omit<Feed, "feed" | "part"> | null {
	const [oldest] = parts.toSorted((a, b) => Date.parse(a.fetchedAt) - Date.parse(b.fetchedAt));
	if (content.records === 0 || !oldest) return null;
	return { ...content, url: oldest.url, fetchedAt: oldest.fetchedAt, malformed: 0 };
}
