/** Package versions that images hold. */
import { type RawBuilder, sql } from "kysely";
import type { KnownPackage, PackageQuery, PageOf } from "#contract";
import type { Sight } from "#server";
import type { Db } from "../database.ts";
import { orderOf, type SortKey, type Sorts } from "../paging/keyset.ts";
import { pageOf } from "../paging/page.ts";
import { searched } from "../paging/text.ts";
import { severityOf } from "../results/match-rows.ts";
import { findingsOf, worstOf } from "./held.ts";
import { imagesHolding, inHeldSet, inOrder, isHeld } from "./reach.ts";

const id: SortKey = { by: sql`p.id`, type: "int" };
const name: SortKey = { by: sql`p.name COLLATE "C"`, type: "text" };

const sorts: Sorts = {
	name: [name, { by: sql`p.version COLLATE "C"`, type: "text" }, id],
	severity: [{ by: sql`coalesce(${worstOf}, 6)`, type: "int" }, name, id],
};

export async function listKnownPackages(db: Db, query: PackageQuery, sight: Sight): Promise<PageOf<KnownPackage>> {
	const where: RawBuilder<boolean>[] = [];
	if (query.type !== undefined) where.push(sql`p.type = ${searched(query.type)}`);
	// The index on names serves beginnings.
	if (query.q) where.push(sql`p.name LIKE ${`${searched(query.q).replace(/[\\%_]/g, "\\$&")}%`}`);
	const order = orderOf(sorts, query.sort ?? "name");
	const byName = order.name.endsWith("name");
	const every = inHeldSet(sql`p.id`, { sight });
	const listing = {
		id: sql`p.id::text`,
		from: byName ? inOrder(sql`package_versions`, "p", order) : sql`package_versions p`,
		sortFrom: sql``,
		// An order by what is worked out of several columns cannot be followed row by row.
		where: [...where, byName ? isHeld(sql`SELECT p.id`, { sight }) : every],
		counted: [...where, every],
		order,
	};
	return await pageOf(db, query, listing, (ids) => readKnown(db, ids, sight));
}

async function readKnown(db: Db, ids: readonly string[], sight: Sight): Promise<ReadonlyMap<string, KnownPackage>> {
	const { rows } = await sql<Omit<KnownPackage, "artifacts" | "worst"> & { id: string; worst: number | null }>`
		SELECT p.id::text, p.name, p.version, p.type, p.purl, ${findingsOf} AS findings, ${worstOf} AS worst
		FROM package_versions p WHERE p.id = ANY(${ids}::int[])
	`.execute(db);
	const images = await imagesHolding(db, new Map(rows.map((row) => [row.id, [Number(row.id)]])), { sight });
	return new Map(
		rows.map(({ id: one, worst, ...pkg }) => [
			one,
			{ ...pkg, worst: worst === null ? null : severityOf(worst), artifacts: images.get(one) ?? 0 },
		]),
	);
}
