export { type AdvisoryChanges, changesBetween } from "./advisories/database/changes.ts";
export { compareSnapshots } from "./advisories/database/changes-thread.ts";
export { openAdvisories, openSnapshot } from "./advisories/database/reader.ts";
export { currentSnapshot, type Snapshot } from "./advisories/database/snapshots.ts";
export { type SnapshotVerdict, verifySnapshot } from "./advisories/database/verify.ts";
export type { Feed } from "./advisories/database/writer.ts";
export { publicOsvBucket } from "./advisories/osv/index.ts";
export { type AdvisoriesStatus, advisoriesStatus } from "./advisories/status.ts";
export type { MalformedRecord, UpdateProgress, UpdateResult } from "./advisories/types.ts";
export { requireRecent } from "./advisory-age.ts";
export { EngineError, type EngineErrorCode, engineErrorCodes } from "./errors.ts";
export { type DatabaseChoice, databaseChoices, findDatabase } from "./exchange/database-sources.ts";
export {
	type ExportProgress,
	type ExportRequest,
	type ExportResult,
	exportDatabase,
} from "./exchange/export-database.ts";
export {
	type ImportProgress,
	type ImportRequest,
	type ImportResult,
	importDatabase,
} from "./exchange/import-database.ts";
export { matcherOver } from "./findings.ts";
export { layoutTags } from "./image/sources/layout-tags.ts";
export { openOciLayout } from "./image/sources/oci-layout.ts";
export type { BlobOptions, BlobVisitor, Document, ImageSource } from "./image/types.ts";
export type { ImageContents } from "./image-contents.ts";
export { parseManifest } from "./image-documents/manifest.ts";
export { isLayerMediaType } from "./image-documents/media-types.ts";
export { folderLayerCache } from "./inventory/layer-cache.ts";
export { type Judgement, judging, type LookupName } from "./judge.ts";
export { isWhollyRead, statusBy } from "./kept-results.ts";
export type { PackageMatch } from "./matching/match.ts";
export { type OpenedImage, openImage } from "./open-image.ts";
export { isAttestation } from "./platforms.ts";
export type {
	AdvisoryMatch,
	AdvisoryStore,
	Fetch,
	LayerCache,
	ReadDeps,
	ScanDeps,
	ScanEvent,
	ScanOptions,
	SourcedVector,
} from "./ports.ts";
export type { ChildContents, IndexContents } from "./read-index.ts";
export {
	anonymous,
	type CredentialProvider,
	type Credentials,
	fileCredentials,
	isHost,
	isRepository,
	isTag,
	openRegistry,
	type Reference,
	type RegistryAnswer,
	type RegistryApi,
	type RegistryDeps,
	type RegistryPlace,
	runCredentialHelper,
	type SourceDeps,
} from "./registry/index.ts";
export { type DocumentFormat, renderDocument } from "./render-document.ts";
export { renderTable } from "./render-table.ts";
export { reportOn } from "./report.ts";
export { readSource, type SourceContents, scan } from "./scan.ts";
export { reportOnIndex } from "./scan-index.ts";
export {
	type ImageOutcome,
	isPassing,
	type Scanner,
	type ScannerDeps,
	ScannerError,
	type ScannerEvent,
	type ScannerFailure,
	type ScannerHealth,
	type ScannerJob,
} from "./scanner.ts";
export { type Identified, identify, type MatchSubject } from "./subject.ts";
export { applySuppressions } from "./suppression/apply.ts";
export { readSuppressions, type SuppressionFiles } from "./suppression/read.ts";
export type { Suppressions } from "./suppression/types.ts";
export { openTarget, type ScanTarget, type TargetDeps } from "./targets.ts";
export { type UpdateRequest, updateAdvisories } from "./update.ts";
