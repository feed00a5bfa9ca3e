/** Inventories: what images hold, each content once. */
import { type Kysely, sql } from "kysely";
import type { Id } from "#contract";
import type { Identified, ImageContents } from "#engine";
import type { Database } from "../schema.ts";
import { packBody } from "./inventory-body.ts";
import type { KnownPackageVersion } from "./package-versions.ts";

export async function keepInventory(
	tx: Kysely<Database>,
	contents: ImageContents,
	identified: readonly Identified[],
	versions: readonly KnownPackageVersion[],
	whole: boolean,
): Promise<Id> {
	const { digest, body } = packBody(contents, identified);
	const packageIds = versions.map(({ id }) => id);
	const gaps = versions.some(({ gap }) => gap);
	const { rows } = await sql<{ id: Id }>`
		WITH fresh AS (
			INSERT INTO inventories (digest, package_ids, body, whole, gaps)
			VALUES (${digest}, ${packageIds}::int[], ${body}, ${whole}, ${gaps})
			ON CONFLICT (digest) DO NOTHING RETURNING id
		)
		SELECT id FROM fresh UNION ALL SELECT id FROM inventories WHERE digest = ${digest} LIMIT 1
	`.execute(tx);
	if (rows[0]) return rows[0].id;
	// Somebody else has just written it: this statement sees it.
	const { id } = await tx.selectFrom("inventories").select("id").where("digest", "=", digest).executeTakeFirstOrThrow();
	return id;
}
