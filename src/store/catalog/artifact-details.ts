/** What only the page of one artifact shows. */
import { sql } from "kysely";
import type { Artifact, ArtifactDetails, Id } from "#contract";
import type { Sight } from "#server";
import type { Db } from "../database.ts";
import { unpackBody } from "../results/inventory-body.ts";
import { readArtifacts } from "./artifact-rows.ts";
import { visible } from "./visible.ts";

type Details = Omit<ArtifactDetails, keyof Artifact>;

/** A page shows so many children; the list of children pages through more. */
const mostChildren = 200;

export async function readDetails(db: Db, { id }: Artifact, sight: Sight): Promise<Details> {
	const [layers, children, parents, contents] = await Promise.all([
		layersOf(db, id),
		childrenOf(db, id, sight),
		parentsOf(db, id, sight),
		contentsOf(db, id),
	]);
	return { layers, children, parents, ...contents };
}

async function layersOf(db: Db, id: Id): Promise<Details["layers"]> {
	const { rows } = await sql<Details["layers"][number]>`
		SELECT position AS index, digest, diff_id AS "diffId", size::float8 AS size, created_by AS "createdBy"
		FROM artifact_layers WHERE artifact_id = ${id} ORDER BY position`.execute(db);
	return rows;
}

async function childrenOf(db: Db, id: Id, sight: Sight): Promise<Details["children"]> {
	const { rows } = await sql<{ id: string }>`
		SELECT child_id AS id FROM index_edges WHERE parent_id = ${id} ORDER BY position, child_id LIMIT ${mostChildren}`.execute(
		db,
	);
	if (rows.length === 0) return [];
	const ids = rows.map((row) => row.id);
	const shown = await readArtifacts(db, ids, sight);
	return ids.flatMap((child) => shown.get(child) ?? []);
}

async function parentsOf(db: Db, id: Id, sight: Sight): Promise<Details["parents"]> {
	const { rows } = await sql<Details["parents"][number]>`
		SELECT a.id, a.digest FROM index_edges e JOIN artifacts a ON a.id = e.parent_id
		WHERE e.child_id = ${id} AND ${visible(sight, sql`a.space_id`)} ORDER BY a.id`.execute(db);
	return rows;
}

type Contents = Pick<Details, "os" | "warnings" | "packageCount" | "judgedCount">;

const nothingKnown: Contents = { os: null, warnings: [], packageCount: null, judgedCount: null };

/** What reading the image said. What judging it says depends on the advisories, and stands in the report. */
async function contentsOf(db: Db, id: Id): Promise<Contents> {
	const { rows } = await sql<{ body: Buffer; packages: number; judged: number }>`
		SELECT i.body, cardinality(i.package_ids) AS packages, (
			SELECT count(*) FROM unnest(i.package_ids) AS held (id) JOIN package_versions v ON v.id = held.id
			WHERE v.snapshot_id IS NOT NULL)::int AS judged
		FROM artifacts a JOIN inventories i ON i.id = a.inventory_id WHERE a.id = ${id}`.execute(db);
	const [found] = rows;
	if (!found) return nothingKnown;
	const { inventory, warnings } = unpackBody(found.body);
	const { os } = inventory;
	return {
		os: os && { id: os.id, versionId: os.versionId, prettyName: os.prettyName ?? null, eol: os.eol ?? null },
		warnings: [...inventory.warnings, ...warnings].map(({ code, message }) => ({ code, message })),
		packageCount: found.packages,
		judgedCount: found.judged,
	};
}
