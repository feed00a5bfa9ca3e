/** Logs of scans: lines of a group, numbered without a gap. */
import { sql, type Transaction } from "kysely";
import type { Id, LogLine } from "#contract";
import type { NewLogLine } from "#server";
import type { Db } from "../database.ts";
import type { Database } from "../schema.ts";

export const logsChannel = "plimsoll_scan_logs";

/** A line longer than this is of no use to a person. */
const longestLine = 4_000;

/**
 * The counter in the group's row gives the numbers, so that two writers never take the same. How many lines there are.
 * `hasty`: commits without waiting for the disk.
 */
export async function appendLog(
	tx: Db | Transaction<Database>,
	groupId: Id,
	lines: readonly NewLogLine[],
	hasty = false,
): Promise<number> {
	const { rows } = await sql<{ count: number }>`
		WITH grown AS (
			UPDATE scan_groups SET log_lines = log_lines + ${lines.length} WHERE id = ${groupId} RETURNING id, log_lines
		), added AS (
			INSERT INTO scan_log_lines (group_id, line, at, level, message)
			SELECT grown.id, grown.log_lines - ${lines.length} + new.place, new.at, new.level, new.message
			FROM grown, unnest(${lines.map(({ at }) => at)}::timestamptz[], ${lines.map(({ level }) => level)}::text[],
				${lines.map(({ message }) => printable(message))}::text[]) WITH ORDINALITY AS new (at, level, message, place)
		)
		SELECT log_lines AS count ${hasty ? sql`, set_config('synchronous_commit', 'off', true)` : sql``}
		FROM grown, pg_notify(${logsChannel}, ${groupId})
	`.execute(tx);
	return rows[0]?.count ?? 0;
}

/** What images are called goes into logs: no control character reaches a terminal from there. */
function printable(message: string): string {
	return message.replace(/[\u0000-\u001f\u007f-\u009f\ud800-\udfff]/gu, "\ufffd").slice(0, longestLine);
}

export async function linesAfter(db: Db, groupId: Id, after: number, limit: number): Promise<readonly LogLine[]> {
	const { rows } = await sql<{ line: number; at: Date; level: LogLine["level"]; message: string }>`
		SELECT line, at, level, message FROM scan_log_lines
		WHERE group_id = ${groupId} AND line > ${after} ORDER BY line LIMIT ${limit}
	`.execute(db);
	return rows.map(({ line, at, level, message }) => ({ line, at: at.toISOString(), level, message }));
}

export async function isGroupActive(db: Db, groupId: Id): Promise<boolean> {
	const { rows } = await sql<{ active: boolean }>`SELECT active FROM scan_groups WHERE id = ${groupId}`.execute(db);
	return rows[0]?.active ?? false;
}
