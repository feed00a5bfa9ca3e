export { auditStore } from "./access/audit.ts";
export { accessStore } from "./access/index.ts";
export {
	advisoryService,
	type CurrentAdvisories,
	currentAdvisories,
	type SnapshotFiles,
	snapshotFiles,
} from "./advisories/index.ts";
export { catalogStore } from "./catalog/catalog.ts";
export { type SyncDatabase, syncStore } from "./catalog-writer/sync-store.ts";
export { catalogWriter } from "./catalog-writer/writer.ts";
export { type Db, type OpenedDatabase, openDatabase } from "./database.ts";
export {
	attachEmbeddedPostgres,
	type EmbeddedOptions,
	type EmbeddedPostgres,
	startEmbeddedPostgres,
} from "./embedded/server.ts";
export { StoreError, type StoreErrorCode, storeErrorCodes } from "./errors.ts";
export { type EventStoreOptions, eventStore, type OpenEventStore, publishIn } from "./events/index.ts";
export { serviceFigures } from "./figures.ts";
export { findingStore } from "./findings/index.ts";
export { migrate } from "./migrate.ts";
export { pruner } from "./prune/index.ts";
export { type OpenJobQueue, openJobQueue, type QueueDeps } from "./queue/queue.ts";
export { registryStore } from "./registries/store.ts";
export { lockEvaluation, refreshParents, reportSource, resultStore, shareEvaluation } from "./results/index.ts";
export { registryLanes } from "./scans/lanes.ts";
export { scanMender } from "./scans/mend.ts";
export { openScanSignals, type ScanSignals } from "./scans/signals.ts";
export { scanStore } from "./scans/store.ts";
export { scanWork } from "./scans/task.ts";
export { type LeaderOptions, leaderLock, scheduleStore } from "./schedules/index.ts";
export { type SecretBox, secretBox } from "./secrets/box.ts";
export { newSecretKeyText, parseSecretKey, type SecretKey, type SecretKeys, secretKey } from "./secrets/keys.ts";
export { reencryptAll } from "./secrets/rotate.ts";
export { databaseTrouble } from "./trouble.ts";
