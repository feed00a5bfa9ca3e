import type { AffectedRange } from "#model";
import { baseOf } from "./advisories/osv/index.ts";
import type { UpdateResult } from "./advisories/types.ts";
import { updateAdvisories as build, type UpdateOptions } from "./advisories/update.ts";
import { advisoryEcosystems, ecosystems } from "./ecosystems.ts";
import { evaluate } from "./matching/ranges.ts";

/** What an update takes from its caller. Without `ecosystems`: all that there is a row for. */
export type UpdateRequest = Omit<UpdateOptions, "ecosystems" | "covers"> & {
	/** OSV's names without releases. */
	readonly ecosystems?: readonly string[] | null;
};

/**
 * Builds a new advisory database from a bucket of OSV records and makes it the current one; the old one counts until
 * the last step.
 * @throws EngineError advisories_source_unusable, advisories_download_failed, advisories_busy, advisories_unwritable,
 * aborted
 */
export function updateAdvisories(options: UpdateRequest): Promise<UpdateResult> {
	return build({ ...options, ecosystems: options.ecosystems ?? advisoryEcosystems, covers });
}

/** Feeds list thousands of versions one by one that their ranges cover already; those are not worth storing. */
function covers(ecosystem: string, ranges: readonly AffectedRange[], version: string): boolean {
	const row = ecosystems.find(({ osv }) => osv === baseOf(ecosystem));
	if (!row) return false;
	return evaluate([{ ecosystem, name: "", ranges, versions: [] }], version, row.ordering).affected;
}
