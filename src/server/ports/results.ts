import type { Id } from "#contract";
import type { ImageContents } from "#engine";
import type { Summary } from "#model";

/** What a finished scan of one image is kept as. */
export interface KeptResult {
	readonly status: "complete" | "partial";
	readonly summary: Summary;
}

export interface ResultStore {
	/**
	 * Judges what was found by the advisories that hold now and keeps it, in one transaction with the scan's final state:
	 * inventory, package versions and their matches (those not known yet), the artifact's shown result, the sums of the
	 * indexes above it. Repeatable: a scan that is final already stays as it is.
	 */
	keep(scanId: Id, contents: ImageContents): Promise<KeptResult>;
}
