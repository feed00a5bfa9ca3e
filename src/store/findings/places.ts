/** Where packages lie in their images, out of the inventories' bodies. */
import { sql } from "kysely";
import type { Id } from "#contract";
import type { Db } from "../database.ts";
import { type BodyPackage, type InventoryBody, unpackBody } from "../results/inventory-body.ts";

export interface Place {
	readonly pkg: BodyPackage;
	readonly layer: { readonly index: number; readonly digest: string; readonly createdBy: string };
}

/** Of the packages of these images; `place` counts from 1. */
export async function placesIn(
	db: Db,
	artifactIds: readonly Id[],
): Promise<(artifactId: Id, place: number) => Place | null> {
	const { rows } = await sql<{ id: Id; body: Buffer }>`
		SELECT a.id, i.body FROM artifacts a JOIN inventories i ON i.id = a.inventory_id
		WHERE a.id = ANY(${[...new Set(artifactIds)]}::bigint[])
	`.execute(db);
	const bodies = new Map(rows.map(({ id, body }) => [id, unpackBody(body)]));
	return (artifactId, place) => {
		const body: InventoryBody | undefined = bodies.get(artifactId);
		const pkg = body?.packages[place - 1];
		if (!body || !pkg) return null;
		const { digest = "", createdBy = "" } = body.artifact.layers[pkg.layer] ?? {};
		return { pkg, layer: { index: pkg.layer, digest, createdBy } };
	};
}
