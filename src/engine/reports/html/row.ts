import type { Finding, Severity } from "#model";
import { fixText } from "../fix-text.ts";
import type { GroupRow, PackageGroup } from "../groups.ts";
import { linkOf, webAddresses } from "../links.ts";
import { printable } from "../printable.ts";
import { rowClasses } from "./filter.ts";
import { code, type Fact, factList } from "./header.ts";
import { type Html, html } from "./markup.ts";
import { kevChip } from "./upgrades.ts";

/** A finding as a row: what it is, what mends it, how bad and how likely, and more on request. */
export function findingRow(row: GroupRow, group: PackageGroup): Html {
	const { id, severity, fixedVersion, finding } = row;
	const fix = fixedVersion === null ? fixText(row) : versionOf(fixedVersion);
	return html`<tr class="${rowClasses(severity, finding.kev !== undefined, fixedVersion !== null)}"><td>${severityChip(severity)}${finding.kev ? html` ${kevChip(1)}` : null}</td><td><a class="mono" rel="noreferrer noopener" href="${linkOf(id)}">${printable(id)}</a></td><td>${fix}</td><td class="number" data-label="CVSS">${scoreOf(finding)}</td><td class="number" data-label="EPSS">${finding.epss ? percent(finding.epss.score) : ""}</td><td>${about(row)}${exceptions(row, group)}</td></tr>
`;
}

/** In one piece, unless it is longer than any real one. */
function versionOf(version: string): Html {
	const text = printable(version);
	return html`<span class="${text.length <= 32 ? "mono version" : "mono"}">${text}</span>`;
}

export function severityChip(severity: Severity): Html {
	return html`<span class="chip ${severity}">${severity}</span>`;
}

/** The score that the severity came from, else the first. */
function scoreOf({ cvss, severitySource }: Finding): string {
	const score = cvss.find(({ source }) => source === severitySource) ?? cvss[0];
	return score ? score.score.toFixed(1) : "";
}

/** Whole percents, but no zero for what is not zero. */
function percent(share: number): string {
	if (share > 0 && share < 0.01) return "< 1 %";
	return `${Math.round(share * 100)} %`;
}

/** The title, else the beginning of the description; it opens what more is known. */
function about({ title, finding }: GroupRow): Html {
	const text = printable(title) || beginningOf(finding.description ?? "");
	const words = text === "" ? html`<span class="soft">no description</span>` : html`${text}`;
	const description = textOf(finding.description ?? "");
	const facts = factList(detailsOf(finding));
	if (facts === null && description === "") return words;
	return html`<details class="more"><summary>${words}</summary>${description === "" ? null : html`<p class="text">${description}</p>`}${facts}</details>`;
}

function beginningOf(description: string): string {
	const line = printable(description);
	return line.length <= 160 ? line : `${line.slice(0, 159).toWellFormed().trimEnd()}…`;
}

/** For which packages and platforms a row holds, when that is not all of the group's. */
function exceptions(row: GroupRow, group: PackageGroup): Html | null {
	const facts = [
		...(row.packages.size < group.packages.size ? [`only in ${[...row.packages].map(printable).join(", ")}`] : []),
		...(row.parts.size < group.parts.size ? [`only on ${[...row.parts].join(", ")}`] : []),
	];
	return facts.length === 0 ? null : html`<div class="soft">${facts.join("; ")}</div>`;
}

/** Text of several lines, each harmless. */
function textOf(text: string): string {
	return text
		.split("\n")
		.map(printable)
		.join("\n")
		.replace(/\n{3,}/g, "\n\n")
		.trim();
}

function detailsOf(finding: Finding): readonly Fact[] {
	const { kev, epss, cvss, severitySource, aliases, cwes = [], published, references } = finding;
	const due = kev?.due === undefined ? "" : `, US agencies had until ${kev.due}`;
	const scores = cvss.map(
		(score) =>
			html`<div>${score.score.toFixed(1)} <code>${printable(score.vector)}</code> <span class="soft">${printable(score.source)}</span></div>`,
	);
	const links = webAddresses(references).map(
		(address) => html`<div><a rel="noreferrer noopener" href="${address}">${printable(address)}</a></div>`,
	);
	return [
		[
			"Exploited",
			kev ? `known since ${printable(kev.added)}${printable(due)}${kev.ransomware ? "; used by ransomware" : ""}` : "",
		],
		["EPSS", epss ? `${percent(epss.score)}; ${(epss.percentile * 100).toFixed(1)} % of all have this or less` : ""],
		["CVSS", scores.length > 0 ? scores : ""],
		["Rated by", printable(severitySource ?? "")],
		["Also known as", aliases.map(printable).join(", ")],
		["Weaknesses", cwes.length > 0 ? cwes.map(weakness) : ""],
		["Published", printable(published?.slice(0, 10) ?? "")],
		["References", links.length > 0 ? links : ""],
	];
}

function weakness(cwe: string, index: number): Html {
	const number = /^CWE-(\d{1,9})$/.exec(cwe)?.[1];
	const name =
		number === undefined
			? code(printable(cwe))
			: html`<a rel="noreferrer noopener" href="https://cwe.mitre.org/data/definitions/${number}.html">${cwe}</a>`;
	return html`${index === 0 ? "" : ", "}${name}`;
}
