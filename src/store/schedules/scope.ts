/** Which images and indexes a run is about, as a condition on `artifacts a JOIN repositories r`. */
import { type RawBuilder, sql } from "kysely";
import type { Id, ScheduleAction, ScheduleScope } from "#contract";
import { all } from "../paging/page.ts";

/** An image whose scan failed or was stopped is tried again by "scan what is new" after so long, not at each run. */
const failedAgain = sql`interval '20 hours'`;

/** `*` is anything but a slash, `**` anything; all else is itself. */
function patternOf(glob: string): string {
	const parts = glob.split(/(\*{2,}|\*)/).map((part) => {
		if (part === "*") return "[^/]*";
		return part.startsWith("**") ? ".*" : part.replace(/[^A-Za-z0-9_/-]/g, (sign) => `\\${sign}`);
	});
	return `^${parts.join("")}$`;
}

/** Images that stand in an index are scanned with it: only what stands by itself is taken. */
export function inScope(scope: ScheduleScope): RawBuilder<boolean> {
	const conditions = [sql<boolean>`a.top AND a.kind IN ('image', 'index') AND a.state <> 'not_supported'`];
	if (scope.registry !== undefined) conditions.push(sql<boolean>`a.registry_id = ${scope.registry}::bigint`);
	if (scope.space !== undefined) conditions.push(sql<boolean>`a.space_id = ${scope.space}::bigint`);
	if (scope.repositories?.length)
		conditions.push(sql<boolean>`r.name ~ ANY(${scope.repositories.map(patternOf)}::text[])`);
	if (scope.tags?.length)
		conditions.push(sql<boolean>`EXISTS (SELECT 1 FROM tags t
			WHERE t.artifact_id = a.id AND t.name ~ ANY(${scope.tags.map(patternOf)}::text[]))`);
	// A registry that does not say when something was pushed: when we first saw it.
	if (scope.pushedWithinDays !== undefined)
		conditions.push(
			sql<boolean>`coalesce(a.pushed_at, a.created_at) >= now() - make_interval(days => ${scope.pushedWithinDays})`,
		);
	if (scope.pulledWithinDays !== undefined)
		conditions.push(sql<boolean>`a.pulled_at >= now() - make_interval(days => ${scope.pulledWithinDays})`);
	return all(conditions);
}

/** The images of `a`: those of an index, or itself. By their keys, so that each costs a look-up and not a scan. */
const images = sql`(SELECT a.id UNION ALL SELECT e.child_id FROM index_edges e WHERE e.parent_id = a.id) AS held (id)
	JOIN artifacts i ON i.id = held.id WHERE i.kind = 'image' AND i.state <> 'not_supported'`;

/** What the action is about, and this run has not asked for yet. */
export function wantedBy(runId: Id, action: ScheduleAction): RawBuilder<boolean> {
	const open = sql<boolean>`EXISTS (SELECT 1 FROM ${images} AND NOT EXISTS (
		SELECT 1 FROM scans s WHERE s.schedule_run_id = ${runId}::bigint AND s.artifact_id = i.id))`;
	if (action === "rescan") return open;
	return sql<boolean>`${open} AND EXISTS (SELECT 1 FROM ${images} AND (
		i.state = 'not_scanned'
		OR (i.state IN ('failed', 'stopped') AND i.scanned_at IS NULL AND NOT EXISTS (
			SELECT 1 FROM scans s WHERE s.artifact_id = i.id AND s.finished_at > now() - ${failedAgain}))))`;
}
