/**
 * The tables as Kysely sees them; migrations/*.sql is what they are. bigint comes as text, jsonb goes in as text.
 * The test beside `migrate.ts` holds this file against the migrated database.
 */
import type { ColumnType, Generated, GeneratedAlways } from "kysely";

/** Written as JSON text (`JSON.stringify`), read as values: what a list would be is PostgreSQL's array otherwise. */
type Json = ColumnType<unknown, string | null, string | null>;

export interface UsersTable {
	id: GeneratedAlways<string>;
	username: string;
	password_hash: string;
	platform_admin: Generated<boolean>;
	must_change_password: Generated<boolean>;
	disabled: Generated<boolean>;
	created_at: Generated<Date>;
	last_seen_at: Date | null;
}

export interface SessionsTable {
	token_hash: Buffer;
	csrf_hash: Buffer;
	user_id: string;
	created_at: Generated<Date>;
	seen_at: Generated<Date>;
	expires_at: Date;
	address: string | null;
}

export interface SignInFailuresTable {
	subject: Buffer;
	failures: number;
	last_at: Generated<Date>;
	locked_until: Date | null;
}

export interface WorkspacesTable {
	id: GeneratedAlways<string>;
	name: string;
	created_at: Generated<Date>;
}

export interface MembershipsTable {
	workspace_id: string;
	user_id: string;
	role: "viewer" | "editor" | "admin";
}

export interface ApiTokensTable {
	id: GeneratedAlways<string>;
	user_id: string;
	workspace_id: string | null;
	name: string;
	secret_hash: Buffer;
	scopes: string[];
	created_at: Generated<Date>;
	expires_at: Date;
	last_used_at: Date | null;
}

export interface AuditLogTable {
	id: GeneratedAlways<string>;
	at: Generated<Date>;
	user_id: string | null;
	actor: string | null;
	via: "session" | "token" | "webhook" | "system";
	action: string;
	subject: string;
	outcome: "done" | "refused" | "failed";
	details: ColumnType<unknown, string | undefined, string>;
	address: string | null;
}

export interface RegistriesTable {
	id: GeneratedAlways<string>;
	name: string;
	kind: string;
	mode: Generated<"native" | "managed">;
	url: string;
	preset: Generated<string>;
	repositories: string[] | null;
	insecure: Generated<boolean>;
	ca_certificate: string | null;
	credentials: Buffer | null;
	credentials_shown: Json | null;
	webhook_token_hash: Buffer | null;
	scan_on_push: Generated<boolean>;
	max_concurrent_scans: Generated<number>;
	max_bytes_per_second: string | null;
	sync_interval_seconds: Generated<number>;
	health: Generated<string>;
	health_reason: string | null;
	health_since: Date | null;
	health_checked_at: Date | null;
	health_against: Generated<number>;
	health_next_at: Date | null;
	sync_state: Generated<"idle" | "running" | "failed">;
	sync_started_at: Date | null;
	sync_finished_at: Date | null;
	sync_done: Generated<number>;
	sync_total: number | null;
	sync_error: string | null;
	sync_cursor: Json | null;
	created_at: Generated<Date>;
	updated_at: Generated<Date>;
}

export interface SpacesTable {
	id: GeneratedAlways<string>;
	registry_id: string;
	name: string;
	public: Generated<boolean>;
}

export interface WorkspaceSpacesTable {
	workspace_id: string;
	space_id: string;
}

export interface RepositoriesTable {
	id: GeneratedAlways<string>;
	registry_id: string;
	space_id: string;
	name: string;
	pushed_at: Date | null;
	synced_at: Date | null;
	seen_at: Generated<Date>;
}

export interface SyncNoticesTable {
	registry_id: string;
	repository: string;
	seen_as: string;
	tags: Generated<string[]>;
	noticed_at: Date;
}

export interface AdvisorySnapshotsTable {
	id: GeneratedAlways<string>;
	digest: string;
	built_at: Date;
	kind: string;
	records: number;
	sources: Json;
	first_seen_at: Generated<Date>;
	evaluated_at: Date | null;
}

