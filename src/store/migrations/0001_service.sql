-- The service's tables. Ids are bigint, package and vulnerability ids int, because inventories hold them by the hundred.
-- Severities are numbers, 0 critical to 5 unknown (the order of `severities` in #model).

CREATE TABLE users (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	username text NOT NULL,
	password_hash text NOT NULL,
	platform_admin boolean NOT NULL DEFAULT false,
	must_change_password boolean NOT NULL DEFAULT false,
	disabled boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now(),
	last_seen_at timestamptz
);
CREATE UNIQUE INDEX users_username ON users (lower(username));

CREATE TABLE sessions (
	token_hash bytea PRIMARY KEY,
	csrf_hash bytea NOT NULL,
	user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	created_at timestamptz NOT NULL DEFAULT now(),
	seen_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	address text
);
CREATE INDEX sessions_user ON sessions (user_id);

-- Failed sign-ins, by user name and by address; names that do not exist are counted like those that do.
CREATE TABLE sign_in_failures (
	-- SHA-256: people type passwords into the field of the name.
	subject bytea PRIMARY KEY,
	failures int NOT NULL,
	last_at timestamptz NOT NULL DEFAULT now(),
	locked_until timestamptz
);
CREATE INDEX sign_in_failures_last ON sign_in_failures (last_at);

CREATE TABLE workspaces (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL UNIQUE,
	created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE memberships (
	workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
	user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	role text NOT NULL CHECK (role IN ('viewer', 'editor', 'admin')),
	PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX memberships_user ON memberships (user_id);

CREATE TABLE api_tokens (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	user_id bigint NOT NULL REFERENCES users ON DELETE CASCADE,
	workspace_id bigint REFERENCES workspaces ON DELETE CASCADE,
	name text NOT NULL,
	secret_hash bytea NOT NULL UNIQUE,
	scopes text[] NOT NULL,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	last_used_at timestamptz
);
CREATE INDEX api_tokens_user ON api_tokens (user_id);

CREATE TABLE audit_log (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT now(),
	user_id bigint REFERENCES users ON DELETE SET NULL,
	actor text,
	via text NOT NULL CHECK (via IN ('session', 'token', 'webhook', 'system')),
	action text NOT NULL,
	subject text NOT NULL,
	outcome text NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
	details jsonb NOT NULL DEFAULT '{}',
	address text
);
CREATE INDEX audit_log_at ON audit_log (at);
CREATE INDEX audit_log_actor ON audit_log (lower(actor), id);
CREATE INDEX audit_log_subject ON audit_log (subject, id);

CREATE TABLE registries (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL UNIQUE,
	kind text NOT NULL,
	mode text NOT NULL DEFAULT 'native' CHECK (mode IN ('native', 'managed')),
	url text NOT NULL,
	preset text NOT NULL DEFAULT 'generic',
	repositories text[],
	insecure boolean NOT NULL DEFAULT false,
	ca_certificate text,
	-- Encrypted; the key's id stands in front.
	credentials bytea,
	-- What may be shown of them: {kind, username}.
	credentials_shown jsonb,
	webhook_token_hash bytea,
	scan_on_push boolean NOT NULL DEFAULT true,
	max_concurrent_scans int NOT NULL DEFAULT 4,
	max_bytes_per_second bigint,
	sync_interval_seconds int NOT NULL DEFAULT 900,
	health text NOT NULL DEFAULT 'unknown',
	health_reason text,
	health_since timestamptz,
	health_checked_at timestamptz,
	-- Results of checks in a row that disagree with `health`: it changes after some of them (hysteresis).
	health_against int NOT NULL DEFAULT 0,
	-- When it is to be checked again; null: at once.
	health_next_at timestamptz,
	sync_state text NOT NULL DEFAULT 'idle' CHECK (sync_state IN ('idle', 'running', 'failed')),
	sync_started_at timestamptz,
	sync_finished_at timestamptz,
	sync_done int NOT NULL DEFAULT 0,
	sync_total int,
	sync_error text,
	-- Where an interrupted listing goes on.
	sync_cursor jsonb,
	created_at timestamptz NOT NULL DEFAULT now(),
	updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE spaces (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	registry_id bigint NOT NULL REFERENCES registries ON DELETE CASCADE,
	name text NOT NULL,
	public boolean NOT NULL DEFAULT false,
	UNIQUE (registry_id, name)
);

CREATE TABLE workspace_spaces (
	workspace_id bigint NOT NULL REFERENCES workspaces ON DELETE CASCADE,
	space_id bigint NOT NULL REFERENCES spaces ON DELETE CASCADE,
	PRIMARY KEY (workspace_id, space_id)
);
CREATE INDEX workspace_spaces_space ON workspace_spaces (space_id);

CREATE TABLE repositories (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	registry_id bigint NOT NULL REFERENCES registries ON DELETE CASCADE,
	space_id bigint NOT NULL REFERENCES spaces ON DELETE CASCADE,
	-- The whole name, the space's part included.
	name text NOT NULL,
	pushed_at timestamptz,
	-- When its tags were last listed to the end.
	synced_at timestamptz,
	seen_at timestamptz NOT NULL DEFAULT now(),
	UNIQUE (registry_id, name)
);
CREATE INDEX repositories_space ON repositories (space_id);

CREATE SEQUENCE sync_notices_seen_as;

-- Repositories that a registry's notifications spoke of, until they have been looked at.
CREATE TABLE sync_notices (
	registry_id bigint NOT NULL REFERENCES registries ON DELETE CASCADE,
	repository text NOT NULL,
	-- A new one with each notification: whoever looks settles only what it has seen.
	seen_as bigint NOT NULL,
	tags text[] NOT NULL DEFAULT '{}',
	noticed_at timestamptz NOT NULL,
	PRIMARY KEY (registry_id, repository)
);
CREATE INDEX repositories_name ON repositories (name COLLATE "C", id);

CREATE TABLE advisory_snapshots (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	digest text NOT NULL UNIQUE,
	built_at timestamptz NOT NULL,
	kind text NOT NULL,
	records int NOT NULL,
	sources jsonb NOT NULL,
	-- Name of its file in the data folder's snapshots.
	first_seen_at timestamptz NOT NULL DEFAULT now(),
	-- Set when all that is known was judged by it; the newest one with this set is what results are of.
	evaluated_at timestamptz
);

CREATE TABLE evaluations (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	snapshot_id bigint NOT NULL REFERENCES advisory_snapshots ON DELETE CASCADE,
	started_at timestamptz NOT NULL DEFAULT now(),
	finished_at timestamptz,
	packages int NOT NULL DEFAULT 0,
	artifacts int NOT NULL DEFAULT 0,
	appeared int NOT NULL DEFAULT 0,
	gone int NOT NULL DEFAULT 0
);

-- How the last fetch of advisories went. One row.
CREATE TABLE advisory_updates (
	only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
	state text NOT NULL DEFAULT 'idle' CHECK (state IN ('idle', 'running', 'failed')),
	started_at timestamptz,
	finished_at timestamptz,
	error text
);
INSERT INTO advisory_updates DEFAULT VALUES;

-- What an image holds. Images with the same content share one.
CREATE TABLE inventories (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	-- Of `body`'s content.
	digest bytea NOT NULL UNIQUE,
	-- Package versions, in the body's order; one twice when two layers bring it, and then its findings count twice.
	package_ids int[] NOT NULL,
	-- JSON, zstd: operating system, content sets, unread files, warnings; and per package its layer, paths, parents.
	body bytea NOT NULL,
	-- Whether all of it could be read, and whether it holds package versions that could not be judged (`gap`).
	whole boolean NOT NULL DEFAULT true,
	gaps boolean NOT NULL DEFAULT false,
	created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX inventories_packages ON inventories USING gin (package_ids);

-- Inventories that hold one of these package versions, always by the index: PostgreSQL takes comparing arrays of hundreds
-- for as cheap as comparing two numbers, and would read the whole table for a common package.
CREATE FUNCTION inventories_holding(packages int[]) RETURNS SETOF bigint LANGUAGE sql STABLE ROWS 20000
	SET enable_seqscan = off
	AS 'SELECT id FROM inventories WHERE package_ids && packages';

-- A package version in the circumstances that matching asks for (release, products, module, architecture).
CREATE TABLE package_versions (
	id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	key bytea NOT NULL UNIQUE,
	type text NOT NULL,
	name text NOT NULL,
	version text NOT NULL,
	purl text NOT NULL,
	-- All that matching needs.
	subject jsonb NOT NULL,
	-- The snapshot that it was matched with last; null for one that nothing is held against.
	snapshot_id bigint REFERENCES advisory_snapshots,
	critical int NOT NULL DEFAULT 0,
	high int NOT NULL DEFAULT 0,
	medium int NOT NULL DEFAULT 0,
	low int NOT NULL DEFAULT 0,
	negligible int NOT NULL DEFAULT 0,
	unknown int NOT NULL DEFAULT 0,
	fixable int NOT NULL DEFAULT 0,
	-- Why it is not judged; null when it is. With a `gap` its images are partial.
	leftover text,
	gap boolean NOT NULL DEFAULT false,
	-- Package versions with the same one count once in the union of an index: type, name and version.
	union_key bigint NOT NULL GENERATED ALWAYS AS (hashtextextended(type || chr(1) || name || chr(1) || version, 0)) STORED
);
CREATE INDEX package_versions_name ON package_versions (name text_pattern_ops, version);

-- Under which names the advisories speak of a package version: a changed one finds those to match again.
CREATE TABLE package_lookups (
	ecosystem text NOT NULL,
	name text NOT NULL,
	package_id int NOT NULL REFERENCES package_versions ON DELETE CASCADE,
	PRIMARY KEY (ecosystem, name, package_id)
);
CREATE INDEX package_lookups_package ON package_lookups (package_id);

CREATE TABLE vulnerabilities (
	id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	-- The CVE where one exists.
	key text NOT NULL UNIQUE,
	aliases text[] NOT NULL DEFAULT '{}',
	-- The worst that any package version's match says.
	severity smallint NOT NULL,
	title text,
	description text,
	cwes text[] NOT NULL DEFAULT '{}',
	published text,
	kev jsonb,
	epss real,
	epss_percentile real,
	refs text[] NOT NULL DEFAULT '{}',
	first_seen_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX vulnerabilities_aliases ON vulnerabilities USING gin (aliases);

CREATE TABLE package_matches (
	package_id int NOT NULL REFERENCES package_versions ON DELETE CASCADE,
	vulnerability_id int NOT NULL REFERENCES vulnerabilities ON DELETE CASCADE,
	severity smallint NOT NULL,
	fixed_version text,
	state text NOT NULL,
	severity_source text,
	-- aliases, cvss, references of this package's own advisories.
	body jsonb NOT NULL,
	first_seen_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (package_id, vulnerability_id)
);
CREATE INDEX package_matches_vulnerability ON package_matches (vulnerability_id);

CREATE TABLE artifacts (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	registry_id bigint NOT NULL REFERENCES registries ON DELETE CASCADE,
	space_id bigint NOT NULL REFERENCES spaces ON DELETE CASCADE,
	repository_id bigint NOT NULL REFERENCES repositories ON DELETE CASCADE,
	digest text NOT NULL,
	media_type text NOT NULL,
	kind text NOT NULL CHECK (kind IN ('image', 'index', 'other')),
	-- It stands in no index: lists show it by itself.
	top boolean NOT NULL DEFAULT true,
	platform text,
	size bigint,
	unsupported_reason text,
	pushed_at timestamptz,
	pulled_at timestamptz,
	seen_at timestamptz NOT NULL DEFAULT now(),
	created_at timestamptz NOT NULL DEFAULT now(),

	state text NOT NULL DEFAULT 'not_scanned'
		CHECK (state IN ('not_scanned', 'not_supported', 'queued', 'scanning', 'complete', 'failed', 'stopped')),
	active_scan_id bigint,
	last_scan_id bigint,

	-- The result that is shown: the last good one. Of an index: the sum over its children, and no inventory.
	result_scan_id bigint,
	result_scanner text,
	result_status text CHECK (result_status IN ('complete', 'partial')),
	result_snapshot_id bigint REFERENCES advisory_snapshots,
	inventory_id bigint REFERENCES inventories,
	scanned_at timestamptz,
	evaluated_at timestamptz,
	critical int,
	high int,
	medium int,
	low int,
	negligible int,
	unknown int,
	fixable int,
	suppressed int,
	-- Of an index.
	union_summary jsonb,

	UNIQUE (repository_id, digest)
);
CREATE INDEX artifacts_space ON artifacts (space_id);
CREATE INDEX artifacts_registry ON artifacts (registry_id);
CREATE INDEX artifacts_state ON artifacts (state);
CREATE INDEX artifacts_inventory ON artifacts (inventory_id);
-- The lists' sorts, read either way: each is the very expression of src/store/catalog/artifact-sorts.ts.
CREATE INDEX artifacts_worst ON artifacts
	(coalesce(critical, -1), coalesce(high, -1), coalesce(medium, -1), coalesce(low, -1), id);
CREATE INDEX artifacts_pushed ON artifacts (coalesce(pushed_at, '-infinity'), id);
CREATE INDEX artifacts_scanned ON artifacts (coalesce(scanned_at, '-infinity'), id);
-- The newest artifact of a repository.
CREATE INDEX artifacts_newest ON artifacts (repository_id, coalesce(pushed_at, '-infinity'), id) WHERE top;

CREATE TABLE index_edges (
	parent_id bigint NOT NULL REFERENCES artifacts ON DELETE CASCADE,
	child_id bigint NOT NULL REFERENCES artifacts ON DELETE CASCADE,
	position int NOT NULL,
	PRIMARY KEY (parent_id, child_id)
);
CREATE INDEX index_edges_child ON index_edges (child_id);

CREATE TABLE tags (
	repository_id bigint NOT NULL REFERENCES repositories ON DELETE CASCADE,
	name text NOT NULL,
	artifact_id bigint NOT NULL REFERENCES artifacts ON DELETE CASCADE,
	pushed_at timestamptz,
	-- When the registry was last asked where it points.
	resolved_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (repository_id, name)
);
CREATE INDEX tags_artifact ON tags (artifact_id);
CREATE INDEX tags_name ON tags (name);

CREATE TABLE artifact_layers (
	artifact_id bigint NOT NULL REFERENCES artifacts ON DELETE CASCADE,
	position int NOT NULL,
	digest text NOT NULL,
	diff_id text,
	size bigint NOT NULL,
	created_by text NOT NULL,
	PRIMARY KEY (artifact_id, position)
);
CREATE INDEX artifact_layers_diff_id ON artifact_layers (diff_id);

-- What is read in one go: an image, or the children of an index that share their layers.
CREATE TABLE scan_groups (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	registry_id bigint NOT NULL REFERENCES registries ON DELETE CASCADE,
	repository_id bigint NOT NULL REFERENCES repositories ON DELETE CASCADE,
	-- The index, or the image itself.
	artifact_id bigint NOT NULL REFERENCES artifacts ON DELETE CASCADE,
	scanner text NOT NULL,
	priority smallint NOT NULL,
	-- Queued or at work: it has scans that are not final.
	active boolean NOT NULL DEFAULT true,
	-- Who is at it: the number of a process's lease; null between attempts that ended in order.
	worker int,
	attempts int NOT NULL DEFAULT 0,
	-- Attempts in which the worker, or its scanning process, died.
	crashes int NOT NULL DEFAULT 0,
	bytes_done bigint NOT NULL DEFAULT 0,
	bytes_total bigint,
	-- How many lines its log has.
	log_lines int NOT NULL DEFAULT 0,
	stop_requested boolean NOT NULL DEFAULT false,
	queued_at timestamptz NOT NULL DEFAULT now(),
	started_at timestamptz,
	finished_at timestamptz
);
CREATE INDEX scan_groups_queue ON scan_groups (priority, id) WHERE active;
CREATE INDEX scan_groups_at_work ON scan_groups (worker) WHERE worker IS NOT NULL;
-- How long the last ones took.
CREATE INDEX scan_groups_finished ON scan_groups (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE scans (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	group_id bigint NOT NULL REFERENCES scan_groups ON DELETE CASCADE,
	artifact_id bigint NOT NULL REFERENCES artifacts ON DELETE CASCADE,
	registry_id bigint NOT NULL REFERENCES registries ON DELETE CASCADE,
	space_id bigint NOT NULL REFERENCES spaces ON DELETE CASCADE,
	repository_id bigint NOT NULL REFERENCES repositories ON DELETE CASCADE,
	scanner text NOT NULL,
	state text NOT NULL CHECK (state IN ('queued', 'scanning', 'complete', 'not_supported', 'failed', 'stopped')),
	reason text NOT NULL CHECK (reason IN ('manual', 'push', 'schedule', 'retry')),
	requested_by bigint REFERENCES users ON DELETE SET NULL,
	schedule_run_id bigint,
	queued_at timestamptz NOT NULL DEFAULT now(),
	started_at timestamptz,
	finished_at timestamptz,
	-- Of a complete one, as it was found then; the artifact's own numbers move on with the advisories.
	result_status text CHECK (result_status IN ('complete', 'partial')),
	summary jsonb,
	snapshot_id bigint REFERENCES advisory_snapshots,
	inventory_id bigint REFERENCES inventories,
	error_code text,
	error_message text,
	error_hint text
);
-- Requests for what is queued or running join it.
CREATE UNIQUE INDEX scans_active ON scans (artifact_id, scanner) WHERE state IN ('queued', 'scanning');
CREATE INDEX scans_artifact ON scans (artifact_id, id DESC);
CREATE INDEX scans_group ON scans (group_id);
CREATE INDEX scans_run ON scans (schedule_run_id) WHERE schedule_run_id IS NOT NULL;
CREATE INDEX scans_finished ON scans (finished_at);
-- An inventory that nothing refers to is removed.
CREATE INDEX scans_inventory ON scans (inventory_id) WHERE inventory_id IS NOT NULL;

-- Whose a running job is: written in the transaction that takes it from the queue (pg-boss has no place for it).
CREATE TABLE queue_claims (
	job_id uuid PRIMARY KEY,
	kind text NOT NULL,
	worker int NOT NULL,
	attempt int NOT NULL,
	claimed_at timestamptz NOT NULL DEFAULT now()
);
-- Numbers of processes; each holds an advisory lock on its own as long as it lives.
CREATE SEQUENCE worker_numbers AS int CYCLE;

CREATE TABLE scan_log_lines (
	group_id bigint NOT NULL REFERENCES scan_groups ON DELETE CASCADE,
	line int NOT NULL,
	at timestamptz NOT NULL DEFAULT now(),
	level text NOT NULL CHECK (level IN ('info', 'warning', 'error')),
	message text NOT NULL,
	PRIMARY KEY (group_id, line)
);

CREATE TABLE schedules (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL UNIQUE,
	cron text NOT NULL,
	time_zone text NOT NULL,
	action text NOT NULL CHECK (action IN ('scan_new', 'rescan', 'reevaluate')),
	scope jsonb NOT NULL DEFAULT '{}',
	jitter_seconds int NOT NULL DEFAULT 0,
	paused boolean NOT NULL DEFAULT false,
	-- The time that cron names next, and that time with this schedule's jitter.
	next_due_at timestamptz,
	next_run_at timestamptz,
	created_by bigint REFERENCES users ON DELETE SET NULL,
	created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE schedule_runs (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	schedule_id bigint NOT NULL REFERENCES schedules ON DELETE CASCADE,
	trigger text NOT NULL CHECK (trigger IN ('cron', 'manual')),
	due_at timestamptz NOT NULL,
	started_at timestamptz,
	finished_at timestamptz,
	state text NOT NULL CHECK (state IN ('running', 'complete', 'failed', 'skipped')),
	queued int NOT NULL DEFAULT 0,
	-- What it is to do is copied when it is taken, so that a change of the schedule does not change half of a run.
	action text NOT NULL CHECK (action IN ('scan_new', 'rescan', 'reevaluate')),
	scope jsonb NOT NULL DEFAULT '{}',
	-- The last artifact that scans were asked for; another scheduler goes on behind it.
	queue_cursor bigint NOT NULL DEFAULT 0,
	-- All its scans were asked for.
	queued_at timestamptz,
	attempts int NOT NULL DEFAULT 0,
	-- Set with the final state, because scans are pruned.
	complete int,
	failed int,
	error text,
	-- However many schedulers there are, a due time runs once.
	UNIQUE (schedule_id, due_at)
);
CREATE INDEX schedule_runs_open ON schedule_runs (id) WHERE state = 'running';

CREATE SEQUENCE event_drafts;
CREATE SEQUENCE event_order;

CREATE TABLE events (
	-- Negative while its transaction runs, so that nobody ever reads that; then its place in the order of commits.
	id bigint PRIMARY KEY DEFAULT -nextval('event_drafts'),
	at timestamptz NOT NULL DEFAULT now(),
	space_id bigint REFERENCES spaces ON DELETE CASCADE,
	audience text NOT NULL CHECK (audience IN ('space', 'administrators', 'everybody')),
	body jsonb NOT NULL
);
CREATE INDEX events_at ON events (at);
CREATE INDEX events_artifact ON events ((body->>'artifactId'), id) WHERE body ? 'artifactId';

-- Runs at the end of the transaction and holds the lock until the commit can be seen, so ids are in the order of commits:
-- whoever has read as far as an id never misses a lower one. No other lock is asked for after this one, so it cannot be
-- part of a deadlock; and NOTIFY puts commits in a row anyway.
CREATE FUNCTION place_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_advisory_xact_lock(1349282157, 1);
	UPDATE events SET id = nextval('event_order') WHERE id = NEW.id;
	PERFORM pg_notify('plimsoll_events', '');
	RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER events_placed AFTER INSERT ON events
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION place_event();
