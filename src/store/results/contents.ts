/** What was read of an image, back from where it is kept. */
import { type Kysely, sql } from "kysely";
import type { Id } from "#contract";
import type { ImageContents, MatchSubject } from "#engine";
import type { Database } from "../schema.ts";
import { contentsFrom, unpackBody } from "./inventory-body.ts";

interface Row {
	readonly digest: string;
	readonly media_type: string;
	readonly repository: string;
	readonly url: string;
	readonly package_ids: readonly number[];
	readonly body: Buffer;
}

/** Null for an image without a result. */
export async function contentsOfArtifact(db: Kysely<Database>, artifactId: Id): Promise<ImageContents | null> {
	const { rows } = await sql<Row>`
		SELECT a.digest, a.media_type, r.name AS repository, g.url, i.package_ids, i.body
		FROM artifacts a JOIN inventories i ON i.id = a.inventory_id
		JOIN repositories r ON r.id = a.repository_id JOIN registries g ON g.id = a.registry_id
		WHERE a.id = ${artifactId}
	`.execute(db);
	const [row] = rows;
	if (!row) return null;
	const subjects = await db
		.selectFrom("package_versions")
		.select(["id", "subject"])
		.where(sql<boolean>`id = ANY(${row.package_ids}::int[])`)
		.execute();
	const byId = new Map(subjects.map(({ id, subject }) => [id, subject as MatchSubject]));
	return contentsFrom(
		unpackBody(row.body),
		row.package_ids.flatMap((id) => byId.get(id) ?? []),
		{ name: nameOf(row), digest: row.digest, mediaType: row.media_type },
	);
}

/** `registry.example/team/app@sha256:…`. */
export function nameOf({ url, repository, digest }: Pick<Row, "url" | "repository" | "digest">): string {
	return `${hostOf(url)}${repository}@${digest}`;
}

function hostOf(url: string): string {
	const host = /^https?:\/\/([^/]+)/.exec(url)?.[1];
	return host ? `${host}/` : "";
}
