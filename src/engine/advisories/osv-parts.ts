/** The OSV bucket as parts: one an ecosystem, from its zip, or from the few records that changed since the last update. */
import { join } from "node:path";
import { EngineError } from "../errors.ts";
import type { Fetch } from "../ports.ts";
import { type Bucket, type BucketZip, chooseEcosystems, folderBucket, httpBucket, nothingWanted } from "./osv/index.ts";
import { type OsvChanges, osvChanges } from "./osv-changes.ts";
import { osvFeed, readOsvZip, storeOsvRecord } from "./osv-zip.ts";
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
	/** How the bucket is called. */
	readonly location: string;
	readonly parts: readonly PartRun[];
	/** Called when everything was fetched and stored. */
	release(): Promise<void>;
}

/** Lists what to take of the bucket. Throws `advisories_source_unusable`, `advisories_download_failed`. */
export async function osvParts(run: OsvRun): Promise<OsvParts> {
	const { options } = run;
	const bucket = openBucket(run);
	const listed = await bucket.list();
	const chosen = chooseEcosystems(listed ?? options.ecosystems, options.ecosystems);
	if (chosen.length === 0) throw nothingWanted(bucket.location, options.ecosystems);
	const taken = new Set(chosen);
	return {
		location: bucket.location,
		parts: chosen.map((ecosystem) => osvPart({ ...run, bucket, taken, isListed: listed !== null }, ecosystem)),
		release: () => bucket.release(),
	};
}

interface PartContext extends OsvRun {
	readonly bucket: Bucket;
	readonly taken: ReadonlySet<string>;
	/** The bucket lists the ecosystem, so it must have it. */
	readonly isListed: boolean;
}

function osvPart(context: PartContext, ecosystem: string): PartRun {
	const { bucket, options, previous, isListed, signal } = context;
	const reading = {
		ecosystem,
		taken: context.taken,
		fold: options.fold,
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
		async fetch() {
			changes = await osvChanges(bucket, ecosystem, previous, signal);
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
				writer.carryOver(previous.path, osvFeed, ecosystem, changes.gone);
				const { url, fetchedAt } = changes;
				progress({ type: "records", part: ecosystem, done: changes.records.length, total: changes.records.length });
				return { ...source, url, fetchedAt, malformed, ...writer.contentOf(source) };
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

function openBucket({ options, fetch, signal }: OsvRun): Bucket {
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
