import { createHash } from "node:crypto";
import type { Report } from "#model";
import { groupFindings } from "../groups.ts";
import { partsOf } from "../parts.ts";
import { printable } from "../printable.ts";
import type { NewestVersion } from "../upgrades.ts";
import { filterStyle } from "./filter.ts";
import { findingsSection } from "./findings.ts";
import { footerOf, headerOf } from "./header.ts";
import { type Html, html } from "./markup.ts";
import { packagesSection } from "./packages.ts";
import { platformsSection } from "./platforms.ts";
import { style } from "./style.ts";
import { barStyle, summarySection } from "./summary.ts";
import { suppressedSection } from "./suppressed.ts";
import { upgradesSection } from "./upgrades.ts";
import { warningsSections } from "./warnings.ts";

export interface HtmlOptions {
	/** Orders fixed versions, for what to upgrade to; without it a package with several of them names none. */
	readonly newest?: NewestVersion;
}

/**
 * A report as one HTML page for people: no script, nothing loaded, and a policy that forbids both. What was not looked
 * at stands before what was found. All text from the image and the feeds is escaped, and made harmless first.
 */
export function renderHtml(report: Report, options: HtmlOptions = {}): string {
	const parts = partsOf(report);
	const groups = groupFindings(parts);
	const warnings = warningsSections(report);
	const body = html`${headerOf(report)}
<main>
${warnings.notLookedAt}${summarySection(report, groups)}${platformsSection(report)}${upgradesSection(groups, options.newest)}${findingsSection(report, groups, parts.length, options.newest)}${suppressedSection(parts)}${warnings.notes}${packagesSection(parts)}
</main>
${footerOf(report)}`;
	return page(report, body);
}

function page(report: Report, body: Html): string {
	const css = style + barStyle(report) + filterStyle;
	const hash = createHash("sha256").update(css).digest("base64");
	const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
	const head = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${{ html: policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${printable(report.artifact.name)}: Plimsoll report</title>
<style>${{ html: css }}</style>
</head>
<body>
`;
	return `${head.html}${body.html}\n</body>\n</html>\n`;
}
