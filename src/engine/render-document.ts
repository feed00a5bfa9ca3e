import type { Report } from "#model";
import { newestVersion } from "./newest-version.ts";
import { renderCsv } from "./reports/csv/index.ts";
import { renderCycloneDx } from "./reports/cyclonedx/index.ts";
import { renderHtml } from "./reports/html/index.ts";
import { renderJson } from "./reports/json/index.ts";
import { renderSarif } from "./reports/sarif/index.ts";
import { renderSpdx } from "./reports/spdx/index.ts";
import { renderTrivyJson } from "./reports/trivy-json/index.ts";

/** Formats for other programs and for keeping; the table is for terminals. */
const renderers = {
	json: renderJson,
	sarif: renderSarif,
	cyclonedx: renderCycloneDx,
	spdx: renderSpdx,
	csv: renderCsv,
	html: (report) => renderHtml(report, { newest: newestVersion }),
	"trivy-json": renderTrivyJson,
} as const satisfies Record<string, (report: Report) => string>;

export type DocumentFormat = keyof typeof renderers;

/** The report as a document; the same report gives the same text. */
export function renderDocument(format: DocumentFormat, report: Report): string {
	return renderers[format](report);
}
