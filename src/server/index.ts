export { auditTo } from "./access/audit.ts";
export { gatekeeper } from "./access/gatekeeper.ts";
export { hashPassword } from "./access/passwords.ts";
export type { Gatekeeper, Identified, Principal, RouteNeeds } from "./access/principal.ts";
export { type App, type AppDeps, createApp } from "./app.ts";
export { forbidden, notFound, ServerError, type ServerErrorCode, serverErrors } from "./errors.ts";
export { type RateLimits, usualRateLimits } from "./http/rate-limits.ts";
export type {
	AccessStore,
	Account,
	KnownToken,
	KnownUser,
	NameQuery,
	NewSession,
	NewToken,
	NewUser,
	SessionStore,
	SightStore,
	TokenStore,
	UserChange,
	UserStore,
	Viewer,
	WorkspaceStore,
} from "./ports/access.ts";
export type { AdvisoryService, FetchAdvisories } from "./ports/advisories.ts";
export type { Audit, AuditQuery, AuditRecord, AuditStore, NewAuditEntry } from "./ports/audit.ts";
export type { CatalogStore } from "./ports/catalog.ts";
export type {
	CatalogWriter,
	KnownTag,
	PointedTag,
	SeenManifest,
	SeenRepository,
	TagChange,
	UntaggedQuery,
} from "./ports/catalog-writer.ts";
export type { Clock } from "./ports/clock.ts";
export type { Connector, ManifestFacts, RegistryAccess, Resolved } from "./ports/connector.ts";
export type { EventFilter, EventPage, EventStore, NewEvent } from "./ports/events.ts";
export type { ServiceFigures } from "./ports/figures.ts";
export type { FindingStore } from "./ports/findings.ts";
export { type PruneAges, type Pruner, usualAges } from "./ports/prune.ts";
export type { JobContext, JobQueue, SendOptions } from "./ports/queue.ts";
export type { HealthFound, RegistryQuery, RegistryStore } from "./ports/registries.ts";
export type { ReportSource } from "./ports/reports.ts";
export type { KeptResult, ResultStore } from "./ports/results.ts";
export type {
	LogPage,
	NewLogLine,
	ScanAsk,
	ScanFailed,
	ScanImage,
	ScanStore,
	ScanTask,
	ScanWork,
} from "./ports/scans.ts";
export type {
	DueSchedule,
	LeaderLock,
	NewSchedule,
	NextOf,
	NextRun,
	OpenRun,
	Plan,
	PlannedRun,
	QueuedPart,
	ScheduleChange,
	ScheduleStore,
} from "./ports/schedules.ts";
export { mayAs, type Sight, sees, seesAll, seesNothing } from "./ports/sight.ts";
export type { Notice, SyncPatch, SyncSettings, SyncStore } from "./ports/sync.ts";
export {
	type AllowedAddresses,
	allowedAddresses,
	nothingAllowed,
	refusedAddress,
	refusedHost,
} from "./registries/access/addresses.ts";
export {
	allowHint,
	checkRegistryUrl,
	isSameServer,
	type RegistryUrl,
	readRegistryUrl,
} from "./registries/access/url.ts";
export { type ConnectDeps, checkSettings, connectorFor } from "./registries/connect.ts";
export { type AccessRoutesDeps, accessRoutes } from "./routes/access.ts";
export { artifactRoutes } from "./routes/artifacts.ts";
export { type EventRoutesDeps, eventRoutes, type StreamSettings } from "./routes/events.ts";
export { registerRoutes, type ServiceDeps } from "./routes/index.ts";
export { notificationRoutes } from "./routes/notifications.ts";
export { registryRoutes } from "./routes/registries.ts";
export type { RegistryRoutesDeps } from "./routes/registry-settings.ts";
export { repositoryRoutes } from "./routes/repositories.ts";
export { type ScanRoutesDeps, scanRoutes } from "./routes/scans.ts";
export { type ScheduleRoutesDeps, scheduleRoutes } from "./routes/schedules.ts";
export { spaceRoutes } from "./routes/spaces.ts";
export { type SchedulerDeps, type SchedulerTimes, startScheduler } from "./scheduler/loop.ts";
export { nextRun } from "./scheduler/next-run.ts";
export type { SyncDeps } from "./sync/deps.ts";
export { enqueueDueSyncs, syncKey } from "./sync/due.ts";
export { RegistryFault } from "./sync/fault.ts";
export { syncRegistry } from "./sync/sync-registry.ts";
export { checkRegistry, enqueueDueChecks, workChecks } from "./workers/check-registry.ts";
export { type EvaluateAdvisoriesDeps, workEvaluations } from "./workers/evaluate-advisories.ts";
export { type PruneDeps, workPrune } from "./workers/prune.ts";
export { type ScanGroupDeps, scanGroup, workScans } from "./workers/scan-group.ts";
export { workSyncs } from "./workers/sync-registry.ts";
export { evaluateKey, type UpdateAdvisoriesDeps, updateKey, workAdvisoryUpdates } from "./workers/update-advisories.ts";
