export { EngineError, type EngineErrorCode } from "./errors.ts";
export type { AdvisoryMatch, AdvisoryStore, Fetch, LayerCache, ScanEvent, SourcedVector } from "./ports.ts";
