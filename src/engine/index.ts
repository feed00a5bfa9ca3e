export { openAdvisories } from "./advisories/database/reader.ts";
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
export type { BlobOptions, BlobVisitor, Document, ImageSource } from "./image/types.ts";
export type { ImageContents } from "./image-contents.ts";
export { folderLayerCache } from "./inventory/layer-cache.ts";
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
export { fileCredentials, type Reference, runCredentialHelper, type SourceDeps } from "./registry/index.ts";
export { type DocumentFormat, renderDocument } from "./render-document.ts";
export { renderTable } from "./render-table.ts";
export { readSource, type SourceContents, scan } from "./scan.ts";
export { applySuppressions } from "./suppression/apply.ts";
export { readSuppressions, type SuppressionFiles } from "./suppression/read.ts";
export type { Suppressions } from "./suppression/types.ts";
export { openTarget, type ScanTarget, type TargetDeps } from "./targets.ts";
export { type UpdateRequest, updateAdvisories } from "./update.ts";
