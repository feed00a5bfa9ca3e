import { type CvssScore, type Finding, type Severity, type Suppression, severityFromScore } from "#model";
import { linkOf, sourceOf, webAddresses } from "../links.ts";
import { momentOf } from "../moments.ts";
import { unique } from "../stable-id.ts";
import { cutVersion, properties } from "./components.ts";

/** The findings of one image, and the components they are about. */
export interface Judged {
	readonly report: { readonly findings: readonly Finding[] };
	readonly refsOf: (finding: Finding) => readonly string[];
}

/** An analysis holds for a whole entry, so what is judged or rated differently is an entry of its own. */
export function vulnerabilitiesOf(images: readonly Judged[]): readonly object[] {
	const entries = new Map<string, Entry>();
	for (const { report, refsOf } of images) {
		for (const finding of report.findings) {
			const { id, severity, severitySource, cvss, state, suppressed } = finding;
			const key = JSON.stringify([id, severity, severitySource, cvss, state, suppressed]);
			const entry = entries.get(key) ?? { finding, affected: [] };
			entries.set(key, entry);
			for (const ref of refsOf(finding)) entry.affected.push({ ref, finding });
		}
	}
	const all = [...entries.values()];
	const refs = unique(all.map(({ finding }) => `vulnerability ${finding.id}`));
	return all.map((entry, index) => vulnerabilityOf(entry, refs[index] ?? ""));
}

interface Entry {
	readonly finding: Finding;
	readonly affected: { readonly ref: string; readonly finding: Finding }[];
}

function vulnerabilityOf({ finding, affected }: Entry, ref: string): object {
	const { id, aliases, title, description, published, kev, epss } = finding;
	return {
		"bom-ref": ref,
		id,
		source: { name: sourceOf(id), url: linkOf(id) },
		references: aliases.map((alias) => ({ id: alias, source: { name: sourceOf(alias), url: linkOf(alias) } })),
		ratings: ratingsOf(finding),
		cwes: cwesOf(finding.cwes ?? []),
		description: title ?? description,
		detail: title === undefined ? undefined : description,
		recommendation: recommendation(affected.map((each) => each.finding)),
		advisories: webAddresses(finding.references).map((url) => ({ url })),
		published: momentOf(published),
		analysis: finding.suppressed && analysisOf(finding.suppressed),
		affects: affects(affected),
		properties: properties([
			["plimsoll:state", finding.state],
			["plimsoll:kev:added", kev?.added],
			["plimsoll:kev:due", kev?.due],
			["plimsoll:kev:ransomware", kev && String(kev.ransomware)],
			["plimsoll:epss:score", epss && String(epss.score)],
			["plimsoll:epss:percentile", epss && String(epss.percentile)],
			["plimsoll:epss:date", epss?.date],
		]),
	};
}

const methods: Readonly<Record<CvssScore["version"], string>> = {
	"2.0": "CVSSv2",
	"3.0": "CVSSv3",
	"3.1": "CVSSv31",
	"4.0": "CVSSv4",
};

/** The report's own severity is among them: as the score that it came from, else as a rating without one. */
function ratingsOf({ severity, severitySource, cvss }: Finding): readonly object[] {
	const scored = cvss.map(({ source, version, vector, score }) => ({
		source: { name: source },
		score,
		severity: severityWords[severityFromScore(score)],
		method: methods[version],
		vector,
	}));
	const word = severityWords[severity];
	if (scored.some((rating) => rating.source.name === severitySource && rating.severity === word)) return scored;
	return [
		{ ...(severitySource === null ? {} : { source: { name: severitySource } }), severity: word, method: "other" },
		...scored,
	];
}

const severityWords: Readonly<Record<Severity, string>> = {
	critical: "critical",
	high: "high",
	medium: "medium",
	low: "low",
	negligible: "info",
	unknown: "unknown",
};

function cwesOf(cwes: readonly string[]): readonly number[] | undefined {
	const numbers = cwes.map((cwe) => Number(/^CWE-([1-9]\d{0,8})$/.exec(cwe)?.[1] ?? 0)).filter((cwe) => cwe > 0);
	return numbers.length > 0 ? numbers : undefined;
}

function recommendation(findings: readonly Finding[]): string | undefined {
	const steps = findings.flatMap(({ package: { name }, fixedVersion }) =>
		fixedVersion === null ? [] : [`Upgrade ${name} to ${fixedVersion} or later.`],
	);
	return steps.length > 0 ? [...new Set(steps)].join(" ") : undefined;
}

function affects(affected: Entry["affected"]): readonly object[] {
	const seen = new Set<string>();
	return affected.flatMap(({ ref, finding }) => {
		if (seen.has(ref)) return [];
		seen.add(ref);
		const { package: pkg, fixedVersion } = finding;
		const versions = [
			...(pkg.version === "" ? [] : [{ version: cutVersion(pkg.version), status: statusOf(finding) }]),
			...(fixedVersion === null ? [] : [{ version: cutVersion(fixedVersion), status: "unaffected" }]),
		];
		return [{ ref, ...(versions.length > 0 ? { versions } : {}) }];
	});
}

function statusOf({ suppressed, state }: Finding): string {
	if (suppressed !== undefined && suppressed.status !== "accepted") return "unaffected";
	return state === "under_investigation" ? "unknown" : "affected";
}

/** https://cyclonedx.org/docs/1.6/json/#vulnerabilities_items_analysis; an accepted risk is exploitable and stays. */
function analysisOf({ status, justification, by, reason, owner, expires }: Suppression): object {
	const states = { not_affected: "not_affected", fixed: "resolved", accepted: "exploitable" } as const;
	const known = justifications.get(justification ?? "");
	const parts = [
		reason,
		`Stated by ${by}.`,
		...(justification === undefined || known !== undefined ? [] : [`Justification: ${justification}.`]),
		...(owner === undefined ? [] : [`Owner: ${owner}.`]),
		...(expires === undefined ? [] : [`Until ${expires}.`]),
	];
	return {
		state: states[status],
		justification: status === "not_affected" ? known : undefined,
		response: status === "accepted" ? ["will_not_fix"] : undefined,
		detail: parts.join(" "),
	};
}

/** OpenVEX's words in CycloneDX's; one of OpenVEX's has no counterpart, and stands in the detail. */
const justifications: ReadonlyMap<string, string> = new Map([
	["component_not_present", "code_not_present"],
	["vulnerable_code_not_present", "code_not_present"],
	["vulnerable_code_not_in_execute_path", "code_not_reachable"],
	["inline_mitigations_already_exist", "protected_by_mitigating_control"],
]);
