export { openAdvisories } from "./advisories/database/reader.ts";
export { type SnapshotVerdict, verifySnapshot } from "./advisories/database/verify.ts";
export { publicOsvBucket } from "./advisories/osv/index.ts";
export { type AdvisoriesStatus, advisoriesStatus } from "./advisories/status.ts";
export type { MalformedRecord, UpdatedFeed, UpdateProgress, UpdateResult } from "./advisories/types.ts";
export { EngineError, type EngineErrorCode, engineErrorCodes } from "./errors.ts";
export { folderLayerCache } from "./inventory/layer-cache.ts";
export type {
	AdvisoryMatch,
	AdvisoryStore,
	Fetch,
	LayerCache,
	ScanDeps,
	ScanEvent,
	ScanOptions,
	SourcedVector,
} from "./ports.ts";
export { fileCredentials, type Reference, runCredentialHelper, type SourceDeps } from "./registry/index.ts";
export { renderTable } from "./render-table.ts";
export { renderJson } from "./reports/json/index.ts";
export { scan } from "./scan.ts";
export { openTarget, type ScanTarget, type TargetDeps } from "./targets.ts";
export { type UpdateRequest, updateAdvisories } from "./update.ts";
