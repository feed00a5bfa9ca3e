/** Scans as workers see them: see `ScanWork`. Everything is fenced by worker and attempt. */
import { sql, type Transaction } from "kysely";
import type { Id, Progress } from "#contract";
import type { Digest } from "#model";
import type { NewLogLine, ScanFailed, ScanImage, ScanTask, ScanWork } from "#server";
import { progressOfGroups } from "../catalog/progress.ts";
import type { Db } from "../database.ts";
import { publishIn } from "../events/index.ts";
import { isAlive } from "../queue/claims.ts";
import type { Database } from "../schema.ts";
import { moveScans, refreshIndexes } from "./artifact-state.ts";
import { bandwidthShare } from "./lanes.ts";
import { appendLog } from "./log.ts";
import type { ScanSignals } from "./signals.ts";

/** An image that cost so many workers, or scanning processes, their lives is not tried again. */
const mostCrashes = 3;

interface GroupRow {
	readonly id: Id;
	readonly registryId: Id;
	readonly repository: string;
	readonly scanner: string;
	readonly rootId: Id;
	readonly rootDigest: Digest;
	/** Whoever was at it is dead; one who lives and lost his lease in a cut connection did not die of the image. */
	readonly died: boolean;
	readonly attempts: number;
	readonly crashes: number;
}

export function scanWork(db: Db, signals: ScanSignals): ScanWork {
	return {
		begin: (groupId, worker) => db.transaction().execute((tx) => begin(tx, groupId, worker)),
		bandwidth: (registryId, bytesPerSecond) => bandwidthShare(db, registryId, bytesPerSecond),
		progress: (task, bytesDone, bytesTotal) => progress(db, task, bytesDone, bytesTotal),
		log: (task, lines) => appendLog(db, task.groupId, lines, true),
		fail: (task, scanIds, failed) =>
			db.transaction().execute(async (tx) => {
				if (await lockOwn(tx, task)) await moveScans(tx, scanIds, failed);
			}),
		release: (task, how) => db.transaction().execute((tx) => release(tx, task, how)),
		end: (task) =>
			db.transaction().execute(async (tx) => {
				if (await lockOwn(tx, task)) await endGroup(tx, task.groupId);
			}),
		stopRequested: async (groupId) => {
			const { rows } = await sql<{ stop: boolean }>`
				SELECT stop_requested OR NOT active AS stop FROM scan_groups WHERE id = ${groupId}
			`.execute(db);
			return rows[0]?.stop ?? true;
		},
		onStop: (groupId, listener) => signals.on("stop", groupId, listener),
	};
}

type Tx = Transaction<Database>;

/**
 * Commits without waiting for the disk. When the database's machine fails, what a worker did last may be undone, in
 * order: the job is still there then, and is done again. Requests, stops and results wait.
 */
const hasty = sql`set_config('synchronous_commit', 'off', true)`;

async function begin(tx: Tx, groupId: Id, worker: number): Promise<ScanTask | null> {
	const { rows } = await sql<GroupRow>`
		SELECT g.id, g.registry_id AS "registryId", r.name AS repository, g.scanner, a.id AS "rootId",
			a.digest AS "rootDigest", g.attempts, g.crashes, ${hasty} AS hasty,
			g.worker IS NOT NULL AND NOT ${isAlive(sql`g.worker`)} AS died
		FROM scan_groups g JOIN repositories r ON r.id = g.repository_id JOIN artifacts a ON a.id = g.artifact_id
		WHERE g.id = ${groupId} AND g.active FOR NO KEY UPDATE OF g
	`.execute(tx);
	const [group] = rows;
	if (!group) return null;
	const crashes = group.crashes + (group.died ? 1 : 0);
	if (group.died) await noteDeath(tx, groupId, crashes);
	if (crashes >= mostCrashes) {
		await failAll(tx, groupId, tooManyCrashes(crashes));
		return null;
	}
	const images = await openImages(tx, groupId);
	if (images.length === 0) {
		await endGroup(tx, groupId);
		return null;
	}
	await sql`
		UPDATE scan_groups SET worker = ${worker}, attempts = attempts + 1, crashes = ${crashes}, started_at = now(),
			bytes_done = 0, bytes_total = NULL
		WHERE id = ${groupId}
	`.execute(tx);
	const queued = images.filter(({ state }) => state === "queued").map(({ scanId }) => scanId);
	await moveScans(tx, queued, { state: "scanning" });
	const { registryId, repository, scanner, rootId, rootDigest, attempts } = group;
	return {
		groupId,
		worker,
		attempt: attempts + 1,
		crashes,
		registryId,
		repository,
		scanner,
		root: { artifactId: rootId, digest: rootDigest },
		images,
	};
}

async function openImages(tx: Tx, groupId: Id): Promise<readonly (ScanImage & { readonly state: string })[]> {
	const { rows } = await sql<ScanImage & { state: string }>`
		SELECT s.id AS "scanId", a.id AS "artifactId", a.space_id AS "spaceId", a.digest, a.platform, s.state
		FROM scans s JOIN artifacts a ON a.id = s.artifact_id
		WHERE s.group_id = ${groupId} AND s.state IN ('queued', 'scanning') ORDER BY s.id
	`.execute(tx);
	return rows;
}

