import type { Report } from "#model";
import { type ReportFilter, renderCounts, renderFilter, renderResult } from "./counts.ts";
import { renderFindings } from "./findings.ts";
import { groupFindings } from "./groups.ts";
import { renderHeader } from "./header.ts";
import { renderPackages } from "./packages.ts";
import { partsOf } from "./parts.ts";
import { renderPlatforms } from "./platforms.ts";
import { createStyle } from "./style.ts";
import { renderWarnings } from "./warnings.ts";

export interface TableOptions {
	/** Width in columns; 100 without one, at least 40. */
	readonly columns?: number | undefined;
	readonly colour: boolean;
	/** Whether the reader's terminal shows characters outside ASCII. */
	readonly unicode: boolean;
	/** Set when `report` no longer lists all its findings; its summaries still count them all. */
	readonly filter?: ReportFilter | undefined;
}

/**
 * A report for people. What was not looked at stands before what was found; text from the image is made harmless;
 * lists are complete. Ends with a newline.
 */
export function renderTable(report: Report, options: TableOptions): string {
	const style = createStyle(Math.max(40, options.columns ?? 100), options.colour, options.unicode);
	const parts = partsOf(report);
	const groups = groupFindings(parts);
	const lines = [
		...renderHeader(report, style),
		"",
		...renderWarnings(report, style),
		...renderPlatforms(report, style),
		...renderCounts(report, groups, style),
		...renderFilter(report, options.filter, style),
		...renderFindings(groups, parts.length, style),
		...renderPackages(parts, style),
		...renderResult(report, options.filter, style),
	];
	while (lines.at(-1) === "") lines.pop();
	return `${lines.join("\n")}\n`;
}
