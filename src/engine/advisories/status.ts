import { statSync } from "node:fs";
import type { AdvisorySource, Digest } from "#model";
import type { DatabaseTotals } from "./database/reader.ts";
import { inDatabase, readEcosystems, readFeeds, readMeta, readTotals } from "./database/reader.ts";
import { schemaVersion } from "./database/schema.ts";
import { withCurrentSnapshot } from "./database/snapshots.ts";
import type { Feed } from "./database/writer.ts";

export interface AdvisoriesStatus {
	readonly digest: Digest;
	/** The snapshot's file. */
	readonly path: string;
	/** Bytes. */
	readonly size: number;
	readonly schemaVersion: number;
	readonly kind: "full" | "starter";
	/** RFC 3339. */
	readonly builtAt: string;
	/** Milliseconds since then; never negative. */
	readonly ageMs: number;
	/** The folder or URL that it was built from. */
	readonly source: string;
	/** The files that it was built from, ordered by ecosystem. */
	readonly feeds: readonly Feed[];
	/** What its advisories cover, release included, without withdrawn records; ordered by name. */
	readonly ecosystems: readonly AdvisorySource[];
	readonly totals: DatabaseTotals;
}

/** What `db status` shows. Throws `advisories_missing` or `advisories_malformed`. */
export function advisoriesStatus(dir: string, clock: () => Date): AdvisoriesStatus {
	return withCurrentSnapshot(dir, ({ digest, path }) =>
		inDatabase(path, (database) => {
			const { builtAt, kind, source } = readMeta(database);
			return {
				digest,
				path,
				size: statSync(path).size,
				schemaVersion,
				kind,
				builtAt,
				ageMs: Math.max(0, clock().getTime() - Date.parse(builtAt)),
				source,
				feeds: readFeeds(database),
				ecosystems: readEcosystems(database),
				totals: readTotals(database),
			};
		}),
	);
}
