import type { Finding, Report, ReportArtifact, ReportFilter, ReportPackage, Summary, Warning } from "#model";

/**
 * A report as JSON: the fields of the report model in a fixed order and nothing else, so that the same report is
 * always the same bytes. Described by docs/report.schema.json. Ends with a newline.
 */
export function renderJson(report: Report): string {
	return `${JSON.stringify(orderedReport(report), null, 2).replace(unsafeOnTerminals, asEscape)}\n`;
}

/**
 * Characters that JSON allows raw in strings, but that a terminal or an editor obeys: C1 controls, bidirectional
 * controls, line separators, invisible characters. They only ever stand inside strings, where an escape means the same.
 */
const unsafeOnTerminals = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

function asEscape(character: string): string {
	return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function orderedReport(report: Report): object {
	const { schemaVersion, kind, createdAt, status, packageCount, judgedCount } = report;
	return {
		schemaVersion,
		kind,
		createdAt,
		artifact: orderedArtifact(report.artifact),
		scanner: { name: report.scanner.name, version: report.scanner.version },
		advisories: report.advisories && {
			digest: report.advisories.digest,
			builtAt: report.advisories.builtAt,
			sources: report.advisories.sources.map(({ ecosystem, records, newest }) => ({ ecosystem, records, newest })),
		},
		status,
		warnings: report.warnings.map(orderedWarning),
		summary: orderedSummary(report.summary),
		findings: report.findings.map(orderedFinding),
		packageCount,
		judgedCount,
		packages: report.packages?.map(orderedPackage),
		manifests: report.manifests?.map(orderedReport),
		unionSummary: report.unionSummary && orderedSummary(report.unionSummary),
		filter: report.filter && orderedFilter(report.filter),
	};
}

function orderedArtifact(artifact: ReportArtifact): object {
	const { name, digest, mediaType, platform, os, layers, base } = artifact;
	return {
		name,
		digest,
		mediaType,
		platform,
		os: os && { id: os.id, versionId: os.versionId, prettyName: os.prettyName, eol: os.eol },
		layers: layers.map(({ index, digest, diffId, createdBy, size }) => ({ index, digest, diffId, createdBy, size })),
		base: base && { name: base.name, digest: base.digest },
	};
}

function orderedWarning({ code, message, layer, path }: Warning): object {
	return { code, message, layer, path };
}

function orderedSummary(summary: Summary): object {
	const { critical, high, medium, low, negligible, unknown, total, fixable } = summary;
	return { critical, high, medium, low, negligible, unknown, total, fixable };
}

function orderedFinding(finding: Finding): object {
	const { id, aliases, severity, severitySource, title, fixedVersion, state, origin, references } = finding;
	const { name, version, type, purl, source } = finding.package;
	return {
		id,
		aliases,
		severity,
		severitySource,
		cvss: finding.cvss.map(({ source: from, version: cvss, vector, score }) => ({
			source: from,
			version: cvss,
			vector,
			score,
		})),
		title,
		package: { name, version, type, purl, source: orderedSource(source) },
		fixedVersion,
		state,
		origin: {
			layer: { index: origin.layer.index, digest: origin.layer.digest, createdBy: origin.layer.createdBy },
			kind: origin.kind,
			paths: origin.paths,
			parents: origin.parents,
		},
		references,
	};
}

function orderedPackage(pkg: ReportPackage): object {
	const { name, version, type, purl, arch, source, thirdParty, ownedBy, layer, path, paths } = pkg;
	return { name, version, type, purl, arch, source: orderedSource(source), thirdParty, ownedBy, layer, path, paths };
}

function orderedSource(source: { readonly name: string; readonly version: string } | undefined): object | undefined {
	return source && { name: source.name, version: source.version };
}

function orderedFilter({ severities, fixableOnly, hidden }: ReportFilter): object {
	return { severities, fixableOnly, hidden };
}
