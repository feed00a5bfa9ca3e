/** Feeds besides OSV as parts of an update. */

import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Affected } from "#model";
import { EngineError } from "../errors.ts";
import type { DatabaseWriter, RecordSource } from "./database/writer.ts";
import { unlessUnusable } from "./feed-bytes.ts";
import { getFile, type LocalFile, openFile, removeFile } from "./feed-files.ts";
import { type FeedKind, type FeedPart, feedKinds } from "./feed-kinds.ts";
import type { FeedItem } from "./feed-types.ts";
import { baseOf } from "./osv/index.ts";
import type { OsvRun } from "./osv-parts.ts";
import type { PartRun } from "./parts.ts";
import type { UpdateOptions } from "./update.ts";

/** A feed that an update takes. */
export interface FeedChoice {
	readonly id: string;
	/** A folder or an http(s) URL that has the feed's files under their public names; null: where its publisher has it. */
	readonly source: string | null;
}

/** What feeds there are: their ids, titles and public addresses. */
export const knownFeeds: readonly Pick<FeedKind, "id" | "title" | "address">[] = feedKinds;

/**
 * Reads choices as people write them: a feed's id, or `id=SOURCE`; `none` alone for no feed. Throws
 * `advisories_source_unusable` for a feed that is not known.
 */
export function readFeedChoices(texts: readonly string[]): readonly FeedChoice[] {
	if (texts.length === 1 && texts[0] === "none") return [];
	return texts.map((text) => {
		const equals = text.indexOf("=");
		const id = equals < 0 ? text : text.slice(0, equals);
		if (!feedKinds.some((kind) => kind.id === id)) throw unknownFeed(id);
		return { id, source: equals < 0 ? null : text.slice(equals + 1) };
	});
}

/** Items between two looks at the event loop. */
const itemsPerTurn = 1000;

/** Throws `advisories_source_unusable` for a feed that is not known. */
export function feedParts(choices: readonly FeedChoice[], run: OsvRun): readonly PartRun[] {
	return choices.flatMap(({ id, source }) => {
		const kind = feedKinds.find((known) => known.id === id);
		if (!kind) throw unknownFeed(id);
		return kind.parts(run.options.clock()).map((part) => partOf(kind, part, source ?? kind.address, run));
	});
}

function partOf(kind: FeedKind, { part, files, read }: FeedPart, location: string, run: OsvRun): PartRun {
	const { options, signal } = run;
	const { clock, dir, onProgress, retryDelayMs = 1000 } = options;
	const name = part === kind.id || files.length > 1 ? kind.id : `${kind.id} ${part}`;
	const source: RecordSource = { feed: kind.id, part };
	let local: readonly LocalFile[] = [];
	return {
		...source,
		name,
		async fetch() {
			const got: (LocalFile | null)[] = [];
			for (const file of files) {
				signal.throwIfAborted();
				got.push(
					await getFile(file, location, {
						fetch: run.fetch,
						signal,
						retryDelayMs,
						clock,
						folder: join(dir, "feeds", kind.id),
						onBytes: (done, total) => onProgress?.({ type: "download", part: name, done, total }),
						onDownloaded: (bytes, kept) => onProgress?.({ type: "downloaded", part: name, bytes, kept }),
						onRetry: (reason, delayMs) => onProgress?.({ type: "retry", part: name, reason, delayMs }),
					}),
				);
			}
			local = got.filter((file) => file !== null);
			if (local.length === 0 && files.length > 1) throw nothingThere(kind, location);
		},
		async store(writer) {
			const [first] = local;
			if (!first) return null;
			const fetchedAt = clock().toISOString();
			const malformed = await storeItems(writer, source, read(local.map(openFile)), name, run).catch(
				(error: unknown) => {
					throw unlessUnusable(kind.title, error);
				},
			);
			const content = writer.contentOf(source);
			if (content.records === 0 && malformed > 0) throw nothingThere(kind, location);
			const newest =
				content.newest ||
				local
					.map(({ modified }) => modified)
					.sort()
					.at(-1) ||
				"";
			return { ...source, url: first.url, fetchedAt, malformed, ...content, newest };
		},
		async reject() {
			await Promise.all(local.map(removeFile));
		},
		keeps: (ecosystem) => options.ecosystems.includes(baseOf(ecosystem)),
	};
}

/** Stores all items and gives the number of malformed records. */
async function storeItems(
	writer: DatabaseWriter,
	source: RecordSource,
	items: AsyncIterable<FeedItem>,
	name: string,
	{ options, signal, onMalformed }: OsvRun,
): Promise<number> {
	let done = 0;
	let malformed = 0;
	for await (const item of items) {
		if (++done % itemsPerTurn === 0) {
			await nextTurn();
			signal.throwIfAborted();
			options.onProgress?.({ type: "records", part: name, done, total: null });
		}
		if (item.kind === "malformed") {
			malformed += 1;
			onMalformed({ part: name, name: item.name, problem: item.problem });
		} else storeItem(writer, source, item, options);
	}
	options.onProgress?.({ type: "records", part: name, done, total: done });
	return malformed;
}

function storeItem(
	writer: DatabaseWriter,
	source: RecordSource,
	item: Exclude<FeedItem, { kind: "malformed" }>,
	options: UpdateOptions,
): void {
	switch (item.kind) {
		case "advisory":
			writer.add(
				source,
				item.advisory,
				item.affected.flatMap((one) => taken(one, options)),
			);
			break;
		case "vulnerability":
			writer.addVulnerability(source, item.vulnerability);
			break;
		case "kev":
			writer.addVulnerability(source, { id: item.id, cwes: [], references: [], ratings: [], kev: item.kev });
			break;
		case "epss":
			writer.addVulnerability(source, { id: item.id, cwes: [], references: [], ratings: [], epss: item.epss });
			break;
		case "products":
			writer.addProducts(source, item.contentSet, item.cpes);
			break;
	}
}

function taken(affected: Affected, { ecosystems, fold = (name) => name }: UpdateOptions): readonly Affected[] {
	if (!ecosystems.includes(baseOf(affected.ecosystem))) return [];
	const ecosystem = fold(affected.ecosystem);
	return ecosystem === null ? [] : [{ ...affected, ecosystem }];
}

function unknownFeed(id: string): EngineError {
	const known = feedKinds.map((kind) => kind.id).join(", ");
	return new EngineError("advisories_source_unusable", `There is no feed "${id}".`, `Feeds besides OSV: ${known}.`);
}

function nothingThere(kind: FeedKind, location: string): EngineError {
	return new EngineError(
		"advisories_source_unusable",
		`${location} has nothing of ${kind.title} that can be read.`,
		"Check the address of the feed.",
	);
}
