import { sql } from "kysely";
import type { AdvisoriesInfo, Id } from "#contract";
import type { AdvisoryService } from "#server";
import type { Db } from "../database.ts";
import { type EvaluateDeps, evaluate } from "./evaluate.ts";

export function advisoryService(deps: EvaluateDeps): AdvisoryService {
	const { db, clock } = deps;
	return {
		info: async () => ({ current: await current(db), update: await update(db), evaluations: await evaluations(db) }),
		updateBegan: async () => {
			await sql`
				UPDATE advisory_updates SET state = 'running', started_at = ${clock()}, finished_at = NULL, error = NULL
			`.execute(db);
		},
		updateEnded: async (error) => {
			await sql`
				UPDATE advisory_updates SET state = ${error === null ? "idle" : "failed"}, finished_at = ${clock()}, error = ${error}
			`.execute(db);
		},
		evaluate: (signal) => evaluate(deps, signal),
	};
}

async function current(db: Db): Promise<AdvisoriesInfo["current"]> {
	const row = await db
		.selectFrom("advisory_snapshots")
		.selectAll()
		.where("evaluated_at", "is not", null)
		.orderBy("evaluated_at", "desc")
		.limit(1)
		.executeTakeFirst();
	if (!row) return null;
	return {
		digest: row.digest,
		builtAt: row.built_at.toISOString(),
		kind: row.kind,
		records: row.records,
		evaluatedAt: row.evaluated_at?.toISOString() ?? null,
		sources: row.sources as NonNullable<AdvisoriesInfo["current"]>["sources"],
	};
}

async function update(db: Db): Promise<AdvisoriesInfo["update"]> {
	const row = await db.selectFrom("advisory_updates").selectAll().executeTakeFirst();
	return {
		state: row?.state ?? "idle",
		startedAt: row?.started_at?.toISOString() ?? null,
		finishedAt: row?.finished_at?.toISOString() ?? null,
		error: row?.error ?? null,
	};
}

/** The last ones. */
const mostEvaluations = 20;

async function evaluations(db: Db): Promise<AdvisoriesInfo["evaluations"]> {
	const { rows } = await sql<{
		id: Id;
		digest: string;
		started_at: Date;
		finished_at: Date | null;
		packages: number;
		artifacts: number;
		appeared: number;
		gone: number;
	}>`
		SELECT e.id, n.digest, e.started_at, e.finished_at, e.packages, e.artifacts, e.appeared, e.gone
		FROM evaluations e JOIN advisory_snapshots n ON n.id = e.snapshot_id ORDER BY e.id DESC LIMIT ${mostEvaluations}
	`.execute(db);
	return rows.map(({ started_at, finished_at, ...row }) => ({
		...row,
		startedAt: started_at.toISOString(),
		finishedAt: finished_at?.toISOString() ?? null,
	}));
}
