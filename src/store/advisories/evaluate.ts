/**
 * Judges all that is known by the newest snapshot, pulling nothing: what differs between the two snapshots says which
 * package versions to judge again, and only images that hold one whose numbers changed are counted again. All of it is
 * written in one transaction, so that a process that dies in between has done nothing, and the next begins anew.
 */
import { sql } from "kysely";
import type { Id } from "#contract";
import { type AdvisoryChanges, compareSnapshots, statusBy } from "#engine";
import type { Clock } from "#server";
import type { Db } from "../database.ts";
import { lockEvaluation } from "../results/evaluation-lock.ts";
import { announce } from "./announce.ts";
import { applyJudged } from "./apply.ts";
import type { CurrentAdvisories, OpenedAdvisories } from "./current.ts";
import { rejudge } from "./rejudge.ts";
import { renewScores } from "./scores.ts";
import type { SnapshotFiles } from "./snapshot-files.ts";
import { addSnapshot, evaluatedSnapshot, type SnapshotRow } from "./snapshot-rows.ts";
import { dropTables, listTouched, makeTables } from "./touched.ts";

export interface EvaluateDeps {
	readonly db: Db;
	readonly files: SnapshotFiles;
	readonly advisories: CurrentAdvisories;
	readonly clock: Clock;
}

/** Any number: one evaluator at a time; the others wait for it and then find nothing to do. */
const lock = 0x45_56_41_52;

/** Brings all results to the current snapshot; true when there was something to do. @throws EngineError advisories_missing */
export async function evaluate(deps: EvaluateDeps, signal: AbortSignal): Promise<boolean> {
	return await deps.db.connection().execute(async (connection) => {
		await takeTurn(connection, signal);
		try {
			return await evaluateAlone(connection, deps, signal);
		} finally {
			// A connection that broke has given up both already.
			await dropTables(connection).catch(() => undefined);
			await sql`SELECT pg_advisory_unlock(${lock})`.execute(connection).catch(() => undefined);
		}
	});
}

/** Waits in steps, so that a stop is heard. */
async function takeTurn(connection: Db, signal: AbortSignal): Promise<void> {
	for (;;) {
		signal.throwIfAborted();
		const { rows } = await sql<{ got: boolean }>`SELECT pg_try_advisory_lock(${lock}) AS got`.execute(connection);
		if (rows[0]?.got) return;
		await sql`SELECT pg_sleep(0.2)`.execute(connection);
	}
}

async function evaluateAlone(connection: Db, deps: EvaluateDeps, signal: AbortSignal): Promise<boolean> {
	const { files, advisories } = deps;
	const before = await evaluatedSnapshot(connection);
	const newest = await registerCurrent(connection, files);
	return await advisories.with(newest, async (opened) => {
		if (before?.digest === newest.digest) {
			// Only the last part may be missing.
			const open = await openEvaluation(connection, newest.id);
			if (open === null) return false;
			await finish(connection, open, null, opened, deps, signal);
			return true;
		}
		const changes = await compareSnapshots(
			before && files.pathOf(before.digest),
			files.pathOf(newest.digest) ?? "",
			signal,
		);
		const evaluationId = await beginEvaluation(connection, newest.id, deps.clock());
		await makeTables(connection);
		await listTouched(connection, changes);
		await sql`ANALYZE touched`.execute(connection);
		const judged = await rejudge(connection, opened, signal);
		await connection.transaction().execute(async (tx) => {
			await lockEvaluation(tx);
			// What was kept in between, by the old snapshot.
			await listTouched(tx, changes);
			const more = await rejudge(tx, opened, signal);
			const now = deps.clock();
			const isCurrent = statusBy(opened.store, now) === "complete";
			const how = { snapshotId: newest.id, isCurrent, now, everything: changes.everything };
			const applied = await applyJudged(tx, opened.store, how);
			const appeared = await announce(tx, applied, opened.store);
			await sql`
				UPDATE evaluations SET packages = ${judged + more}, artifacts = ${applied.images.length},
					appeared = ${appeared}, gone = ${applied.gone} WHERE id = ${evaluationId}
			`.execute(tx);
			// The newest time tells which one counts, also when the clock was set back.
			await sql`
				UPDATE advisory_snapshots SET evaluated_at = greatest(${now}::timestamptz,
					(SELECT max(evaluated_at) + interval '1 millisecond' FROM advisory_snapshots))
				WHERE id = ${newest.id}
			`.execute(tx);
			signal.throwIfAborted();
		});
		await finish(connection, evaluationId, changes, opened, deps, signal);
		return true;
	});
}

/** The current snapshot of the folder, with its row. */
async function registerCurrent(db: Db, files: SnapshotFiles): Promise<SnapshotRow> {
	const { digest } = files.keepCurrent();
	const store = files.open(digest);
	try {
		return await addSnapshot(db, store);
	} finally {
		store.close();
	}
}

/** What changes no number and may be done in pieces; then older files are of no use. */
async function finish(
	connection: Db,
	evaluationId: Id,
	changes: AdvisoryChanges | null,
	{ store }: OpenedAdvisories,
	{ files, clock }: EvaluateDeps,
	signal: AbortSignal,
): Promise<void> {
	const names = !changes || changes.everything ? null : [...changes.scores, ...changes.vulnerabilities];
	await renewScores(connection, names, store, signal);
	await sql`UPDATE evaluations SET finished_at = ${clock()} WHERE id = ${evaluationId}`.execute(connection);
	const current = await evaluatedSnapshot(connection);
	if (current) files.keepOnly([current.digest]);
}

async function openEvaluation(connection: Db, snapshotId: Id): Promise<Id | null> {
	const { rows } = await sql<{ id: Id }>`
		SELECT id FROM evaluations WHERE snapshot_id = ${snapshotId} AND finished_at IS NULL ORDER BY id DESC LIMIT 1
	`.execute(connection);
	return rows[0]?.id ?? null;
}

/** One that was broken off is begun again. */
async function beginEvaluation(connection: Db, snapshotId: Id, now: Date): Promise<Id> {
	const { rows } = await sql<{ id: Id }>`
		WITH again AS (
			UPDATE evaluations SET started_at = ${now} WHERE id = (
				SELECT id FROM evaluations WHERE snapshot_id = ${snapshotId} AND finished_at IS NULL ORDER BY id DESC LIMIT 1)
			RETURNING id
		), fresh AS (
			INSERT INTO evaluations (snapshot_id, started_at)
			SELECT ${snapshotId}, ${now} WHERE NOT EXISTS (SELECT 1 FROM again) RETURNING id
		)
		SELECT id FROM again UNION ALL SELECT id FROM fresh
	`.execute(connection);
	const [row] = rows;
	if (!row) throw new Error("An evaluation was not begun.");
	return row.id;
}
