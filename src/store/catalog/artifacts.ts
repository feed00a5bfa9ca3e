/** The lists of artifacts, and what the page of one shows. */
import { sql } from "kysely";
import type { Artifact, ArtifactDetails, ArtifactQuery, Id, PageOf, PageQuery } from "#contract";
import type { Sight } from "#server";
import type { Db } from "../database.ts";
import { behind, orderOf, type Sorts } from "../paging/keyset.ts";
import { pageOf } from "../paging/page.ts";
import { readDetails } from "./artifact-details.ts";
import { artifactFilter } from "./artifact-filters.ts";
import { readArtifacts } from "./artifact-rows.ts";
import { artifactSorts } from "./artifact-sorts.ts";
import { visible } from "./visible.ts";

export async function listArtifacts(
	db: Db,
	query: ArtifactQuery,
	sight: Sight,
	small?: number,
): Promise<PageOf<Artifact>> {
	const order = orderOf(artifactSorts, query.sort ?? "-severity");
	const conditions = await artifactFilter(db, query, sight, small);
	if (conditions === null) {
		// A bad cursor is one however little there is to page through.
		if (query.cursor !== undefined) behind(order, query.cursor);
		return { items: [], next: null, ...(query.total ? { total: 0 } : {}) };
	}
	const sortFrom = order.name.endsWith("repository") ? sql`JOIN repositories r ON r.id = a.repository_id` : sql``;
	const { listed: where, counted } = conditions;
	const listing = { id: sql`a.id`, from: sql`artifacts a`, sortFrom, where, counted, order };
	return pageOf(db, query, listing, (ids) => readArtifacts(db, ids, sight));
}

const childSorts: Sorts = {
	position: [
		{ by: sql`e.position`, type: "int" },
		{ by: sql`e.child_id`, type: "bigint" },
	],
};

export async function listChildren(db: Db, id: Id, query: PageQuery, sight: Sight): Promise<PageOf<Artifact> | null> {
	const { rows } =
		await sql`SELECT 1 FROM artifacts a WHERE a.id = ${id} AND ${visible(sight, sql`a.space_id`)}`.execute(db);
	if (rows.length === 0) return null;
	const listing = {
		id: sql`e.child_id`,
		from: sql`index_edges e`,
		sortFrom: sql``,
		where: [sql<boolean>`e.parent_id = ${id}`],
		order: orderOf(childSorts, query.sort ?? "position"),
	};
	return pageOf(db, query, listing, (ids) => readArtifacts(db, ids, sight));
}

export async function oneArtifact(db: Db, id: Id, sight: Sight): Promise<ArtifactDetails | null> {
	const artifact = (await readArtifacts(db, [id], sight)).get(id);
	return artifact ? { ...artifact, ...(await readDetails(db, artifact, sight)) } : null;
}
