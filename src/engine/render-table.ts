import type { Report } from "#model";
import { newestVersion } from "./newest-version.ts";
import { renderTable as render, type TableOptions } from "./reports/table/index.ts";

/** The table, with the order of versions that the ecosystems give. */
export function renderTable(report: Report, options: Omit<TableOptions, "newest">): string {
	return render(report, { ...options, newest: newestVersion });
}
