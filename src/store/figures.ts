import type { JobQueue, ServiceFigures } from "#server";
import type { OpenedDatabase } from "./database.ts";
import { schemaProblem } from "./migrate.ts";

/** `queue` is null where none is wired, as in tests. */
export function serviceFigures(
	{ db, pool }: Pick<OpenedDatabase, "db" | "pool">,
	queue: Pick<JobQueue, "counts"> | null,
): ServiceFigures {
	return {
		database: () => schemaProblem(pool),
		advisories: async () => {
			const row = await db
				.selectFrom("advisory_snapshots")
				.select(["built_at", "kind"])
				.where("evaluated_at", "is not", null)
				.orderBy("id", "desc")
				.limit(1)
				.executeTakeFirst();
			return row ? { builtAt: row.built_at.toISOString(), kind: row.kind } : null;
		},
		artifactsByState: async () => {
			const rows = await db
				.selectFrom("artifacts")
				.select(["state", db.fn.countAll<string>().as("count")])
				.groupBy("state")
				.execute();
			return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
		},
		registries: () => db.selectFrom("registries").select(["name", "health"]).orderBy("id").limit(1000).execute(),
		jobs: async () => (queue ? queue.counts() : {}),
	};
}
