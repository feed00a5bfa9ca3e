/** The OSV bucket as parts: one an ecosystem, from its zip, or from the few records that changed since the last update. */
import { join } from "node:path";
import { EngineError } from "../errors.ts";
import type { Fetch } from "../ports.ts";
import {
	type Bucket,
	type BucketZip,
	baseOf,
	chooseEcosystems,
	folderBucket,
	httpBucket,
	nothingWanted,
} from "./osv/index.ts";
import { type OsvChanges, osvChanges, takenDigest } from "./osv-changes.ts";
import { osvFeed, readOsvZip, storeOsvRecord } from "./osv-zip.ts";
import { isOfFeed } from "./part-fetching.ts";
import type { PartRun, Previous } from "./parts.ts";
import type { MalformedRecord, UpdateProgress } from "./types.ts";
import type { UpdateOptions } from "./update.ts";

export interface OsvRun {
	readonly options: UpdateOptions;
	readonly fetch: Fetch;
	readonly signal: AbortSignal;
	readonly previous: Previous | null;
	readonly onMalformed: (record: MalformedRecord) => void;
}

export interface OsvParts {
	/** Under which choice its records are read (osv-changes.ts). */
	readonly taken: string;
	readonly parts: readonly PartRun[];
	/** Called when everything was fetched and stored. */
	release(): Promise<void>;
}

/**
 * Lists what to take of the bucket; when the list cannot be had, the parts of the older database are those that failed.
 * Throws `advisories_source_unusable`, `advisories_download_failed`.
 */
export async function osvParts(bucket: Bucket, run: OsvRun): Promise<OsvParts> {
	const { options, previous } = run;
	const old = previous?.feeds.filter(({ feed }) => feed === osvFeed).map(({ part }) => part) ?? [];
	let failure: EngineError | null = null;
	const listed = await bucket.list().catch((error: unknown) => {
		if (run.signal.aborted || !isOfFeed(error) || old.length === 0) throw error;
		failure = error;
		return old;
	});
	const chosen = chooseEcosystems(listed ?? options.ecosystems, options.ecosystems);
	if (chosen.length === 0) throw failure ?? nothingWanted(bucket.location, options.ecosystems);
	const context = { ...run, bucket, chosen: new Set(chosen), taken: takenDigest(chosen), isListed: listed !== null };
	return {
		taken: context.taken,
		parts: chosen.map((ecosystem) => {
			const part = osvPart(context, ecosystem);
			return failure ? { ...part, fetch: () => Promise.reject(failure) } : part;
		}),
		release: () => bucket.release(),
	};
}

/** Whether a stored ecosystem is, or may be, one that is listed as `name`. */
function isOn(name: string, ecosystem: string, fold: (ecosystem: string) => string | null): boolean {
	return ecosystem === fold(name) || (name === baseOf(name) && baseOf(ecosystem) === name);
}

interface PartContext extends OsvRun {
	readonly bucket: Bucket;
	/** The ecosystems that this update takes. */
	readonly chosen: ReadonlySet<string>;
	readonly taken: string;
	/** The bucket lists the ecosystem, so it must have it. */
	readonly isListed: boolean;
}

function osvPart(context: PartContext, ecosystem: string): PartRun {
	const { bucket, options, previous, chosen, isListed, signal } = context;
	const { fold = (name) => name } = options;
	const reading = {
		ecosystem,
		taken: chosen,
		fold,
		covers: options.covers,
		onMalformed: context.onMalformed,
	};
	const progress = (event: UpdateProgress) => options.onProgress?.(event);
	let zip: BucketZip | null = null;
	let changes: OsvChanges | null = null;
	return {
		feed: osvFeed,
		part: ecosystem,
		name: ecosystem,
		holds: (stored) => isOn(ecosystem, stored, fold),
		keeps: (stored) => [...chosen].some((name) => isOn(name, stored, fold)),
		async fetch() {
			changes = await osvChanges(bucket, ecosystem, context);
			if (changes) return;
			zip = await bucket.fetchZip(ecosystem);
			if (!zip && isListed) throw zipMissing(bucket, ecosystem);
		},
		async store(writer) {
			if (changes && previous) {
				const source = { feed: osvFeed, part: ecosystem };
				let malformed = 0;
				for (const { name, json } of changes.records)
					malformed += storeOsvRecord(writer, { name, json }, reading) ? 0 : 1;
				const { url, fetchedAt } = changes;
				const ids = changes.ids.split("\n");
				writer.carryOver({ ...source, from: previous.path, ids });
				progress({ type: "records", part: ecosystem, done: changes.records.length, total: changes.records.length });
				return { ...source, url, fetchedAt, malformed, ...writer.contentOf(source, ids) };
			}
			if (!zip) return null;
			const { path, url, fetchedAt } = zip;
			const onRecords = (done: number, total: number) => progress({ type: "records", part: ecosystem, done, total });
			let first: MalformedRecord | undefined;
			const feed = await readOsvZip(writer, {
				...reading,
				path,
				url,
				fetchedAt,
				signal,
				onRecords,
				onMalformed: (record) => {
					first ??= record;
					context.onMalformed(record);
				},
			});
			if (feed.records === 0 && feed.malformed > 0) throw noRecords(url, first);
			return feed;
		},
		async reject() {
			if (zip) await bucket.reject(zip);
		},
	};
}

export function openBucket({ options, fetch, signal }: Pick<OsvRun, "options" | "fetch" | "signal">): Bucket {
	const { source, clock, dir, retryDelayMs = 1000 } = options;
	if (!/^https?:\/\//i.test(source)) return folderBucket(source, clock);
	const progress = (event: UpdateProgress) => options.onProgress?.(event);
	return httpBucket(source, {
		fetch,
		clock,
		signal,
		downloads: join(dir, "downloads"),
		retryDelayMs,
		onBytes: (part, done, total) => progress({ type: "download", part, done, total }),
		onDownloaded: (part, bytes, kept) => progress({ type: "downloaded", part, bytes, kept }),
		onRetry: (part, reason, delayMs) => progress({ type: "retry", part, reason, delayMs }),
	});
}

function zipMissing(bucket: Bucket, ecosystem: string): EngineError {
	return new EngineError(
		"advisories_source_unusable",
		`${bucket.location} lists ${ecosystem} but has no ${ecosystem}/all.zip.`,
		"Complete the source, or take the name out of its ecosystems.txt.",
	);
}

/** A source without a single advisory is none: most likely it is the wrong one. */
export function noRecords(where: string, malformed?: MalformedRecord): EngineError {
	const why = malformed ? `; ${malformed.name}, for one: ${malformed.problem}` : "";
	return new EngineError(
		"advisories_source_unusable",
		`${where} holds no readable advisory${why}. The database stays as it was.`,
		"Give a folder or URL with the layout of the OSV bucket: `<Ecosystem>/all.zip` of OSV records.",
	);
}
