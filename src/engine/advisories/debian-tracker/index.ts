/**
 * Debian's security tracker, one JSON object of some 70 MB: `{source package: {vulnerability: {description, releases:
 * {code name: {status, fixed_version, urgency, nodsa, nodsa_reason}}}}}`.
 * https://security-tracker.debian.org/tracker/
 */
import type { Affected } from "#model";
import { jsonOf, readRecord, wholeFeed } from "../feed-bytes.ts";
import { feedLimits } from "../feed-limits.ts";
import { isCve, lineAs, printable } from "../feed-text.ts";
import type { FeedBytes, FeedItem } from "../feed-types.ts";
import { type JsonObject, Malformed, objectAt, stringAt } from "../json.ts";
import { jsonMembers } from "../json-members.ts";
import { affectedOf } from "./entries.ts";

export interface DebianTrackerOptions {
	/** RFC 3339. The tracker gives no dates, so this is when the file was changed (`Last-Modified`) or fetched. */
	readonly modified: string;
}

/**
 * One advisory a vulnerability, with all source packages and releases. The file is sorted by package, so that all of it
 * is kept, tightly packed, until its end.
 * Throws `advisories_source_unusable` when the file is not the tracker's, or not all of it.
 */
export function readDebianTracker(bytes: FeedBytes, options: DebianTrackerOptions): AsyncIterable<FeedItem> {
	return wholeFeed("Debian security tracker", itemsOf(bytes, options));
}

/** What is known of a vulnerability: its description, and each package's `Affected` list as JSON. */
interface Packed {
	readonly description: unknown;
	readonly affected: string[];
}

async function* itemsOf(bytes: FeedBytes, { modified }: DebianTrackerOptions): AsyncGenerator<FeedItem> {
	const known = new Map<string, Packed>();
	const unknownReleases = new Set<string>();
	for await (const member of jsonMembers(bytes, { mostBytes: feedLimits.recordBytes })) {
		yield* readRecord(member.key, () => {
			if ("problem" in member) throw new Malformed(member.problem);
			const name = stringAt(member.key, "the package", feedLimits.name);
			const entries = Object.entries(objectAt(jsonOf(member.bytes), "the package"));
			return entries.flatMap(([id, entry]) =>
				readRecord(`${name} ${id}`, () => {
					const fields = objectAt(entry, "the entry");
					keep(
						known,
						idAt(id),
						fields,
						affectedOf(name, fields, (release) => unknownReleases.add(release)),
					);
					return [];
				}),
			);
		});
	}
	for (const release of unknownReleases)
		yield { kind: "malformed", name: printable(`release ${release}`), problem: "it is none of Debian's releases" };
	for (const [id, packed] of known) yield advisoryOf(id, packed, modified);
}

/** A CVE, or a name for the time until there is one: `TEMP-0841856-B18BAF`. */
function idAt(id: string): string {
	if (!isCve(id) && !/^TEMP-[0-9A-F-]{1,64}$/.test(id)) throw new Malformed("its name is neither CVE-… nor TEMP-…");
	return id;
}

function keep(known: Map<string, Packed>, id: string, entry: JsonObject, affected: readonly Affected[]): void {
	if (affected.length === 0) return;
	const packed = known.get(id);
	const json = JSON.stringify(affected);
	if (packed) packed.affected.push(json);
	else known.set(id, { description: entry["description"], affected: [json] });
}

function advisoryOf(id: string, { description, affected }: Packed, modified: string): FeedItem {
	return {
		kind: "advisory",
		advisory: {
			id,
			aliases: [],
			upstream: [],
			related: [],
			...lineAs("summary", description, feedLimits.title),
			modified,
			severity: [],
			references: [`https://security-tracker.debian.org/tracker/${id}`],
		},
		affected: affected.flatMap((json) => JSON.parse(json) as readonly Affected[]),
	};
}
