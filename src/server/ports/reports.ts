import type { Id } from "#contract";
import type { Report } from "#model";
import type { Sight } from "./sight.ts";

export interface ReportSource {
	/**
	 * The report on what is kept of an image, judged by the advisories that results are of; of an index, on its children.
	 * Null when there is no such artifact within sight, `no_result` when it was never scanned to an end.
	 */
	report(
		artifactId: Id,
		sight: Sight,
		options: { readonly listPackages: boolean },
	): Promise<Report | "no_result" | null>;
}
