import { type Finding, isOsPackageType, type Severity, severityFromScore, severityRank } from "#model";
import { linkOf, webAddresses } from "../links.ts";
import { printable } from "../printable.ts";
import { inMarkdown, linkInMarkdown } from "./markdown.ts";

/** One rule a vulnerability, with what holds for every package that has it; the worst of its severities counts. */
export class RuleBook {
	readonly #rules = new Map<string, Finding[]>();
	readonly #indexes = new Map<string, number>();

	constructor(findings: readonly Finding[]) {
		for (const finding of findings) {
			const known = this.#rules.get(finding.id);
			if (known) known.push(finding);
			else {
				this.#indexes.set(finding.id, this.#rules.size);
				this.#rules.set(finding.id, [finding]);
			}
		}
	}

	/** The position of a vulnerability's rule; -1 for one that no finding has. */
	indexOf(id: string): number {
		return this.#indexes.get(id) ?? -1;
	}

	descriptors(): readonly object[] {
		return [...this.#rules.values()].map(descriptorOf);
	}
}

/** SARIF knows three levels. What nobody rated may be of any severity, so it is not let down to a note. */
export const levels: Readonly<Record<Severity, "error" | "warning" | "note">> = {
	critical: "error",
	high: "error",
	medium: "warning",
	low: "note",
	negligible: "note",
	unknown: "warning",
};

function descriptorOf(findings: readonly Finding[]): object {
	const worst = findings.toSorted((a, b) => severityRank(a.severity) - severityRank(b.severity))[0];
	if (worst === undefined) return {};
	const { id, title, description, severity } = worst;
	const words = printable(title ?? "");
	const short = words === "" ? `${printable(id)} in ${printable(worst.package.name)}` : `${printable(id)}: ${words}`;
	const score = securitySeverity(worst);
	return {
		id,
		name: findings.some(({ package: pkg }) => isOsPackageType(pkg.type))
			? "OsPackageVulnerability"
			: "LanguagePackageVulnerability",
		shortDescription: { text: cut(short) },
		fullDescription: { text: cut(lines(description ?? "") || short) },
		helpUri: linkOf(id),
		help: { text: helpText(worst, findings), markdown: helpMarkdown(worst, findings, short) },
		defaultConfiguration: { level: levels[severity] },
		properties: {
			...(score === null ? {} : { "security-severity": score }),
			precision: "very-high",
			tags: tagsOf(worst),
		},
	};
}

/** GitHub takes this many characters. */
const longestDescription = 1024;

function cut(text: string): string {
	return text.length <= longestDescription
		? text
		: `${text
				.slice(0, longestDescription - 1)
				.toWellFormed()
				.trimEnd()}…`;
}

/** Text of several lines, each harmless. */
function lines(text: string): string {
	return text
		.split("\n")
		.map(printable)
		.join("\n")
		.replace(/\n{3,}/g, "\n\n")
		.trim();
}

/**
 * GitHub shows this number's band in place of our word (critical > 9.0, high ≥ 7.0, medium ≥ 4.0, low ≥ 0.1), so it must
 * be of the finding's severity: a score of that band where there is one, else the middle of the band.
 */
function securitySeverity({ severity, severitySource, cvss }: Finding): string | null {
	const fitting = cvss.filter(({ score }) => severityFromScore(score) === severity && bandOf(score) === severity);
	const score = fitting.find(({ source }) => source === severitySource) ?? fitting[0];
	return score ? score.score.toFixed(1) : middles[severity];
}

function bandOf(score: number): Severity {
	if (score > 9) return "critical";
	if (score >= 7) return "high";
	if (score >= 4) return "medium";
	return score >= 0.1 ? "low" : "negligible";
}

const middles: Readonly<Record<Severity, string | null>> = {
	critical: "9.5",
	high: "8.0",
	medium: "5.5",
	low: "2.0",
	negligible: "0.1",
	unknown: null,
};

/** GitHub takes 20 tags a rule and shows 10. */
function tagsOf({ severity, kev, cwes = [], package: pkg }: Finding): readonly string[] {
	const weaknesses = cwes.flatMap((cwe) => /^CWE-(\d{1,9})$/.exec(cwe)?.[1] ?? []);
	return [
		"security",
		"vulnerability",
		severity,
		pkg.type,
		...(kev ? ["KEV"] : []),
		...(kev?.ransomware ? ["ransomware"] : []),
		...weaknesses.slice(0, 4).map((number) => `external/cwe/cwe-${number.padStart(3, "0")}`),
	];
}

type Fact = readonly [label: string, value: string];

function factsOf(worst: Finding): readonly Fact[] {
	const { severity, severitySource, cvss, kev, epss, cwes = [], published, aliases } = worst;
	const percent = (share: number): string => `${(share * 100).toFixed(share < 0.01 ? 2 : 1)} %`;
	const exploited = kev && `yes, in CISA's catalogue since ${kev.added}${kev.ransomware ? ", used by ransomware" : ""}`;
	const facts: readonly (readonly [string, string | undefined])[] = [
		["Severity", severitySource === null ? severity : `${severity} (by ${severitySource})`],
		["CVSS", cvss.map(({ source, version, score }) => `${score.toFixed(1)} (${version}, ${source})`).join(", ")],
		["Known to be exploited", exploited],
		["EPSS", epss && `${percent(epss.score)}, at least that of ${percent(epss.percentile)} of all`],
		["Weaknesses", cwes.join(", ")],
		["Published", published?.slice(0, 10)],
		["Also known as", aliases.join(", ")],
	];
	return facts.flatMap(([label, value]): Fact[] => (value ? [[label, printable(value)]] : []));
}

/** What is installed and where it is mended, each package version once. */
function packagesOf(findings: readonly Finding[]): readonly string[] {
	const texts = findings.map(({ package: pkg, fixedVersion }) => {
		const fix = fixedVersion === null ? "no fixed version is known" : `fixed in ${fixedVersion}`;
		return printable(`${pkg.name} ${pkg.version}: ${fix}`);
	});
	return [...new Set(texts)];
}

function helpText(worst: Finding, findings: readonly Finding[]): string {
	return [
		...factsOf(worst).map(([label, value]) => `${label}: ${value}`),
		...packagesOf(findings).map((text) => `Package ${text}`),
		`More: ${linkOf(worst.id)}`,
	].join("\n");
}

function helpMarkdown(worst: Finding, findings: readonly Finding[], short: string): string {
	const description = lines(worst.description ?? "");
	const links = [linkOf(worst.id), ...webAddresses(worst.references)];
	return [
		`**${inMarkdown(short)}**`,
		...(description === "" ? [] : ["", ...description.split("\n").map(inMarkdown)]),
		"",
		"| | |",
		"| --- | --- |",
		...factsOf(worst).map(([label, value]) => `| ${label} | ${inMarkdown(value)} |`),
		"",
		"**Packages**",
		"",
		...packagesOf(findings).map((text) => `- ${inMarkdown(text)}`),
		"",
		"**References**",
		"",
		...[...new Set(links)].map((address) => `- ${linkInMarkdown(address)}`),
	].join("\n");
}

/** The most severe first, for readers that stop early. */
export function bySeverity(a: Finding, b: Finding): number {
	return severityRank(a.severity) - severityRank(b.severity);
}
