import { sql } from "kysely";
import { type WorkspaceRole, workspaceRoles } from "#contract";
import type { SightStore } from "#server";
import type { Db } from "../database.ts";

const rankOf = sql`array_position(${sql.lit("{viewer,editor,admin}")}::text[], m.role)`;

export function sightStore(db: Db): SightStore {
	return {
		spacesSeen: async (userId, workspaceId) => {
			const { rows } = await sql<{ id: string; rank: number }>`
				SELECT id, max(rank) AS rank FROM (
					SELECT b.space_id AS id, ${rankOf} AS rank
					FROM (${roles(userId, workspaceId)}) m JOIN workspace_spaces b ON b.workspace_id = m.workspace_id
					UNION ALL
					SELECT id, 1 FROM spaces WHERE public AND ${workspaceId === null}
				) seen GROUP BY id`.execute(db);
			return new Map(rows.map(({ id, rank }) => [id, roleAt(rank)]));
		},
		highestRole: async (userId, workspaceId) => {
			const { rows } = await sql<{ rank: number | null }>`
				SELECT max(${rankOf}) AS rank FROM (${roles(userId, workspaceId)}) m`.execute(db);
			const rank = rows[0]?.rank ?? null;
			return rank === null ? null : roleAt(rank);
		},
	};
}

/** A user's roles by workspace. In one that is named a platform administrator is `admin`, member or not. */
function roles(userId: string, workspaceId: string | null) {
	if (workspaceId === null) return sql`SELECT workspace_id, role FROM memberships WHERE user_id = ${userId}`;
	return sql`
		SELECT workspace_id, role FROM memberships WHERE user_id = ${userId} AND workspace_id = ${workspaceId}
		UNION ALL
		SELECT w.id, 'admin' FROM workspaces w, users u
		WHERE w.id = ${workspaceId} AND u.id = ${userId} AND u.platform_admin`;
}

function roleAt(rank: number): WorkspaceRole {
	return workspaceRoles[rank - 1] ?? "viewer";
}
