import { sql } from "kysely";
import type { SyncStore } from "#server";
import type { Db } from "../database.ts";

/** Tags remembered of one repository; with more, all of it is looked at anyway, oldest question first. */
const mostTags = 100;

type Notices = Pick<SyncStore, "webhookHash" | "notice" | "noticed" | "settle" | "unsettled">;

export function notices(db: Db): Notices {
	return {
		async webhookHash(registryId) {
			const row = await db
				.selectFrom("registries")
				.select("webhook_token_hash")
				.where("id", "=", registryId)
				.executeTakeFirst();
			return row?.webhook_token_hash ?? null;
		},
		async notice(registryId, repositories, at) {
			if (repositories.size === 0) return;
			const told = [...repositories].map(([repository, tags]) => ({ repository, tags }));
			await sql`
				INSERT INTO sync_notices AS known (registry_id, repository, seen_as, tags, noticed_at)
				SELECT registries.id, told.repository, nextval('sync_notices_seen_as'),
					ARRAY(SELECT DISTINCT tag FROM jsonb_array_elements_text(told.tags) AS tag LIMIT ${mostTags}), ${at}
				FROM registries, jsonb_to_recordset(${JSON.stringify(told)}::jsonb) AS told (repository text, tags jsonb)
				WHERE registries.id = ${registryId} ORDER BY told.repository
				ON CONFLICT (registry_id, repository) DO UPDATE SET
					seen_as = excluded.seen_as,
					tags = ARRAY(SELECT DISTINCT tag FROM unnest(excluded.tags || known.tags) AS tag LIMIT ${mostTags})
			`.execute(db);
		},
		async noticed(registryId, repository) {
			const row = await db
				.selectFrom("sync_notices")
				.select(["seen_as", "tags"])
				.where("registry_id", "=", registryId)
				.where("repository", "=", repository)
				.executeTakeFirst();
			return row ? { seenAs: row.seen_as, tags: row.tags } : null;
		},
		async settle(registryId, repository, seenAs) {
			await db
				.deleteFrom("sync_notices")
				.where("registry_id", "=", registryId)
				.where("repository", "=", repository)
				.where("seen_as", "=", seenAs)
				.execute();
		},
		async unsettled(before, limit) {
			const rows = await db
				.selectFrom("sync_notices")
				.select(["registry_id", "repository"])
				.where("noticed_at", "<=", before)
				.orderBy("noticed_at")
				.limit(limit)
				.execute();
			return rows.map(({ registry_id, repository }) => ({ registryId: registry_id, repository }));
		},
	};
}
