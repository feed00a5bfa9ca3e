import { type Affected, compareText } from "#model";
import type { FeedItem } from "../feed-types.ts";

/** What all files say of one vulnerability, by its name. */
export type Fixes = Map<string, { readonly aliases: Set<string>; readonly fixed: Map<string, Set<string>> }>;

/** Versions that say that a package never had the vulnerability. */
const never = "0";

/** The advisory on a vulnerability; null when no package ever had it. */
export function advisoryOf(id: string, fixes: Fixes, modified: string): FeedItem | null {
	const known = fixes.get(id);
	const affected = [...(known?.fixed ?? [])].flatMap(([key, versions]) => affectedOf(key, versions));
	if (!known || affected.length === 0) return null;
	affected.sort((a, b) => compareText(a.ecosystem, b.ecosystem) || compareText(a.name, b.name));
	const advisory = {
		id,
		aliases: [...known.aliases].sort(compareText),
		upstream: [],
		related: [],
		modified,
		severity: [],
		references: [],
	};
	return { kind: "advisory", advisory, affected };
}

/**
 * One range for each fixed version. Where a branch names several (124 of 11,000 in Alpine's), a later one mended an
 * incomplete first fix: a version below any of them is affected, so that the highest one counts whatever their order.
 */
function affectedOf(key: string, versions: ReadonlySet<string>): readonly Affected[] {
	const [ecosystem = "", name = ""] = key.split("\0");
	const fixed = [...versions].filter((version) => version !== never).sort(compareText);
	if (fixed.length === 0) return [];
	const ranges = fixed.map((version) => ({
		type: "ECOSYSTEM" as const,
		events: [{ introduced: "0" }, { fixed: version }],
	}));
	return [{ ecosystem, name, ranges, versions: [] }];
}
