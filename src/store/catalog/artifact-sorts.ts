/** How the list of artifacts can be sorted. What has no value counts as the least. The indexes hold the same expressions. */
import { sql } from "kysely";
import type { SortKey, Sorts } from "../paging/keyset.ts";

const id: SortKey = { by: sql`a.id`, type: "bigint" };

export const artifactSorts: Sorts = {
	/** Worst first is `-severity`: by critical ones, then high, medium, low. */
	severity: [
		{ by: sql`coalesce(a.critical, -1)`, type: "int" },
		{ by: sql`coalesce(a.high, -1)`, type: "int" },
		{ by: sql`coalesce(a.medium, -1)`, type: "int" },
		{ by: sql`coalesce(a.low, -1)`, type: "int" },
		id,
	],
	repository: [{ by: sql`r.name COLLATE "C"`, type: "text" }, id],
	pushedAt: [{ by: sql`coalesce(a.pushed_at, '-infinity')`, type: "timestamptz" }, id],
	scannedAt: [{ by: sql`coalesce(a.scanned_at, '-infinity')`, type: "timestamptz" }, id],
	/** What goes on, then what went wrong, then what is missing, then what is done: the order of `stateOfIndex`. */
	state: [
		{
			by: sql`array_position('{scanning,queued,failed,stopped,not_scanned,not_supported,complete}'::text[], a.state)`,
			type: "int",
		},
		id,
	],
	size: [{ by: sql`coalesce(a.size, -1)`, type: "bigint" }, id],
};
