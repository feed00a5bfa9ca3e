import type { AffectedRange } from "#model";
import { type FeedChoice, knownFeeds, readFeedChoices } from "./advisories/feeds.ts";
import { publicOsvBucket } from "./advisories/osv/index.ts";
import type { UpdateResult } from "./advisories/types.ts";
import { updateAdvisories as build, type UpdateOptions } from "./advisories/update.ts";
import { advisoryEcosystems, foldEcosystem, nameKeyOf, rowOfFeed } from "./ecosystems.ts";
import { isAffected } from "./matching/ranges.ts";

/** What an update takes from its caller. Without `ecosystems`: all that there is a row for. */
export type UpdateRequest = Omit<UpdateOptions, "ecosystems" | "covers" | "keyOf" | "fold" | "feeds"> & {
	/** OSV's names without releases. */
	readonly ecosystems?: readonly string[] | null;
	/**
	 * Feeds besides OSV: `kev`, `nvd=https://mirror.example/nvd`, or `none` alone. Without it: every feed, at its
	 * publisher's, beside the public OSV bucket; none beside another, as whoever mirrors OSV may not reach the publishers.
	 */
	readonly feeds?: readonly string[] | null;
};

/**
 * Builds a new advisory database from a bucket of OSV records and makes it the current one; the old one counts until
 * the last step.
 * @throws EngineError advisories_source_unusable, advisories_download_failed, advisories_busy, advisories_unwritable,
 * aborted
 */
export function updateAdvisories(options: UpdateRequest): Promise<UpdateResult> {
	const { ecosystems, feeds, ...request } = options;
	return build({
		...request,
		ecosystems: ecosystems ?? advisoryEcosystems,
		feeds: feeds ? readFeedChoices(feeds) : defaultFeeds(request.source),
		covers,
		keyOf: nameKeyOf,
		fold: foldEcosystem,
	});
}

function defaultFeeds(source: string): readonly FeedChoice[] {
	return source === publicOsvBucket ? knownFeeds.map(({ id }) => ({ id, source: null })) : [];
}

/** Feeds list thousands of versions one by one that their ranges cover already; those are not worth storing. */
function covers(ecosystem: string, ranges: readonly AffectedRange[], version: string): boolean {
	const row = rowOfFeed(ecosystem);
	if (!row) return false;
	return isAffected([{ ecosystem, name: "", ranges, versions: [] }], version, row.ordering);
}
