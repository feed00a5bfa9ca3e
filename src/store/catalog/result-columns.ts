/** The result that an artifact shows, out of its columns. */
import { type RawBuilder, sql } from "kysely";
import type { ShownResult } from "#contract";
import type { Summary } from "#model";

export interface Counts {
	readonly critical: number | null;
	readonly high: number | null;
	readonly medium: number | null;
	readonly low: number | null;
	readonly negligible: number | null;
	readonly unknown: number | null;
	readonly fixable: number | null;
	readonly suppressed: number | null;
}

export interface ResultRow extends Counts {
	readonly result_scan_id: string | null;
	readonly result_scanner: string | null;
	readonly result_status: "complete" | "partial" | null;
	readonly scanned_at: Date | null;
	readonly evaluated_at: Date | null;
	readonly advisories_digest: string | null;
}

/** Of the artifact `a` and its snapshot `n`. */
export const resultColumns: RawBuilder<unknown> = sql`
	a.critical, a.high, a.medium, a.low, a.negligible, a.unknown, a.fixable, a.suppressed,
	a.result_scan_id, a.result_scanner, a.result_status, a.scanned_at, a.evaluated_at, n.digest AS advisories_digest`;

export const resultSnapshot: RawBuilder<unknown> = sql`LEFT JOIN advisory_snapshots n ON n.id = a.result_snapshot_id`;

/** Null while no scan ever ended well. */
export function shownResult(row: ResultRow): ShownResult | null {
	if (row.result_scan_id === null || row.result_status === null || row.scanned_at === null) return null;
	return {
		scanId: row.result_scan_id,
		scanner: row.result_scanner ?? "builtin",
		status: row.result_status,
		summary: summaryOf(row),
		scannedAt: row.scanned_at.toISOString(),
		evaluatedAt: row.evaluated_at?.toISOString() ?? null,
		advisoriesDigest: row.advisories_digest,
	};
}

export function summaryOf(counts: Counts): Summary {
	const { critical: c, high: h, medium: m, low: l, negligible: n, unknown: u, fixable, suppressed } = counts;
	const bySeverity = {
		critical: c ?? 0,
		high: h ?? 0,
		medium: m ?? 0,
		low: l ?? 0,
		negligible: n ?? 0,
		unknown: u ?? 0,
	};
	const total = Object.values(bySeverity).reduce((sum, count) => sum + count, 0);
	return { ...bySeverity, total, fixable: fixable ?? 0, suppressed: suppressed ?? 0 };
}
