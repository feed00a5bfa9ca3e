/** Keeps what a scan found: see the port. */
import { type Kysely, sql, type Transaction } from "kysely";
import type { Id } from "#contract";
import { type ImageContents, identify, isWhollyRead, statusBy } from "#engine";
import type { Summary } from "#model";
import { type Clock, type KeptResult, type NewEvent, ServerError } from "#server";
import type { CurrentAdvisories, OpenedAdvisories } from "../advisories/current.ts";
import { evaluatedSnapshot } from "../advisories/snapshot-rows.ts";
import type { Db } from "../database.ts";
import { publishIn } from "../events/index.ts";
import { refreshIndexes } from "../scans/artifact-state.ts";
import type { Database } from "../schema.ts";
import { shareEvaluation } from "./evaluation-lock.ts";
import { keepInventory } from "./inventories.ts";
import { type KnownPackageVersion, packageVersions } from "./package-versions.ts";
import { refreshParents } from "./parents.ts";

export interface KeepDeps {
	readonly db: Db;
	readonly advisories: CurrentAdvisories;
	readonly clock: Clock;
}

export async function keepResult(scanId: Id, contents: ImageContents, deps: KeepDeps): Promise<KeptResult> {
	if (contents.unreadable)
		throw new ServerError(
			"unprocessable",
			"Not one layer of the image could be read, so there is no result.",
			"Check with another tool that the image can be pulled; its layers may be damaged or of an unknown form.",
		);
	return await deps.db.transaction().execute(async (tx) => {
		await shareEvaluation(tx);
		const scan = await lockScan(tx, scanId);
		if (scan.result_status && scan.summary) return { status: scan.result_status, summary: scan.summary };
		if (scan.state !== "queued" && scan.state !== "scanning")
			throw new ServerError(
				"conflict",
				`The scan ended as ${scan.state} before its result came.`,
				"Scan the image again.",
			);
		const snapshot = await evaluatedSnapshot(tx);
		if (!snapshot)
			throw new ServerError(
				"unavailable",
				"There are no advisories yet that an image could be judged by.",
				"Fetch them (POST /api/v1/advisories/update), then scan again.",
			);
		return await deps.advisories.with(snapshot, (advisories) => keepIn(tx, scan, contents, advisories, deps.clock()));
	});
}

interface ScanRow {
	readonly id: Id;
	readonly artifact_id: Id;
	readonly scanner: string;
	readonly state: string;
	readonly result_status: "complete" | "partial" | null;
	readonly summary: Summary | null;
}

async function lockScan(tx: Kysely<Database>, id: Id): Promise<ScanRow> {
	const { rows } = await sql<ScanRow>`
		SELECT id, artifact_id, scanner, state, result_status, summary FROM scans WHERE id = ${id} FOR NO KEY UPDATE
	`.execute(tx);
	const [scan] = rows;
	if (!scan)
		throw new ServerError("not_found", "The scan is gone, and its image with it.", "Nothing needs to be done.");
	return scan;
}

async function keepIn(
	tx: Transaction<Database>,
	scan: ScanRow,
	contents: ImageContents,
	advisories: OpenedAdvisories,
	now: Date,
): Promise<KeptResult> {
	const identified = identify(contents.inventory);
	const versions = await packageVersions(tx, identified, advisories);
	const whole = isWhollyRead(contents);
	const isComplete = whole && !versions.some(({ gap }) => gap) && statusBy(advisories.store, now) === "complete";
	const status = isComplete ? "complete" : "partial";
	const summary = summed(versions);
	const inventoryId = await keepInventory(tx, contents, identified, versions, whole);
	const events = await endScan(tx, scan, { status, summary, inventoryId, snapshotId: advisories.id, now });
	await refreshParents(tx, [scan.artifact_id]);
	await publishIn(tx, [...events, ...(await refreshIndexes(tx, [scan.artifact_id]))]);
	return { status, summary };
}

interface Ended {
	readonly status: "complete" | "partial";
	readonly summary: Summary;
	readonly inventoryId: Id;
	readonly snapshotId: Id;
	readonly now: Date;
}

/** The scan's end, the artifact's result, and who is told of it. */
async function endScan(tx: Kysely<Database>, scan: ScanRow, ended: Ended): Promise<readonly NewEvent[]> {
	const { status, summary, inventoryId, snapshotId, now } = ended;
	const { critical, high, medium, low, negligible, unknown, fixable, suppressed } = summary;
	const { rows } = await sql<{ space_id: Id; repository: string }>`
		WITH ended AS (
			UPDATE scans SET state = 'complete', finished_at = ${now}, result_status = ${status},
				summary = ${JSON.stringify(summary)}::jsonb, snapshot_id = ${snapshotId}, inventory_id = ${inventoryId},
				error_code = NULL, error_message = NULL, error_hint = NULL
			WHERE id = ${scan.id}
		)
		UPDATE artifacts a SET state = 'complete', active_scan_id = nullif(active_scan_id, ${scan.id}::bigint),
			last_scan_id = greatest(last_scan_id, ${scan.id}::bigint), result_scan_id = ${scan.id},
			result_scanner = ${scan.scanner}, result_status = ${status}, result_snapshot_id = ${snapshotId},
			inventory_id = ${inventoryId}, scanned_at = ${now}, evaluated_at = ${now}, critical = ${critical}, high = ${high},
			medium = ${medium}, low = ${low}, negligible = ${negligible}, unknown = ${unknown}, fixable = ${fixable},
			suppressed = ${suppressed}
		FROM repositories r WHERE a.id = ${scan.artifact_id} AND r.id = a.repository_id
		RETURNING a.space_id, r.name AS repository
	`.execute(tx);
	return rows.flatMap(({ space_id: spaceId, repository }): NewEvent[] => {
		const place = { spaceId, audience: "space" } as const;
		const about = { artifactId: scan.artifact_id, repository };
		return [
			{ ...place, body: { type: "scan.state", scanId: scan.id, state: "complete", ...about } },
			{ ...place, body: { type: "artifact.counts", ...about } },
		];
	});
}

function summed(versions: readonly KnownPackageVersion[]): Summary {
	const sum = { critical: 0, high: 0, medium: 0, low: 0, negligible: 0, unknown: 0, fixable: 0 };
	for (const version of versions) for (const field of fields) sum[field] += version[field];
	const { fixable, ...bySeverity } = sum;
	const total = Object.values(bySeverity).reduce((all, count) => all + count, 0);
	return { ...bySeverity, total, fixable, suppressed: 0 };
}

const fields = ["critical", "high", "medium", "low", "negligible", "unknown", "fixable"] as const;
