/** Packages of an image or index. */
import { type RawBuilder, sql } from "kysely";
import type { Id, ListedPackage, PackageQuery, PageOf } from "#contract";
import type { Sight } from "#server";
import type { Db } from "../database.ts";
import { orderOf, type SortKey, type Sorts } from "../paging/keyset.ts";
import { pageOf } from "../paging/page.ts";
import { anywhere, searched } from "../paging/text.ts";
import { severityOf } from "../results/match-rows.ts";
import { findingsOf, type Holder, held, holderOf, worstOf } from "./held.ts";
import { placesIn } from "./places.ts";

const id: SortKey = { by: sql`f.id COLLATE "C"`, type: "text" };
const name: SortKey = { by: sql`f.name COLLATE "C"`, type: "text" };
const version: SortKey = { by: sql`f.version COLLATE "C"`, type: "text" };

const sorts: Sorts = {
	name: [name, version, id],
	severity: [{ by: sql`coalesce(f.worst, 6)`, type: "int" }, name, version, id],
	findings: [{ by: sql`f.findings`, type: "int" }, name, version, id],
};

/** Of an index: a package version once, whichever of its children have it. */
export async function listPackages(
	db: Db,
	artifactId: Id,
	query: PackageQuery,
	sight: Sight,
): Promise<PageOf<ListedPackage> | null> {
	const holder = await holderOf(db, artifactId, sight);
	if (!holder) return null;
	const where: RawBuilder<boolean>[] = [];
	if (query.type !== undefined) where.push(sql`f.type = ${searched(query.type)}`);
	if (query.q) where.push(sql`f.name ILIKE ${anywhere(query.q)}`);
	const order = orderOf(sorts, query.sort ?? "name");
	const listing = { id: sql`f.id`, from: sql`${found(holder)} AS f`, sortFrom: sql``, where, order };
	return await pageOf(db, query, listing, (ids) => readPackages(db, ids));
}

function found(holder: Holder): RawBuilder<unknown> {
	const all = sql`
		SELECT h.artifact_id || '.' || h.place AS id, h.position, h.place, p.type, p.name, p.version, ${worstOf} AS worst,
			${findingsOf} AS findings
		FROM ${held(holder)} AS h JOIN package_versions p ON p.id = h.package_id`;
	if (!holder.isIndex) return sql`(${all})`;
	return sql`(
		SELECT DISTINCT ON (type, name, version) * FROM (${all}) AS every ORDER BY type, name, version, position, worst, place)`;
}

interface PackageRow {
	readonly id: string;
	readonly artifact_id: Id;
	readonly place: number;
	readonly name: string;
	readonly version: string;
	readonly type: string;
	readonly purl: string;
	readonly findings: number;
	readonly worst: number | null;
}

async function readPackages(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, ListedPackage>> {
	const parts = ids.map((one) => one.split("."));
	const column = (index: number) => parts.map((part) => part[index] ?? "");
	const { rows } = await sql<PackageRow>`
		SELECT asked.id, asked.artifact_id, asked.place, p.name, p.version, p.type, p.purl, ${findingsOf} AS findings,
			${worstOf} AS worst
		FROM unnest(${ids}::text[], ${column(0)}::bigint[], ${column(1)}::int[]) AS asked (id, artifact_id, place)
		JOIN artifacts a ON a.id = asked.artifact_id JOIN inventories i ON i.id = a.inventory_id
		JOIN package_versions p ON p.id = i.package_ids[asked.place]
	`.execute(db);
	const placeOf = await placesIn(
		db,
		rows.map((row) => row.artifact_id),
	);
	return new Map(
		rows.map(({ id: rowId, artifact_id, place, worst, ...pkg }): [string, ListedPackage] => {
			const where = placeOf(artifact_id, place);
			return [
				rowId,
				{
					...pkg,
					layer: where?.layer.index ?? null,
					paths: [...(where?.pkg.paths ?? [])],
					parents: [...(where?.pkg.parents ?? [])],
					worst: worst === null ? null : severityOf(worst),
				},
			];
		}),
	);
}