export interface EvaluationsTable {
	id: GeneratedAlways<string>;
	snapshot_id: string;
	started_at: Generated<Date>;
	finished_at: Date | null;
	packages: Generated<number>;
	artifacts: Generated<number>;
	appeared: Generated<number>;
	gone: Generated<number>;
}

export interface AdvisoryUpdatesTable {
	only_row: Generated<boolean>;
	state: Generated<"idle" | "running" | "failed">;
	started_at: Date | null;
	finished_at: Date | null;
	error: string | null;
}

export interface InventoriesTable {
	id: GeneratedAlways<string>;
	digest: Buffer;
	package_ids: number[];
	body: Buffer;
	whole: Generated<boolean>;
	gaps: Generated<boolean>;
	created_at: Generated<Date>;
}

export interface PackageVersionsTable {
	id: GeneratedAlways<number>;
	key: Buffer;
	type: string;
	name: string;
	version: string;
	purl: string;
	subject: Json;
	snapshot_id: string | null;
	critical: Generated<number>;
	high: Generated<number>;
	medium: Generated<number>;
	low: Generated<number>;
	negligible: Generated<number>;
	unknown: Generated<number>;
	fixable: Generated<number>;
	leftover: string | null;
	gap: Generated<boolean>;
	union_key: GeneratedAlways<string>;
}

export interface PackageLookupsTable {
	ecosystem: string;
	name: string;
	package_id: number;
}

export interface VulnerabilitiesTable {
	id: GeneratedAlways<number>;
	key: string;
	aliases: Generated<string[]>;
	severity: number;
	title: string | null;
	description: string | null;
	cwes: Generated<string[]>;
	published: string | null;
	kev: Json | null;
	epss: number | null;
	epss_percentile: number | null;
	refs: Generated<string[]>;
	first_seen_at: Generated<Date>;
}

export interface PackageMatchesTable {
	package_id: number;
	vulnerability_id: number;
	severity: number;
	fixed_version: string | null;
	state: string;
	severity_source: string | null;
	body: Json;
	first_seen_at: Generated<Date>;
}

export interface ArtifactsTable {
	id: GeneratedAlways<string>;
	registry_id: string;
	space_id: string;
	repository_id: string;
	digest: string;
	media_type: string;
	kind: "image" | "index" | "other";
	top: Generated<boolean>;
	platform: string | null;
	size: string | null;
	unsupported_reason: string | null;
	pushed_at: Date | null;
	pulled_at: Date | null;
	seen_at: Generated<Date>;
	created_at: Generated<Date>;
	state: Generated<"not_scanned" | "not_supported" | "queued" | "scanning" | "complete" | "failed" | "stopped">;
	active_scan_id: string | null;
	last_scan_id: string | null;
	result_scan_id: string | null;
	result_scanner: string | null;
	result_status: "complete" | "partial" | null;
	result_snapshot_id: string | null;
	inventory_id: string | null;
	scanned_at: Date | null;
	evaluated_at: Date | null;
	critical: number | null;
	high: number | null;
	medium: number | null;
	low: number | null;
	negligible: number | null;
	unknown: number | null;
	fixable: number | null;
	suppressed: number | null;
	union_summary: Json | null;
}

export interface IndexEdgesTable {
	parent_id: string;
	child_id: string;
	position: number;
}

export interface TagsTable {
	repository_id: string;
	name: string;
	artifact_id: string;
	pushed_at: Date | null;
	resolved_at: Generated<Date>;
}

export interface ArtifactLayersTable {
	artifact_id: string;
	position: number;
	digest: string;
	diff_id: string | null;
	size: string;
	created_by: string;
}

