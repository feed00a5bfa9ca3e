/**
 * Builds a new snapshot from the feeds and makes it the current one. Until the last step the old snapshot counts. A part
 * of a feed that cannot be had or read touches no other: the records of the old snapshot stand in for it, and the new
 * one tells so. When nothing new could be read at all, there is no new snapshot.
 */
import type { AffectedRange } from "#model";
import { EngineError } from "../errors.ts";
import type { Fetch } from "../ports.ts";
import { lockForUpdate } from "./database/lock.ts";
import { inDatabase, readFeeds } from "./database/reader.ts";
import { currentSnapshot, newBuildingPath, publishSnapshot, removeLeftovers } from "./database/snapshots.ts";
import { createDatabase, type DatabaseWriter, type Feed, type NameKey } from "./database/writer.ts";
import { comesFromDisk } from "./disk.ts";
import { type FeedChoice, feedParts } from "./feeds.ts";
import { nothingWanted } from "./osv/index.ts";
import { noRecords, type OsvParts, osvParts } from "./osv-parts.ts";
import { osvFeed } from "./osv-zip.ts";
import { fetchParts } from "./part-fetching.ts";
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
	const previous = previousOf(options.dir);
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
	const osv = await osvParts(context).catch((error: unknown) => lostOsv(error, previous, options.source));
	const parts = [...osv.parts, ...feedParts(options.feeds ?? [], context)];
	options.onProgress?.({ type: "started", parts: parts.map(({ name }) => name) });
	const failures = await fetchParts(parts, signal);
	const building: Building = { parts, failures, previous, options, signal };
	const built = await buildSnapshot(building, osv.location);
	if (built.feeds.every((feed) => feed.failure === undefined)) await osv.release();
	return { ...built, malformedRecords };
}

/** Without the bucket's list, the parts of the old snapshot are those that could not be had. */
function lostOsv(error: unknown, previous: Previous | null, location: string): OsvParts {
	const old = previous?.feeds.filter(({ feed }) => feed === osvFeed) ?? [];
	if (!(error instanceof EngineError) || error.code === "aborted" || old.length === 0) throw error;
	const parts = old.map((feed) => lostPart(feed, error));
	return { location, parts, release: async () => {} };
}

function lostPart({ feed, part }: Feed, error: EngineError): PartRun {
	const fetch = async () => {
		throw error;
	};
	return { feed, part, name: part, fetch, store: async () => null, reject: async () => {} };
}

/** The current snapshot, where it can still be read: it may be of an older schema. */
function previousOf(dir: string): Previous | null {
	try {
		const { path } = currentSnapshot(dir);
		return { path, feeds: inDatabase(path, readFeeds) };
	} catch (error) {
		if (error instanceof EngineError) return null;
		throw error;
	}
}

interface Building {
	readonly parts: readonly PartRun[];
	readonly failures: Map<PartRun, EngineError>;
	readonly previous: Previous | null;
	readonly options: UpdateOptions;
	readonly signal: AbortSignal;
}

async function buildSnapshot(
	building: Building,
	source: string,
): Promise<Omit<UpdateResult, "durationMs" | "malformedRecords">> {
	const { options, signal, failures } = building;
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
		writer.finish(finished, { builtAt, kind, source });
		const { digest, size } = await publishSnapshot(dir, finished);
		const counts = { records: total("records"), withdrawn: total("withdrawn"), malformed: total("malformed") };
		return { digest, builtAt, kind, source, feeds, ...counts, size };
	} finally {
		writer.discard();
	}
}

/** Stores a part; where it failed, what the old snapshot has of it. Null when there is nothing to store. */
async function storePart(part: PartRun, writer: DatabaseWriter, building: Building): Promise<Feed | null> {
	const { failures, signal } = building;
	if (!failures.has(part)) {
		try {
			return await part.store(writer);
		} catch (error) {
			if (signal.aborted || !(error instanceof EngineError)) throw error;
			if (error.code === "advisories_source_unusable") await part.reject();
			writer.forget(part);
			failures.set(part, error);
		}
	}
	return keepOld(part, writer, building);
}

function keepOld(part: PartRun, writer: DatabaseWriter, { failures, previous, options }: Building): Feed {
	const failure = failures.get(part)?.message ?? "";
	const old = previous?.feeds.find((feed) => feed.feed === part.feed && feed.part === part.part);
	const kept = old !== undefined && old.records > 0;
	if (previous && kept) writer.carryOver(previous.path, part.feed, part.part);
	options.onProgress?.({ type: "failed", part: part.name, reason: failure, kept });
	const { feed, part: name } = part;
	const none = { url: "", fetchedAt: "", records: 0, withdrawn: 0, malformed: 0, newest: "" };
	return { ...none, ...old, feed, part: name, failure };
}
