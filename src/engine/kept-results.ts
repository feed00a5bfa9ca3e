/** What results that are kept need besides the judgement of each package version. */
import { makesPartial, type ReportStatus } from "#model";
import { adviceOnAdvisories } from "./advisory-age.ts";
import type { ImageContents } from "./image-contents.ts";
import type { AdvisoryStore } from "./ports.ts";
import { statusOf, warningsOn } from "./report.ts";

/** Whether an image was read as a whole, whatever the advisories are. */
export function isWhollyRead(contents: ImageContents): boolean {
	return !warningsOn(contents, "drop").some(makesPartial);
}

/** What the state of the advisories makes of every report: `partial` when they are old, or next to nothing. */
export function statusBy(store: AdvisoryStore, now: Date): ReportStatus {
	return statusOf(adviceOnAdvisories(store, new Set(), now));
}
