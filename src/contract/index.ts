export {
	AuditEntry,
	BoundSpace,
	LoggedIn,
	Login,
	Me,
	Member,
	MemberInput,
	PasswordChange,
	Token,
	TokenInput,
	TokenMade,
	TokenScope,
	tokenScopes,
	User,
	UserInput,
	UserPatch,
	Workspace,
	WorkspaceInput,
	WorkspaceRole,
	workspaceRoles,
} from "./access.ts";
export { AdvisoriesInfo } from "./advisories.ts";
export { Digest, Id, Nullable, Page, type PageOf, PageQuery, Problem, Severity, Summary, Time } from "./basics.ts";
export {
	Artifact,
	ArtifactDetails,
	ArtifactLayer,
	ArtifactQuery,
	Progress,
	Repository,
	RepositoryQuery,
	ShownResult,
	Space,
	SpacePatch,
	SpaceQuery,
} from "./catalog.ts";
export { type Event, EventBody, type EventType, eventTypes, passing, ToldEvent } from "./events.ts";
export {
	FindingQuery,
	KnownPackage,
	ListedFinding,
	ListedPackage,
	ListedVulnerability,
	PackageQuery,
	VulnerabilityDetails,
	VulnerabilityQuery,
} from "./findings.ts";
export { type JobKind, type Jobs } from "./jobs.ts";
export {
	ConnectionCheck,
	HealthState,
	healthStates,
	Registry,
	RegistryCredentials,
	RegistryHealth,
	RegistryInput,
	RegistryKind,
	RegistryPatch,
	RegistryPreset,
	RegistrySync,
	registryKinds,
	registryPresets,
} from "./registries.ts";
export { LogLine, Scan, ScanQuery, ScanReason, ScanRequest, ScanRequested, ScanTarget, scanReasons } from "./scans.ts";
export {
	Schedule,
	ScheduleAction,
	ScheduleInput,
	SchedulePatch,
	SchedulePreview,
	ScheduleRun,
	ScheduleScope,
	ScheduleTiming,
} from "./schedules.ts";
export {
	type ActiveState,
	type FinalState,
	isActive,
	type PriorityClass,
	priorities,
	ScanState,
	scanStates,
	stateOfIndex,
	stateWords,
} from "./states.ts";
