import { sql } from "kysely";
import type { Member, WorkspaceRole } from "#contract";
import type { WorkspaceStore } from "#server";
import type { Db } from "../database.ts";
import { orderOf, type Sorts } from "../paging/keyset.ts";
import { pageOf } from "../paging/page.ts";
import { anywhere } from "../paging/text.ts";

const sorts: Sorts = {
	username: [
		{ by: sql`lower(u.username)`, type: "text" },
		{ by: sql`u.id`, type: "bigint" },
	],
	role: [
		{ by: sql`m.role`, type: "text" },
		{ by: sql`u.id`, type: "bigint" },
	],
};

export function memberStore(db: Db): Pick<WorkspaceStore, "members" | "member" | "setMember" | "removeMember"> {
	const selected = (workspaceId: string) =>
		db
			.selectFrom("memberships")
			.innerJoin("users", "users.id", "memberships.user_id")
			.select(["users.id as userId", "users.username", "memberships.role"])
			.where("memberships.workspace_id", "=", workspaceId);
	const member = async (id: string, userId: string): Promise<Member | null> =>
		(await selected(id).where("users.id", "=", userId).executeTakeFirst()) ?? null;
	return {
		member,
		members: (id, query) => {
			const where = [sql<boolean>`m.workspace_id = ${id}`];
			if (query.q !== undefined) where.push(sql<boolean>`u.username ILIKE ${anywhere(query.q)}`);
			const listing = {
				id: sql`u.id`,
				from: sql`memberships m JOIN users u ON u.id = m.user_id`,
				sortFrom: sql``,
				where,
				order: orderOf(sorts, query.sort ?? "username"),
			};
			return pageOf(db, query, listing, async (ids) => {
				const rows = await selected(id).where("users.id", "in", ids).execute();
				return new Map(rows.map((row) => [row.userId, row]));
			});
		},
		setMember: async (id: string, userId: string, role: WorkspaceRole) => {
			await sql`
				INSERT INTO memberships (workspace_id, user_id, role)
				SELECT w.id, u.id, ${role} FROM workspaces w, users u WHERE w.id = ${id} AND u.id = ${userId}
				FOR KEY SHARE
				ON CONFLICT (workspace_id, user_id) DO UPDATE SET role = excluded.role`.execute(db);
			return member(id, userId);
		},
		removeMember: async (id, userId) => {
			const removed = await db
				.deleteFrom("memberships")
				.where("workspace_id", "=", id)
				.where("user_id", "=", userId)
				.executeTakeFirst();
			return removed.numDeletedRows > 0n;
		},
	};
}
