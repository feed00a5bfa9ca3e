/** How far scans are: of those at work the bytes of layers, of those that wait their place; of both when they may end. */
import { sql } from "kysely";
import type { Id, Progress } from "#contract";
import type { Db } from "../database.ts";

/** What estimates are made of. */
export interface QueuePace {
	/** The median of the last 100 groups that ended; null when none has. */
	readonly secondsPerGroup: number | null;
	/** Groups that are at work now. */
	readonly running: number;
}

interface GroupRow {
	readonly id: string;
	readonly waits: boolean;
	readonly place: number | null;
	readonly bytesDone: number;
	readonly bytesTotal: number | null;
	readonly secondsRun: number;
}

/** Of those of the groups that are active. */
export async function progressOfGroups(db: Db, groupIds: readonly Id[]): Promise<ReadonlyMap<Id, Progress>> {
	if (groupIds.length === 0) return new Map();
	const [groups, pace] = await Promise.all([readGroups(db, groupIds), queuePace(db)]);
	return new Map(groups.map((group) => [group.id, progress(group, pace)]));
}

async function queuePace(db: Db): Promise<QueuePace> {
	const { rows } = await sql<{ seconds: number | null; running: number }>`
		SELECT
			(SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - started_at))
				FROM (SELECT started_at, finished_at FROM scan_groups
					WHERE finished_at IS NOT NULL AND started_at IS NOT NULL ORDER BY finished_at DESC LIMIT 100) AS latest
			)::float8 AS seconds,
			(SELECT count(*) FROM scan_groups WHERE active AND started_at IS NOT NULL)::float8 AS running`.execute(db);
	return { secondsPerGroup: rows[0]?.seconds ?? null, running: rows[0]?.running ?? 0 };
}

/** The queue is numbered once, however many groups are asked for. */
async function readGroups(db: Db, ids: readonly Id[]): Promise<readonly GroupRow[]> {
	const { rows } = await sql<GroupRow>`
		WITH queue AS (
			SELECT id, row_number() OVER (ORDER BY priority, id) AS place FROM scan_groups WHERE active AND started_at IS NULL
		)
		SELECT g.id, g.started_at IS NULL AS waits, q.place::float8 AS place, g.bytes_done::float8 AS "bytesDone",
			g.bytes_total::float8 AS "bytesTotal",
			coalesce(extract(epoch FROM clock_timestamp() - g.started_at), 0)::float8 AS "secondsRun"
		FROM scan_groups g LEFT JOIN queue q ON q.id = g.id
		WHERE g.id = ANY(${ids}::bigint[]) AND g.active`.execute(db);
	return rows;
}

function progress({ place, waits, bytesDone, bytesTotal, secondsRun }: GroupRow, pace: QueuePace): Progress {
	const percent =
		waits || bytesTotal === null || bytesTotal === 0 ? null : Math.min(100, (bytesDone / bytesTotal) * 100);
	const seconds = waits ? untilQueuedIsDone(place ?? 1, pace) : untilRunningIsDone(percent, secondsRun, pace);
	return {
		percent: percent === null ? null : Math.round(percent * 10) / 10,
		bytesDone,
		bytesTotal,
		place,
		estimateSeconds: seconds === null ? null : Math.ceil(seconds),
	};
}

/** As many rounds as it takes until its turn, and its own. */
function untilQueuedIsDone(place: number, { secondsPerGroup, running }: QueuePace): number | null {
	if (secondsPerGroup === null) return null;
	return secondsPerGroup * Math.ceil(place / Math.max(1, running)) + (running > 0 ? secondsPerGroup / 2 : 0);
}

/** Under 5 % the bytes say little about the pace. */
const tellingPercent = 5;

function untilRunningIsDone(percent: number | null, secondsRun: number, pace: QueuePace): number | null {
	if (percent !== null && percent >= tellingPercent) return (secondsRun * (100 - percent)) / percent;
	return pace.secondsPerGroup === null ? null : Math.max(1, pace.secondsPerGroup - secondsRun);
}