async function lockOwn(tx: Tx, { groupId, worker, attempt }: ScanTask): Promise<boolean> {
	const { rows } = await sql`
		SELECT id, ${hasty} AS hasty FROM scan_groups
		WHERE id = ${groupId} AND worker = ${worker} AND attempts = ${attempt} AND active FOR NO KEY UPDATE
	`.execute(tx);
	return rows.length > 0;
}

/** Its lock is held. */
export async function endGroup(tx: Tx, groupId: Id): Promise<void> {
	const open = (await openImages(tx, groupId)).map(({ scanId }) => scanId);
	await moveScans(tx, open, {
		state: "failed",
		code: "internal",
		message: "The scanner ended without saying anything of this image.",
		hint: "Scan it again; if it stays, report it with this log.",
	});
	const { rows } = await sql<{ id: Id }>`
		WITH ended AS (
			UPDATE scan_groups SET active = false, worker = NULL, finished_at = now() WHERE id = ${groupId} RETURNING id
		)
		SELECT s.artifact_id AS id FROM ended CROSS JOIN pg_notify('plimsoll_scan_logs', ${groupId})
		JOIN scans s ON s.group_id = ended.id AND EXISTS (SELECT 1 FROM index_edges e WHERE e.child_id = s.artifact_id)
	`.execute(tx);
	// A result that was kept does not know the index's scans.
	const children = rows.map(({ id }) => id);
	if (children.length > 0) await publishIn(tx, await refreshIndexes(tx, children));
}

async function failAll(tx: Tx, groupId: Id, failed: ScanFailed): Promise<void> {
	const open = (await openImages(tx, groupId)).map(({ scanId }) => scanId);
	await appendLog(tx, groupId, [line("error", `${failed.message} ${failed.hint}`)]);
	await moveScans(tx, open, failed);
	await endGroup(tx, groupId);
}

async function release(tx: Tx, task: ScanTask, how: "later" | "crashed"): Promise<boolean> {
	if (!(await lockOwn(tx, task))) return false;
	const crashes = task.crashes + (how === "crashed" ? 1 : 0);
	if (crashes >= mostCrashes) {
		await sql`UPDATE scan_groups SET crashes = ${crashes} WHERE id = ${task.groupId}`.execute(tx);
		await failAll(tx, task.groupId, tooManyCrashes(crashes));
		return false;
	}
	await queueAgain(tx, task.groupId, crashes);
	return true;
}

/** Its lock is held. What has its result keeps it. */
export async function queueAgain(tx: Tx, groupId: Id, crashes: number): Promise<void> {
	await sql`
		UPDATE scan_groups SET worker = NULL, crashes = ${crashes}, started_at = NULL, bytes_done = 0, bytes_total = NULL
		WHERE id = ${groupId}
	`.execute(tx);
	const open = await openImages(tx, groupId);
	await moveScans(
		tx,
		open.map(({ scanId }) => scanId),
		{ state: "queued" },
	);
}

export async function noteDeath(tx: Tx, groupId: Id, crashes: number): Promise<void> {
	const times = `${crashes}${["th", "st", "nd", "rd"][crashes] ?? "th"}`;
	await appendLog(tx, groupId, [
		line("warning", `The worker that read this died (the ${times} time); another takes it up.`),
	]);
}

function tooManyCrashes(crashes: number): ScanFailed {
	const times = crashes === 3 ? "three times" : `${crashes} times`;
	return {
		state: "failed",
		code: "worker_died",
		message: `This image stopped the worker ${times}, so it is not tried again.`,
		hint: "Look for what it needs (memory above all) and scan it again; the last good result stays.",
	};
}

function line(level: NewLogLine["level"], message: string): NewLogLine {
	return { at: new Date().toISOString(), level, message };
}

/** A page with an index's details shows its children; more than these nobody looks at. */
const mostTold = 20;

async function progress(db: Db, task: ScanTask, bytesDone: number, bytesTotal: number): Promise<Progress | null> {
	const { rows } = await sql<{ id: Id }>`
		UPDATE scan_groups SET bytes_done = ${bytesDone}, bytes_total = ${bytesTotal}
		WHERE id = ${task.groupId} AND worker = ${task.worker} AND attempts = ${task.attempt} AND active RETURNING id
	`.execute(db);
	if (rows.length === 0) return null;
	const now = (await progressOfGroups(db, [task.groupId])).get(task.groupId);
	const [first] = task.images;
	if (!now || !first) return null;
	const told = task.images
		.slice(0, mostTold)
		.map(({ scanId, artifactId, spaceId }) => ({ scanId, artifactId, spaceId }));
	if (!told.some(({ artifactId }) => artifactId === task.root.artifactId))
		told.push({ scanId: first.scanId, artifactId: task.root.artifactId, spaceId: first.spaceId });
	await publishIn(
		db,
		told.map(({ scanId, artifactId, spaceId }) => ({
			spaceId,
			audience: "space" as const,
			body: { type: "scan.progress" as const, scanId, artifactId, progress: now },
		})),
	);
	return now;
}
