import { type RawBuilder, sql } from "kysely";
import type { Pruner } from "#server";
import type { Db } from "../database.ts";
import { pruneInventories } from "./inventories.ts";
import { pruneScans } from "./scans.ts";

/** Rows of one DELETE: no long locks, no large transactions. */
const rowsAtOnce = 2_000;
const day = 86_400_000;

export function pruner(db: Db): Pruner {
	/** Deletes what `chosen` names, a batch at a time. */
	async function drop(chosen: (limit: number) => RawBuilder<unknown>, signal: AbortSignal): Promise<number> {
		for (let dropped = 0; ; ) {
			signal.throwIfAborted();
			const { numAffectedRows = 0n } = await chosen(rowsAtOnce).execute(db);
			dropped += Number(numAffectedRows);
			if (numAffectedRows < rowsAtOnce) return dropped;
		}
	}

	return {
		prune: async (ages, now, signal) => {
			const before = (days: number): Date => new Date(now.getTime() - days * day);
			// Runs before scans: their numbers are counted from the scans until they are settled.
			const runs = await drop(
				(limit) => sql`DELETE FROM schedule_runs WHERE id IN (
					SELECT r.id FROM schedule_runs r
					WHERE r.state <> 'running' AND r.due_at < ${before(ages.runDays)} AND EXISTS (
						SELECT 1 FROM schedule_runs later WHERE later.schedule_id = r.schedule_id AND later.id > r.id
							AND later.started_at IS NOT NULL)
					LIMIT ${limit})`,
				signal,
			);
			const audit = await drop(
				(limit) => sql`DELETE FROM audit_log WHERE id IN (
					SELECT id FROM audit_log WHERE at < ${before(ages.auditDays)} ORDER BY at LIMIT ${limit})`,
				signal,
			);
			const tokens = await drop(
				(limit) => sql`DELETE FROM api_tokens WHERE id IN (
					SELECT id FROM api_tokens WHERE expires_at < ${before(ages.tokenDays)} LIMIT ${limit})`,
				signal,
			);
			const scans = await pruneScans(db, ages, now, signal);
			// Last: pruned scans let go of theirs.
			const known = await pruneInventories(db, before(ages.inventoryDays), signal);
			return { runs, audit, tokens, scans, ...known };
		},
	};
}
