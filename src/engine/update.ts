import type { AffectedRange } from "#model";
import type { UpdateResult } from "./advisories/types.ts";
import { updateAdvisories as build, type UpdateOptions } from "./advisories/update.ts";
import { advisoryEcosystems, ecosystems } from "./ecosystems.ts";
import { evaluate } from "./matching/ranges.ts";

/**
 * Builds a new advisory database from a bucket of OSV records and makes it the current one; the old one counts until
 * the last step. Without `ecosystems`: all that there is a row for.
 * @throws EngineError advisories_source_unusable, advisories_download_failed, aborted
 */
export function updateAdvisories(
	options: Omit<UpdateOptions, "ecosystems" | "covers"> & { readonly ecosystems?: readonly string[] | null },
): Promise<UpdateResult> {
	return build({ ...options, ecosystems: options.ecosystems ?? advisoryEcosystems, covers });
}

/** Feeds list thousands of versions one by one that their ranges cover already; those are not worth storing. */
function covers(ecosystem: string, ranges: readonly AffectedRange[], version: string): boolean {
	const base = ecosystem.split(":")[0];
	const row = ecosystems.find(({ osv }) => osv === base);
	if (!row) return false;
	return evaluate([{ ecosystem, name: "", ranges, versions: [] }], version, row.ordering).affected;
}
