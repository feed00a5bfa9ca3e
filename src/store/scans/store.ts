/** Scans as people see them: see the port. */
import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import type { Id, LogLine, ScanState } from "#contract";
import { forbidden, mayAs, notFound, type ScanStore, ServerError, type Sight, sees } from "#server";
import type { Db } from "../database.ts";
import type { OpenJobQueue } from "../queue/queue.ts";
import { dropJobs } from "../queue/send.ts";
import { moveScans } from "./artifact-state.ts";
import { appendLog, isGroupActive, linesAfter } from "./log.ts";
import { requestImages, requestScans } from "./request.ts";
import { getScan, listScans } from "./shown.ts";
import { type ScanSignals, stopsChannel } from "./signals.ts";
import { endGroup } from "./task.ts";

export interface ScanStoreDeps {
	readonly db: Db;
	readonly queue: Pick<OpenJobQueue, "sendIn">;
	readonly signals: ScanSignals;
}

export function scanStore(deps: ScanStoreDeps): ScanStore {
	const { db } = deps;
	return {
		request: (ask) => requestScans(ask, deps),
		get: (id, sight) => getScan(db, id, sight),
		list: (query, sight) => listScans(db, query, sight),
		stop: async (id, by, sight) => {
			const scan = await editableScan(db, id, sight, "stop");
			return await stopGroup(db, scan.groupId, by);
		},
		retry: async (id, requestedBy, sight) => {
			const scan = await editableScan(db, id, sight, "retry");
			if (scan.state === "queued" || scan.state === "scanning")
				throw new ServerError("conflict", `The scan is ${scan.state}.`, "Stop it first, or wait until it has ended.");
			const leaves = await again(db, scan);
			const artifactIds = leaves.map(({ image }) => image);
			return await requestImages(
				leaves,
				{ target: { artifactIds }, reason: "retry", force: true, requestedBy, scanner: scan.scanner },
				deps,
			);
		},
		log: async (id, { after = 0, limit = 200 }, sight) => {
			const scan = await findScan(db, id);
			if (!scan || !sees(sight, scan.spaceId)) return null;
			const lines = await linesAfter(db, scan.groupId, after, limit + 1);
			const items = lines.slice(0, limit);
			return { items, next: lines.length > limit ? String(items.at(-1)?.line ?? after) : null };
		},
		followLog: async (id, after, sight, signal) => {
			const scan = await findScan(db, id);
			if (!scan || !sees(sight, scan.spaceId)) return null;
			return follow(deps, scan.groupId, after, signal);
		},
	};
}

interface ScanRow {
	readonly id: Id;
	readonly artifactId: Id;
	readonly groupId: Id;
	readonly spaceId: Id;
	readonly scanner: string;
	readonly state: ScanState;
}

async function findScan(db: Db, id: Id): Promise<ScanRow | null> {
	const { rows } = await sql<ScanRow>`
		SELECT id, artifact_id AS "artifactId", group_id AS "groupId", space_id AS "spaceId", scanner, state
		FROM scans WHERE id = ${id}
	`.execute(db);
	return rows[0] ?? null;
}

async function editableScan(db: Db, id: Id, sight: Sight, verb: string): Promise<ScanRow> {
	const scan = await findScan(db, id);
	if (!scan || !sees(sight, scan.spaceId)) throw notFound("scan");
	if (!mayAs(sight, scan.spaceId, "editor"))
		throw forbidden(`${verb} this scan`, "the role of editor in its workspace");
	return scan;
}

async function stopGroup(db: Db, groupId: Id, by: string): Promise<number> {
	return await db.transaction().execute(async (tx) => {
		const { rows } = await sql<{ worker: number | null }>`
			SELECT worker FROM scan_groups WHERE id = ${groupId} AND active FOR NO KEY UPDATE
		`.execute(tx);
		const open = await sql<{ id: Id }>`
			SELECT id FROM scans WHERE group_id = ${groupId} AND state IN ('queued', 'scanning') ORDER BY id
		`.execute(tx);
		const [group] = rows;
		if (!group || open.rows.length === 0)
			throw new ServerError("conflict", "The scan has ended already.", "There is nothing to stop.");
		await appendLog(tx, groupId, [{ at: new Date().toISOString(), level: "warning", message: `Stopped by ${by}.` }]);
		const stopped = await moveScans(
			tx,
			open.rows.map(({ id }) => id),
			{ state: "stopped" },
		);
		await sql`UPDATE scan_groups SET stop_requested = true WHERE id = ${groupId}`.execute(tx);
		if (group.worker === null) {
			await endGroup(tx, groupId);
			await dropJobs(tx, "scan-group", [groupId]);
		} else await sql`SELECT pg_notify(${stopsChannel}, ${groupId})`.execute(tx);
		return stopped.length;
	});
}

/** What has no result of those that were read together; of a complete one, itself. */
async function again(db: Db, scan: ScanRow): Promise<readonly { readonly root: Id; readonly image: Id }[]> {
	if (scan.state === "complete") return [{ root: scan.artifactId, image: scan.artifactId }];
	const { rows } = await sql<{ root: Id; image: Id }>`
		SELECT g.artifact_id AS root, s.artifact_id AS image FROM scans s JOIN scan_groups g ON g.id = s.group_id
		WHERE s.group_id = ${scan.groupId} AND (s.state IN ('failed', 'stopped') OR s.id = ${scan.id}) ORDER BY s.id
	`.execute(db);
	return rows;
}

const linesAtOnce = 500;
/** When a notification was lost. */
const askMs = 2_000;

async function* follow(
	{ db, signals }: ScanStoreDeps,
	groupId: Id,
	from: number,
	signal: AbortSignal,
): AsyncGenerator<readonly LogLine[]> {
	let bell = Promise.withResolvers<void>();
	const off = signals.on("log", groupId, () => bell.resolve());
	const leave = (): void => bell.resolve();
	signal.addEventListener("abort", leave);
	try {
		for (let after = from; !signal.aborted; ) {
			bell = Promise.withResolvers<void>();
			// Asked before the lines are read: an ended log has them all.
			const active = await isGroupActive(db, groupId);
			const lines = await linesAfter(db, groupId, after, linesAtOnce);
			if (lines.length > 0) yield lines;
			after = lines.at(-1)?.line ?? after;
			if (lines.length === linesAtOnce) continue;
			if (!active) return;
			const late = new AbortController();
			await Promise.race([bell.promise, pause(askMs, undefined, { signal: late.signal }).catch(() => {})]);
			late.abort();
		}
	} finally {
		off();
		signal.removeEventListener("abort", leave);
	}
}
