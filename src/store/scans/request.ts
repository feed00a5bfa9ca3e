/** Requests for scans: see `ScanStore.request`. */
import { type RawBuilder, sql, type Transaction } from "kysely";
import { type Id, type PriorityClass, priorities, type ScanReason, type ScanRequested } from "#contract";
import type { ScanAsk } from "#server";
import { evaluatedSnapshot } from "../advisories/snapshot-rows.ts";
import type { Db } from "../database.ts";
import type { OpenJobQueue } from "../queue/queue.ts";
import { moveJobs } from "../queue/send.ts";
import type { Database } from "../schema.ts";
import { markArtifacts } from "./artifact-state.ts";
import { conditionOf } from "./resolve.ts";

export interface RequestDeps {
	readonly db: Db;
	readonly queue: Pick<OpenJobQueue, "sendIn">;
}

/** Images and indexes in one transaction: some ten thousand rows a second, and no lock for long. */
const rootsAtOnce = 500;
const mostIds = 1_000;

const priorityOf: Readonly<Record<ScanReason, PriorityClass>> = {
	manual: "manual",
	retry: "manual",
	push: "push",
	schedule: "schedule",
};

export async function requestScans(ask: ScanAsk, deps: RequestDeps): Promise<ScanRequested> {
	const condition = await conditionOf(deps.db, ask);
	const sum = { queued: 0, joined: 0, current: 0, unsupported: 0, scanIds: [] as Id[] };
	for (let after: Id = "0"; ; ) {
		const roots = await rootsAfter(deps.db, condition, after);
		const last = roots.at(-1);
		if (last === undefined) return sum;
		const done = await requestImages(await leavesOf(deps.db, roots), ask, deps);
		sum.queued += done.queued;
		sum.joined += done.joined;
		sum.current += done.current;
		sum.unsupported += done.unsupported;
		sum.scanIds.push(...done.scanIds.slice(0, mostIds - sum.scanIds.length));
		if (roots.length < rootsAtOnce) return sum;
		after = last;
	}
}

async function rootsAfter(db: Db, condition: RawBuilder<boolean>, after: Id): Promise<readonly Id[]> {
	const { rows } = await sql<{ id: Id }>`
		SELECT a.id FROM artifacts a JOIN repositories r ON r.id = a.repository_id
		WHERE a.id > ${after}::bigint AND ${condition} ORDER BY a.id LIMIT ${rootsAtOnce}
	`.execute(db);
	return rows.map(({ id }) => id);
}

/** An image, and what it is read together with: the index that was asked for, or itself. */
export interface Leaf {
	readonly root: Id;
	/** Null for an index that holds no image. */
	readonly image: Id | null;
}

async function leavesOf(db: Db, roots: readonly Id[]): Promise<readonly Leaf[]> {
	const { rows } = await sql<Leaf>`
		SELECT a.id AS root, CASE WHEN a.kind = 'index' THEN c.id ELSE a.id END AS image
		FROM artifacts a
		LEFT JOIN index_edges e ON e.parent_id = a.id AND a.kind = 'index'
		LEFT JOIN artifacts c ON c.id = e.child_id AND c.kind = 'image'
		WHERE a.id = ANY(${roots}::bigint[])
			AND (a.kind <> 'index' OR c.id IS NOT NULL
				OR NOT EXISTS (SELECT 1 FROM index_edges f JOIN artifacts d ON d.id = f.child_id
					WHERE f.parent_id = a.id AND d.kind = 'image'))
		ORDER BY a.id, e.position
	`.execute(db);
	const seen = new Set<Id>();
	return rows.filter(({ root, image }) => {
		const key = image ?? `none in ${root}`;
		return !seen.has(key) && seen.add(key);
	});
}

interface ImageRow {
	readonly id: Id;
	readonly supported: boolean;
	readonly current: boolean;
	readonly activeScanId: Id | null;
	readonly activeGroupId: Id | null;
	readonly activePriority: number | null;
}

export async function requestImages(leaves: readonly Leaf[], ask: ScanAsk, deps: RequestDeps): Promise<ScanRequested> {
	const scanner = ask.scanner ?? "builtin";
	const priority = priorities[ask.priority ?? priorityOf[ask.reason]];
	const images = leaves.flatMap(({ image }) => image ?? []);
	const hurried = new Set<Id>();
	const requested = await deps.db.transaction().execute(async (tx) => {
		await sql`SELECT id FROM artifacts WHERE id = ANY(${images}::bigint[]) ORDER BY id FOR NO KEY UPDATE`.execute(tx);
		const rows = await imageRows(tx, images, scanner);
		const sum = { queued: 0, joined: 0, current: 0, unsupported: 0, scanIds: [] as Id[] };
		const wanted: { readonly root: Id; readonly image: Id }[] = [];
		for (const { root, image } of leaves) {
			const row = image === null ? undefined : rows.get(image);
			if (image === null || !row?.supported) sum.unsupported += 1;
			else if (row.activeScanId !== null) {
				sum.joined += 1;
				sum.scanIds.push(row.activeScanId);
				if (row.activeGroupId !== null && (row.activePriority ?? 0) > priority) hurried.add(row.activeGroupId);
			} else if (row.current && !ask.force) sum.current += 1;
			else wanted.push({ root, image });
		}
		const scans = await insertScans(tx, wanted, { ...ask, scanner }, priority, deps);
		sum.queued = scans.length;
		sum.scanIds.push(...scans);
		return sum;
	});
	// By itself: groups are locked before artifacts everywhere else.
	if (hurried.size > 0) await hurry(deps.db, [...hurried].sort(), priority);
	return requested;
}

