import { sql } from "kysely";
import type { BoundSpace } from "#contract";
import type { WorkspaceStore } from "#server";
import type { Db } from "../database.ts";
import { orderOf, type Sorts } from "../paging/keyset.ts";
import { pageOf } from "../paging/page.ts";
import { anywhere } from "../paging/text.ts";

const sorts: Sorts = {
	name: [
		{ by: sql`s.name`, type: "text" },
		{ by: sql`s.id`, type: "bigint" },
	],
};

type Part = Pick<WorkspaceStore, "boundSpaces" | "boundSpace" | "bindSpace" | "unbindSpace">;

export function boundSpaceStore(db: Db): Part {
	const selected = (workspaceId: string) =>
		db
			.selectFrom("workspace_spaces")
			.innerJoin("spaces", "spaces.id", "workspace_spaces.space_id")
			.innerJoin("registries", "registries.id", "spaces.registry_id")
			.select(["spaces.id", "spaces.registry_id as registryId", "registries.name as registryName", "spaces.name"])
			.where("workspace_spaces.workspace_id", "=", workspaceId);
	const boundSpace = async (id: string, spaceId: string): Promise<BoundSpace | null> =>
		(await selected(id).where("spaces.id", "=", spaceId).executeTakeFirst()) ?? null;
	return {
		boundSpace,
		boundSpaces: (id, query) => {
			const where = [sql<boolean>`b.workspace_id = ${id}`];
			if (query.q !== undefined) where.push(sql<boolean>`s.name ILIKE ${anywhere(query.q)}`);
			const listing = {
				id: sql`s.id`,
				from: sql`workspace_spaces b JOIN spaces s ON s.id = b.space_id`,
				sortFrom: sql``,
				where,
				order: orderOf(sorts, query.sort ?? "name"),
			};
			return pageOf(db, query, listing, async (ids) => {
				const rows = await selected(id).where("spaces.id", "in", ids).execute();
				return new Map(rows.map((row) => [row.id, row]));
			});
		},
		bindSpace: async (id, spaceId) => {
			await sql`
				INSERT INTO workspace_spaces (workspace_id, space_id)
				SELECT w.id, s.id FROM workspaces w, spaces s WHERE w.id = ${id} AND s.id = ${spaceId}
				FOR KEY SHARE
				ON CONFLICT DO NOTHING`.execute(db);
			return boundSpace(id, spaceId);
		},
		unbindSpace: async (id, spaceId) => {
			const removed = await db
				.deleteFrom("workspace_spaces")
				.where("workspace_id", "=", id)
				.where("space_id", "=", spaceId)
				.executeTakeFirst();
			return removed.numDeletedRows > 0n;
		},
	};
}
