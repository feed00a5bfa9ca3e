import type { Report } from "#model";
import { groupFindings } from "../groups.ts";
import { partsOf } from "../parts.ts";
import type { NewestVersion } from "../upgrades.ts";
import { renderCounts, renderFilter, renderResult, renderSuppressed } from "./counts.ts";
import { renderFindings } from "./findings.ts";
import { renderHeader } from "./header.ts";
import { renderPackages } from "./packages.ts";
import { renderPlatforms } from "./platforms.ts";
import { createStyle } from "./style.ts";
import { renderUpgrades } from "./upgrades.ts";
import { renderWarnings } from "./warnings.ts";

export interface TableOptions {
	/** Width in columns; 100 without one, at least 40. */
	readonly columns?: number | undefined;
	readonly colour: boolean;
	/** Whether the reader's terminal shows characters outside ASCII. */
	readonly unicode: boolean;
	/** Orders fixed versions, for what to upgrade to; without it a package with several of them names none. */
	readonly newest?: NewestVersion;
}

/**
 * A report for people. What was not looked at stands before what was found; text from the image is made harmless;
 * lists are complete but for suppressed findings, which are counted. Ends with a newline.
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
		...renderFilter(report, style),
		...renderFindings(groups, parts.length, style),
		...renderPackages(parts, style),
		...renderUpgrades(groups, options.newest, style),
		...renderSuppressed(report, style),
		...renderResult(report, style),
	];
	while (lines.at(-1) === "") lines.pop();
	return `${lines.join("\n")}\n`;
}
