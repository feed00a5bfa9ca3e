import type {
	Finding,
	OperatingSystem,
	Report,
	ReportArtifact,
	ReportFilter,
	ReportPackage,
	Summary,
	Suppression,
	Warning,
} from "#model";
import { safeJson } from "../safe-json.ts";

/**
 * A report as JSON: the fields of the report model in a fixed order and nothing else, so that the same report is
 * always the same bytes. Described by docs/report.schema.json. Ends with a newline.
 */
export function renderJson(report: Report): string {
	return safeJson(orderedReport(report));
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
			database: report.advisories.database,
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
		os: os && orderedOs(os),
		layers: layers.map(({ index, digest, diffId, createdBy, size }) => ({ index, digest, diffId, createdBy, size })),
		base: base && { name: base.name, digest: base.digest },
	};
}

function orderedOs({ id, versionId, prettyName, eol, idLike, extended }: OperatingSystem): object {
	return { id, versionId, prettyName, eol, idLike, extended };
}

function orderedWarning({ code, message, layer, path }: Warning): object {
	return { code, message, layer, path };
}

function orderedSummary(summary: Summary): object {
	const { critical, high, medium, low, negligible, unknown, total, fixable, suppressed } = summary;
	return { critical, high, medium, low, negligible, unknown, total, fixable, suppressed };
}

function orderedFinding(finding: Finding): object {
	const { id, aliases, severity, severitySource, title, fixedVersion, state, origin, references } = finding;
	const { description, cwes, published, kev, epss, suppressed } = finding;
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
		description,
		cwes,
		published,
		kev: kev && { added: kev.added, due: kev.due, ransomware: kev.ransomware },
		epss: epss && { score: epss.score, percentile: epss.percentile, date: epss.date },
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
		suppressed: suppressed && orderedSuppression(suppressed),
	};
}

function orderedSuppression({ by, reason, status, justification, owner, expires }: Suppression): object {
	return { by, reason, status, justification, owner, expires };
}

function orderedPackage(pkg: ReportPackage): object {
	const { name, version, type, purl, arch, source, modularity, thirdParty, ownedBy, layer, path, paths } = pkg;
	return {
		name,
		version,
		type,
		purl,
		arch,
		source: orderedSource(source),
		modularity,
		thirdParty,
		ownedBy,
		layer,
		path,
		paths,
		requires: pkg.requires,
		parents: pkg.parents,
	};
}

function orderedSource(source: { readonly name: string; readonly version: string } | undefined): object | undefined {
	return source && { name: source.name, version: source.version };
}

function orderedFilter({ severities, fixableOnly, hidden }: ReportFilter): object {
	return { severities, fixableOnly, hidden };
}
