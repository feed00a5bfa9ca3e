import { type RawBuilder, sql } from "kysely";
import type { Id, Workspace, WorkspaceRole } from "#contract";
import type { Viewer, WorkspaceStore } from "#server";
import type { Db } from "../database.ts";
import { orderOf, type Sorts } from "../paging/keyset.ts";
import { pageOf } from "../paging/page.ts";
import { anywhere } from "../paging/text.ts";
import { boundSpaceStore } from "./bound-spaces.ts";
import { memberStore } from "./members.ts";
import { refuseTaken } from "./taken.ts";

const sorts: Sorts = {
	name: [
		{ by: sql`lower(w.name)`, type: "text" },
		{ by: sql`w.id`, type: "bigint" },
	],
	createdAt: [
		{ by: sql`w.created_at`, type: "timestamptz" },
		{ by: sql`w.id`, type: "bigint" },
	],
};

export function workspaceStore(db: Db): WorkspaceStore {
	return {
		...memberStore(db),
		...boundSpaceStore(db),
		workspaces: (query, viewer) => {
			const where = [visible(viewer)];
			if (query.q !== undefined) where.push(sql<boolean>`w.name ILIKE ${anywhere(query.q)}`);
			const listing = {
				id: sql`w.id`,
				from: sql`workspaces w`,
				sortFrom: sql``,
				where,
				order: orderOf(sorts, query.sort ?? "name"),
			};
			return pageOf(db, query, listing, (ids) => read(db, sql<boolean>`w.id = ANY(${[...ids]}::bigint[])`));
		},
		workspace: async (id, viewer) => {
			const found = await read(db, sql<boolean>`w.id = ${id} AND ${visible(viewer)}`);
			return found.get(id) ?? null;
		},
		roleIn: async (id, viewer) => {
			const { rows } = await sql<{ role: WorkspaceRole | null }>`
				SELECT CASE WHEN u.platform_admin THEN 'admin' ELSE m.role END AS role
				FROM workspaces w
				JOIN users u ON u.id = ${viewer.userId}
				LEFT JOIN memberships m ON m.workspace_id = w.id AND m.user_id = u.id
				WHERE w.id = ${id} AND ${visible(viewer)}`.execute(db);
			return rows[0]?.role ?? null;
		},
		// All that somebody is a member of are few: they are shown with the user.
		memberships: async ({ userId, workspaceId }) => {
			const query = db
				.selectFrom("memberships")
				.innerJoin("workspaces", "workspaces.id", "memberships.workspace_id")
				.select(["workspaces.id", "workspaces.name", "memberships.role"])
				.where("memberships.user_id", "=", userId)
				.orderBy("workspaces.name")
				.limit(1000);
			return workspaceId === null ? query.execute() : query.where("workspaces.id", "=", workspaceId).execute();
		},
		createWorkspace: async (name) => {
			const row = await db
				.insertInto("workspaces")
				.values({ name })
				.returning(["id", "created_at"])
				.executeTakeFirstOrThrow()
				.catch(refuseTaken("workspace", name));
			return { id: row.id, name, members: 0, spaces: 0, createdAt: row.created_at.toISOString() };
		},
		renameWorkspace: async (id, name) => {
			const renamed = await db
				.updateTable("workspaces")
				.set({ name })
				.where("id", "=", id)
				.executeTakeFirst()
				.catch(refuseTaken("workspace", name));
			return renamed.numUpdatedRows > 0n;
		},
		deleteWorkspace: async (id) => {
			const deleted = await db.deleteFrom("workspaces").where("id", "=", id).executeTakeFirst();
			return deleted.numDeletedRows > 0n;
		},
	};
}

/** Whether a viewer knows of the workspace `w` at all. */
function visible({ userId, seesAll, workspaceId }: Viewer): RawBuilder<boolean> {
	if (seesAll) return sql<boolean>`true`;
	const member = sql<boolean>`EXISTS (SELECT FROM memberships m WHERE m.workspace_id = w.id AND m.user_id = ${userId})`;
	if (workspaceId === null) return member;
	// A platform administrator's token may be bound to any workspace.
	const administrator = sql<boolean>`EXISTS (SELECT FROM users u WHERE u.id = ${userId} AND u.platform_admin)`;
	return sql<boolean>`w.id = ${workspaceId} AND (${member} OR ${administrator})`;
}

interface WorkspaceRow {
	readonly id: Id;
	readonly name: string;
	readonly members: number;
	readonly spaces: number;
	readonly created_at: Date;
}

async function read(db: Db, where: RawBuilder<boolean>): Promise<Map<Id, Workspace>> {
	const { rows } = await sql<WorkspaceRow>`
		SELECT w.id, w.name, w.created_at,
			(SELECT count(*) FROM memberships m WHERE m.workspace_id = w.id)::int AS members,
			(SELECT count(*) FROM workspace_spaces b WHERE b.workspace_id = w.id)::int AS spaces
		FROM workspaces w WHERE ${where}`.execute(db);
	return new Map(
		rows.map(({ id, name, members, spaces, created_at }) => [
			id,
			{ id, name, members, spaces, createdAt: created_at.toISOString() },
		]),
	);
}
