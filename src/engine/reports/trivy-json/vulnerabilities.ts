import { type CvssScore, type Finding, type Report, severityFromScore } from "#model";
import { linkOf, webAddresses } from "../links.ts";
import { momentOf } from "../moments.ts";
import { severityNumbers, severityWords, statusWords } from "./kinds.ts";

/** A finding as Trivy's DetectedVulnerability. */
export function vulnerabilityOf(finding: Finding, path: string, report: Report): object {
	const { id, aliases, package: pkg, fixedVersion, severity, severitySource, title, description, cwes = [] } = finding;
	const layer = report.artifact.layers[finding.origin.layer.index];
	const vendorIds = aliases.filter((alias) => !alias.startsWith("CVE-"));
	const { kev, epss } = finding;
	return {
		VulnerabilityID: id,
		...(vendorIds.length > 0 ? { VendorIDs: vendorIds } : {}),
		PkgID: `${pkg.name}@${pkg.version}`,
		PkgName: pkg.name,
		...(path === "" ? {} : { PkgPath: path }),
		PkgIdentifier: { PURL: pkg.purl },
		InstalledVersion: pkg.version,
		...(fixedVersion === null ? {} : { FixedVersion: fixedVersion }),
		Status: statusWords[finding.state],
		Layer: layer ? { Digest: layer.digest, DiffID: layer.diffId } : {},
		...(severitySource === null ? {} : { SeveritySource: sourceId(severitySource) }),
		PrimaryURL: linkOf(id),
		DataSource: { ID: "plimsoll", Name: "Plimsoll advisory database" },
		...(title === undefined ? {} : { Title: title }),
		...(description === undefined ? {} : { Description: description }),
		Severity: severityWords[severity],
		...(cwes.length > 0 ? { CweIDs: cwes } : {}),
		...scores(finding),
		References: webAddresses(finding.references),
		...dated(finding.published),
		...(kev || epss ? { Custom: { ...(kev ? { kev } : {}), ...(epss ? { epss } : {}) } } : {}),
	};
}

/** Trivy names sources by database, not by record. */
function sourceId(source: string): string {
	return source.startsWith("GHSA-") ? "ghsa" : source;
}

function dated(published: string | undefined): object {
	const moment = momentOf(published);
	return moment === undefined ? {} : { PublishedDate: moment };
}

function scores({ cvss, severity, severitySource }: Finding): object {
	const bySource = new Map<string, Record<string, string | number>>();
	const rated = new Map<string, number>();
	for (const each of cvss) {
		const source = sourceId(each.source);
		const known = bySource.get(source) ?? {};
		bySource.set(source, known);
		const field = fields[each.version];
		known[`${field}Vector`] ??= each.vector;
		known[`${field}Score`] ??= each.score;
		rated.set(source, Math.max(rated.get(source) ?? 0, severityNumbers[severityFromScore(each.score)]));
	}
	if (severitySource !== null) rated.set(sourceId(severitySource), severityNumbers[severity]);
	return {
		...(rated.size > 0 ? { VendorSeverity: Object.fromEntries(rated) } : {}),
		...(bySource.size > 0 ? { CVSS: Object.fromEntries(bySource) } : {}),
	};
}

const fields: Readonly<Record<CvssScore["version"], string>> = { "2.0": "V2", "3.0": "V3", "3.1": "V3", "4.0": "V40" };
