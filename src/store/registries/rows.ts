/** A registry's row as the API shows it. */
import { type RawBuilder, sql } from "kysely";
import type { HealthState, Registry, RegistryKind, RegistryPreset } from "#contract";
import type { Db } from "../database.ts";

interface RegistryRow {
	readonly id: string;
	readonly name: string;
	readonly kind: RegistryKind;
	readonly mode: Registry["mode"];
	readonly url: string;
	readonly preset: RegistryPreset;
	readonly repositories: string[] | null;
	readonly insecure: boolean;
	readonly ca_certificate: string | null;
	readonly credentials_shown: Registry["credentials"];
	readonly has_webhook_token: boolean;
	readonly scan_on_push: boolean;
	readonly max_concurrent_scans: number;
	readonly max_bytes_per_second: string | null;
	readonly sync_interval_seconds: number;
	readonly health: HealthState;
	readonly health_reason: string | null;
	readonly health_since: Date | null;
	readonly health_checked_at: Date | null;
	readonly sync_state: Registry["sync"]["state"];
	readonly sync_started_at: Date | null;
	readonly sync_finished_at: Date | null;
	readonly sync_done: number;
	readonly sync_total: number | null;
	readonly sync_error: string | null;
	readonly created_at: Date;
	readonly updated_at: Date;
	readonly spaces: number;
	readonly repository_count: number;
	readonly artifacts: number;
}

/** The registries of these ids, in no order, with their counts: artifacts are those that lists show. */
export async function shownRegistries(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, Registry>> {
	const { rows } = await sql<RegistryRow>`
		SELECT ${columns}, credentials_shown, webhook_token_hash IS NOT NULL AS has_webhook_token,
			(SELECT count(*)::int FROM spaces s WHERE s.registry_id = r.id) AS spaces,
			(SELECT count(*)::int FROM repositories p WHERE p.registry_id = r.id) AS repository_count,
			(SELECT count(*)::int FROM artifacts a WHERE a.registry_id = r.id AND a.top) AS artifacts
		FROM registries r WHERE r.id = ANY(${ids}::bigint[])`.execute(db);
	return new Map(rows.map((row) => [row.id, registryOf(row)]));
}

const columns: RawBuilder<unknown> = sql.raw(
	[
		..."id name kind mode url preset repositories insecure ca_certificate scan_on_push max_concurrent_scans".split(" "),
		..."max_bytes_per_second sync_interval_seconds health health_reason health_since health_checked_at".split(" "),
		..."sync_state sync_started_at sync_finished_at sync_done sync_total sync_error created_at updated_at".split(" "),
	]
		.map((name) => `r.${name}`)
		.join(", "),
);

function registryOf(row: RegistryRow): Registry {
	return {
		id: row.id,
		kind: row.kind,
		mode: row.mode,
		name: row.name,
		url: row.url,
		preset: row.preset,
		repositories: row.repositories,
		insecure: row.insecure,
		caCertificate: row.ca_certificate,
		scanOnPush: row.scan_on_push,
		maxConcurrentScans: row.max_concurrent_scans,
		maxBytesPerSecond: row.max_bytes_per_second === null ? null : Number(row.max_bytes_per_second),
		syncIntervalSeconds: row.sync_interval_seconds,
		credentials: row.credentials_shown,
		hasWebhookToken: row.has_webhook_token,
		health: {
			state: row.health,
			reason: row.health_reason,
			since: timeOf(row.health_since),
			checkedAt: timeOf(row.health_checked_at),
		},
		sync: {
			state: row.sync_state,
			startedAt: timeOf(row.sync_started_at),
			finishedAt: timeOf(row.sync_finished_at),
			repositoriesDone: row.sync_done,
			repositoriesTotal: row.sync_total,
			error: row.sync_error,
		},
		counts: { spaces: row.spaces, repositories: row.repository_count, artifacts: row.artifacts },
		createdAt: row.created_at.toISOString(),
		updatedAt: row.updated_at.toISOString(),
	};
}

function timeOf(date: Date | null): string | null {
	return date?.toISOString() ?? null;
}
