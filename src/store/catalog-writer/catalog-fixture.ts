/** All that is known of a registry, in words that do not depend on ids and times: for tests. */
import { sql } from "kysely";
import type { Db } from "../database.ts";

export async function addRegistry(db: Db, name: string, more: { repositories?: string[] } = {}): Promise<string> {
	const { id } = await db
		.insertInto("registries")
		.values({ name, kind: "distribution", url: "https://registry.example", ...more })
		.returning("id")
		.executeTakeFirstOrThrow();
	return id;
}

export async function catalogOf(db: Db, registryId: string): Promise<readonly string[]> {
	const { rows } = await sql<{ line: string }>`
		SELECT 'space ' || name AS line FROM spaces WHERE registry_id = ${registryId}
		UNION ALL SELECT 'repository ' || name || CASE WHEN synced_at IS NULL THEN ' unlisted' ELSE '' END
			FROM repositories WHERE registry_id = ${registryId}
		UNION ALL SELECT concat_ws(' ', 'artifact', r.name, a.digest, a.kind, CASE WHEN a.top THEN 'top' ELSE 'inside' END,
				a.state, a.platform, a.size, a.unsupported_reason)
			FROM artifacts a JOIN repositories r ON r.id = a.repository_id WHERE a.registry_id = ${registryId}
		UNION ALL SELECT concat_ws(' ', 'tag', r.name, t.name, a.digest)
			FROM tags t JOIN repositories r ON r.id = t.repository_id JOIN artifacts a ON a.id = t.artifact_id
			WHERE r.registry_id = ${registryId}
		UNION ALL SELECT concat_ws(' ', 'edge', parent.digest, child.digest, e.position)
			FROM index_edges e JOIN artifacts parent ON parent.id = e.parent_id JOIN artifacts child ON child.id = e.child_id
			WHERE parent.registry_id = ${registryId}
		UNION ALL SELECT concat_ws(' ', 'layer', a.digest, l.position, l.digest, l.diff_id, l.created_by)
			FROM artifact_layers l JOIN artifacts a ON a.id = l.artifact_id WHERE a.registry_id = ${registryId}
		ORDER BY line
	`.execute(db);
	return rows.map(({ line }) => line);
}

export async function tagsOf(db: Db, registryId: string): Promise<Record<string, string>> {
	const { rows } = await sql<{ tag: string; digest: string }>`
		SELECT r.name || ':' || t.name AS tag, a.digest
		FROM tags t JOIN repositories r ON r.id = t.repository_id JOIN artifacts a ON a.id = t.artifact_id
		WHERE r.registry_id = ${registryId} ORDER BY 1
	`.execute(db);
	return Object.fromEntries(rows.map(({ tag, digest }) => [tag, digest]));
}

/** Digest to its artifact's columns. */
export async function artifactsOf(db: Db, registryId: string) {
	const rows = await db.selectFrom("artifacts").selectAll().where("registry_id", "=", registryId).execute();
	return new Map(rows.map((row) => [row.digest, row]));
}

export async function syncStateOf(db: Db, registryId: string) {
	return db
		.selectFrom("registries")
		.select(["sync_state", "sync_error", "sync_done", "sync_total", "sync_cursor", "sync_finished_at"])
		.where("id", "=", registryId)
		.executeTakeFirstOrThrow();
}