async function imageRows(
	tx: Transaction<Database>,
	ids: readonly Id[],
	scanner: string,
): Promise<ReadonlyMap<Id, ImageRow>> {
	const snapshot = await evaluatedSnapshot(tx);
	const { rows } = await sql<ImageRow>`
		SELECT a.id, a.kind = 'image' AND a.state <> 'not_supported' AS supported,
			a.state = 'complete' AND a.result_scanner = ${scanner}
				AND a.result_snapshot_id IS NOT DISTINCT FROM ${snapshot?.id ?? null}::bigint AS current,
			active.scan_id AS "activeScanId", active.group_id AS "activeGroupId", active.priority AS "activePriority"
		FROM unnest(${ids}::bigint[]) AS asked (id) JOIN artifacts a ON a.id = asked.id
		-- One by one, by the index, whatever the planner knows of tables that have just been filled.
		LEFT JOIN LATERAL (
			SELECT s.id AS scan_id, s.group_id, (SELECT priority FROM scan_groups g WHERE g.id = s.group_id) AS priority
			FROM scans s WHERE s.artifact_id = a.id AND s.scanner = ${scanner} AND s.state IN ('queued', 'scanning') LIMIT 1
		) AS active ON true
	`.execute(tx);
	return new Map(rows.map((row) => [row.id, row]));
}

async function insertScans(
	tx: Transaction<Database>,
	wanted: readonly { readonly root: Id; readonly image: Id }[],
	ask: ScanAsk & { readonly scanner: string },
	priority: number,
	{ queue }: RequestDeps,
): Promise<readonly Id[]> {
	if (wanted.length === 0) return [];
	const roots = [...new Set(wanted.map(({ root }) => root))];
	const groups = await sql<{ id: Id; root: Id; registryId: Id }>`
		INSERT INTO scan_groups (registry_id, repository_id, artifact_id, scanner, priority)
		SELECT a.registry_id, a.repository_id, a.id, ${ask.scanner}, ${priority}
		FROM unnest(${roots}::bigint[]) WITH ORDINALITY AS root (id, place) JOIN artifacts a ON a.id = root.id
		ORDER BY root.place
		RETURNING id, artifact_id AS root, registry_id AS "registryId"
	`.execute(tx);
	const groupOf = new Map(groups.rows.map(({ id, root }) => [root, id]));
	const scans = await sql<{ id: Id; artifactId: Id }>`
		INSERT INTO scans (group_id, artifact_id, registry_id, space_id, repository_id, scanner, state, reason,
			requested_by, schedule_run_id)
		SELECT wanted.group_id, a.id, a.registry_id, a.space_id, a.repository_id, ${ask.scanner}, 'queued', ${ask.reason},
			${ask.requestedBy ?? null}::bigint, ${ask.scheduleRunId ?? null}::bigint
		FROM unnest(${wanted.map(({ root }) => groupOf.get(root))}::bigint[], ${wanted.map(({ image }) => image)}::bigint[])
			WITH ORDINALITY AS wanted (group_id, artifact_id, place)
		JOIN artifacts a ON a.id = wanted.artifact_id
		ORDER BY wanted.place
		RETURNING id, artifact_id AS "artifactId"
	`.execute(tx);
	await markArtifacts(tx, scans.rows, "queued");
	await queue.sendIn(
		tx,
		"scan-group",
		groups.rows.map(({ id, registryId }) => ({
			payload: { groupId: id },
			options: { key: id, priority, lane: registryId },
		})),
	);
	return scans.rows.map(({ id }) => id);
}

async function hurry(db: Db, groupIds: readonly Id[], priority: number): Promise<void> {
	await db.transaction().execute(async (tx) => {
		await sql`SELECT id FROM scan_groups WHERE id = ANY(${groupIds}::bigint[]) ORDER BY id FOR NO KEY UPDATE`.execute(
			tx,
		);
		await sql`
			UPDATE scan_groups SET priority = ${priority}
			WHERE id = ANY(${groupIds}::bigint[]) AND active AND priority > ${priority}
		`.execute(tx);
		await moveJobs(tx, "scan-group", groupIds, priority);
	});
}
