import { counted, type Report, type ReportStatus } from "#model";
import { ageText, isEndOfLife, momentText, osText, sizeText } from "../facts.ts";
import { partsOf, shortened } from "../parts.ts";
import { printable } from "../printable.ts";
import { statusSentence } from "../verdict.ts";
import { type Content, type Html, html } from "./markup.ts";

/** What was scanned, with what, and whether all of it was looked at. */
export function headerOf(report: Report): Html {
	const { status, text } = statusSentence(report);
	return html`<header>
<div class="brand">${mark}<span>Plimsoll report</span></div>
<div class="panel">
<h1 class="mono">${printable(report.artifact.name)}</h1>
<p class="status ${status}">${icons[status]}<span><b>${status}</b>: ${text}</span></p>
${factList(factsOf(report))}</div>
</header>`;
}

export type Fact = readonly [label: string, value: Content];

/** A list of what is known; nothing stands for what is not. */
export function factList(facts: readonly Fact[]): Html | null {
	const known = facts.filter(([, value]) => value !== "" && value !== null && value !== undefined);
	if (known.length === 0) return null;
	return html`<dl class="facts">${known.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>
`;
}

function factsOf(report: Report): readonly Fact[] {
	const { digest, platform, base, layers } = report.artifact;
	const parts = partsOf(report);
	const isIndex = report.kind === "index";
	const labels = parts[0]?.report === report ? "" : parts.map((part) => part.label).join(", ");
	const bytes = layers.reduce((sum, layer) => sum + layer.size, 0);
	const system = isIndex ? "" : osText(report);
	return [
		["Digest", code(printable(digest))],
		[isIndex ? "Platforms" : "Platform", isIndex ? labels : printable(platform)],
		["System", isEndOfLife(report) ? html`<span class="over">${system}</span>` : system],
		["Base image", base === null ? "" : code(`${printable(base.name)} ${shortened(base.digest)}`.trim())],
		["Layers", layers.length === 0 ? "" : `${layers.length}, ${sizeText(bytes)} compressed`],
		[
			"Scanned",
			`${momentText(report.createdAt)} by ${printable(report.scanner.name)} ${printable(report.scanner.version)}`,
		],
		["Advisories", advisoriesText(report)],
	];
}

function advisoriesText({ advisories, createdAt }: Report): Content {
	if (advisories === null) return html`<span class="over">none were used</span>`;
	const built = `built ${momentText(advisories.builtAt)}${ageText(advisories.builtAt, createdAt)}`;
	const sources = advisories.sources.map((source) => printable(source.ecosystem));
	const names = sources.length > namedFeeds ? "" : `: ${sources.join(", ")}`;
	return html`${built}, ${code(shortened(advisories.digest))}, from ${counted(sources.length, "feed")}${sources.length > 0 ? names : ""}`;
}

/** More than these fill lines that everybody has to read past. */
const namedFeeds = 5;

export function code(text: string): Html | null {
	return text === "" ? null : html`<code>${text}</code>`;
}

export function footerOf(report: Report): Html {
	const { digest } = report.advisories ?? { digest: "" };
	return html`<footer>
<p>Made by ${printable(report.scanner.name)} ${printable(report.scanner.version)} on ${momentText(report.createdAt)}${digest && html` with the advisory database <code>${printable(digest)}</code>`}. Severities are the advisories' own; KEV is CISA's catalogue of known exploited vulnerabilities, EPSS is FIRST's estimate that a vulnerability is exploited within 30 days.</p>
</footer>`;
}

/** The load line: a circle and the line through it. */
const mark = html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.2" aria-hidden="true"><circle cx="12" cy="12" r="8"/><path d="M1 12h22"/></svg>`;

const tick = html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="m7.5 12.5 3 3 6-6.5"/></svg>`;
const alert = html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M12 3 1.8 20.5h20.4z"/><path d="M12 10v4.5M12 17.6v.1"/></svg>`;
const cross = html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="m8.5 8.5 7 7m0-7-7 7"/></svg>`;

export const icons: Readonly<Record<ReportStatus, Html>> = { complete: tick, partial: alert, failed: cross };