export interface ScanGroupsTable {
	id: GeneratedAlways<string>;
	registry_id: string;
	repository_id: string;
	artifact_id: string;
	scanner: string;
	priority: number;
	active: Generated<boolean>;
	worker: number | null;
	attempts: Generated<number>;
	crashes: Generated<number>;
	bytes_done: Generated<string>;
	bytes_total: string | null;
	log_lines: Generated<number>;
	stop_requested: Generated<boolean>;
	queued_at: Generated<Date>;
	started_at: Date | null;
	finished_at: Date | null;
}

export interface ScansTable {
	id: GeneratedAlways<string>;
	group_id: string;
	artifact_id: string;
	registry_id: string;
	space_id: string;
	repository_id: string;
	scanner: string;
	state: "queued" | "scanning" | "complete" | "not_supported" | "failed" | "stopped";
	reason: "manual" | "push" | "schedule" | "retry";
	requested_by: string | null;
	schedule_run_id: string | null;
	queued_at: Generated<Date>;
	started_at: Date | null;
	finished_at: Date | null;
	result_status: "complete" | "partial" | null;
	summary: Json | null;
	snapshot_id: string | null;
	inventory_id: string | null;
	error_code: string | null;
	error_message: string | null;
	error_hint: string | null;
}

export interface QueueClaimsTable {
	job_id: string;
	kind: string;
	worker: number;
	attempt: number;
	claimed_at: Generated<Date>;
}

export interface ScanLogLinesTable {
	group_id: string;
	line: number;
	at: Generated<Date>;
	level: "info" | "warning" | "error";
	message: string;
}

export interface SchedulesTable {
	id: GeneratedAlways<string>;
	name: string;
	cron: string;
	time_zone: string;
	action: "scan_new" | "rescan" | "reevaluate";
	scope: ColumnType<unknown, string | undefined, string>;
	jitter_seconds: Generated<number>;
	paused: Generated<boolean>;
	next_due_at: Date | null;
	next_run_at: Date | null;
	created_by: string | null;
	created_at: Generated<Date>;
}

export interface ScheduleRunsTable {
	id: GeneratedAlways<string>;
	schedule_id: string;
	trigger: "cron" | "manual";
	due_at: Date;
	started_at: Date | null;
	finished_at: Date | null;
	state: "running" | "complete" | "failed" | "skipped";
	queued: Generated<number>;
	action: "scan_new" | "rescan" | "reevaluate";
	scope: ColumnType<unknown, string | undefined, string>;
	queue_cursor: Generated<string>;
	queued_at: Date | null;
	attempts: Generated<number>;
	complete: number | null;
	failed: number | null;
	error: string | null;
}

export interface EventsTable {
	id: Generated<string>;
	at: Generated<Date>;
	space_id: string | null;
	audience: "space" | "administrators" | "everybody";
	body: Json;
}

export interface Database {
	users: UsersTable;
	sessions: SessionsTable;
	sign_in_failures: SignInFailuresTable;
	workspaces: WorkspacesTable;
	memberships: MembershipsTable;
	api_tokens: ApiTokensTable;
	audit_log: AuditLogTable;
	registries: RegistriesTable;
	spaces: SpacesTable;
	workspace_spaces: WorkspaceSpacesTable;
	repositories: RepositoriesTable;
	sync_notices: SyncNoticesTable;
	advisory_snapshots: AdvisorySnapshotsTable;
	evaluations: EvaluationsTable;
	advisory_updates: AdvisoryUpdatesTable;
	inventories: InventoriesTable;
	package_versions: PackageVersionsTable;
	package_lookups: PackageLookupsTable;
	vulnerabilities: VulnerabilitiesTable;
	package_matches: PackageMatchesTable;
	artifacts: ArtifactsTable;
	index_edges: IndexEdgesTable;
	tags: TagsTable;
	artifact_layers: ArtifactLayersTable;
	scan_groups: ScanGroupsTable;
	scans: ScansTable;
	queue_claims: QueueClaimsTable;
	scan_log_lines: ScanLogLinesTable;
	schedules: SchedulesTable;
	schedule_runs: ScheduleRunsTable;
	events: EventsTable;
}
