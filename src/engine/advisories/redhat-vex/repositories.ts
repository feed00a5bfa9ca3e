/**
 * Which products Red Hat's content sets stand for: `repository-to-cpe.json`,
 * `{data: {content set: {cpes: […]}}}`, some 10 MB.
 * https://redhatproductsecurity.github.io/security-data-guidelines/scanning-vendors/
 */
import { jsonOf, readRecord, wholeFeed } from "../feed-bytes.ts";
import { feedLimits } from "../feed-limits.ts";
import type { FeedBytes, FeedItem } from "../feed-types.ts";
import { Malformed, objectAt, stringAt, stringsAt } from "../json.ts";
import { jsonMembers } from "../json-members.ts";

/** Throws `advisories_source_unusable` when the file is not this one, or not all of it. */
export function readRepositoryToCpe(bytes: FeedBytes): AsyncIterable<FeedItem> {
	return wholeFeed("Red Hat repository-to-cpe", itemsOf(bytes));
}

async function* itemsOf(bytes: FeedBytes): AsyncGenerator<FeedItem> {
	for await (const member of jsonMembers(bytes, { at: "data", mostBytes: 1024 * 1024 })) {
		yield* readRecord(member.key, () => {
			if ("problem" in member) throw new Malformed(member.problem);
			const contentSet = stringAt(member.key, "the content set", feedLimits.name);
			const listed = objectAt(jsonOf(member.bytes), "the content set")["cpes"];
			const cpes = stringsAt(listed, "cpes", 10_000, feedLimits.name);
			return cpes.length === 0 ? [] : [{ kind: "products", contentSet, cpes }];
		});
	}
}
