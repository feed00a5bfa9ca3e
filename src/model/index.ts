export type {
	Advisory,
	Affected,
	AffectedOnly,
	AffectedRange,
	ExploitPrediction,
	KnownExploited,
	RangeEvent,
	Rating,
	SeverityVector,
	VersionConstraints,
	Vulnerability,
} from "./advisory.ts";
export { type Digest, digestAlgorithm, digestHex, isDigest, shortDigest } from "./digest.ts";
export type { CvssScore, Finding, FindingPackage, FindingState, LayerOrigin, Origin, Suppression } from "./finding.ts";
export type { Descriptor, ImageConfig, ImageIndex, ImageManifest } from "./image.ts";
export {
	type InstalledPackage,
	isOsPackageType,
	type OperatingSystem,
	type Package,
	type PackageType,
} from "./package.ts";
export { formatPlatform, matchesPlatform, type Platform, parsePlatform } from "./platform.ts";
export { purlOf } from "./purl.ts";
export type {
	AdvisorySource,
	Report,
	ReportAdvisories,
	ReportArtifact,
	ReportFilter,
	ReportLayer,
	ReportPackage,
	ReportStatus,
	Summary,
} from "./report.ts";
export { type RuntimeProduct, runtimeName, runtimeProducts } from "./runtimes.ts";
export { type Severity, severities, severityFromScore, severityRank } from "./severity.ts";
export { addSummaries, distinctFindings, summarise } from "./summary.ts";
export { compareText, counted } from "./text.ts";
export { makesPartial, type Warning, type WarningCode, warningCodes } from "./warning.ts";
