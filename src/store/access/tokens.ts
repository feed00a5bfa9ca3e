import { sql } from "kysely";
import { type Token, type TokenScope, tokenScopes } from "#contract";
import type { TokenStore } from "#server";
import type { Db } from "../database.ts";
import { orderOf, type Sorts } from "../paging/keyset.ts";
import { pageOf } from "../paging/page.ts";

const sorts: Sorts = {
	createdAt: [{ by: sql`t.id`, type: "bigint" }],
	name: [
		{ by: sql`lower(t.name)`, type: "text" },
		{ by: sql`t.id`, type: "bigint" },
	],
	expiresAt: [
		{ by: sql`t.expires_at`, type: "timestamptz" },
		{ by: sql`t.id`, type: "bigint" },
	],
};

interface TokenRow {
	readonly id: string;
	readonly name: string;
	readonly scopes: readonly string[];
	readonly workspace_id: string | null;
	readonly created_at: Date;
	readonly expires_at: Date;
	readonly last_used_at: Date | null;
}

const shown = ["id", "name", "scopes", "workspace_id", "created_at", "expires_at", "last_used_at"] as const;

interface KnownRow {
	readonly id: string;
	readonly userId: string;
	readonly username: string;
	readonly platformAdmin: boolean;
	readonly mustChangePassword: boolean;
	readonly scopes: readonly string[];
	readonly workspaceId: string | null;
	readonly stale: boolean;
}

export function tokenStore(db: Db): TokenStore {
	return {
		tokens: (userId, query) => {
			const listing = {
				id: sql`t.id`,
				from: sql`api_tokens t`,
				sortFrom: sql``,
				where: [sql<boolean>`t.user_id = ${userId}`],
				order: orderOf(sorts, query.sort ?? "-createdAt"),
			};
			return pageOf(db, query, listing, async (ids) => {
				const rows = await db.selectFrom("api_tokens").select(shown).where("id", "in", ids).execute();
				return new Map(rows.map((row) => [row.id, tokenOf(row)]));
			});
		},
		createToken: async ({ userId, name, scopes, workspaceId, secretHash, expiresInDays }) => {
			const row = await db
				.insertInto("api_tokens")
				.values({
					user_id: userId,
					workspace_id: workspaceId,
					name,
					secret_hash: secretHash,
					scopes: tokenScopes.filter((scope) => scopes.includes(scope)),
					expires_at: sql<Date>`now() + make_interval(days => ${expiresInDays})`,
				})
				.returning(shown)
				.executeTakeFirstOrThrow();
			return tokenOf(row);
		},
		deleteToken: async (userId, id) => {
			const deleted = await db
				.deleteFrom("api_tokens")
				.where("id", "=", id)
				.where("user_id", "=", userId)
				.executeTakeFirst();
			return deleted.numDeletedRows > 0n;
		},
		token: async (secretHash) => {
			const { rows } = await sql<KnownRow>`
				SELECT t.id, u.id AS "userId", u.username, u.platform_admin AS "platformAdmin",
					u.must_change_password AS "mustChangePassword", t.scopes, t.workspace_id AS "workspaceId",
					t.last_used_at IS NULL OR t.last_used_at < now() - interval '1 minute' AS stale
				FROM api_tokens t JOIN users u ON u.id = t.user_id
				WHERE t.secret_hash = ${secretHash} AND t.expires_at > now() AND NOT u.disabled`.execute(db);
			const [row] = rows;
			if (!row) return null;
			const { id, stale, scopes, ...known } = row;
			if (stale) {
				await sql`UPDATE api_tokens SET last_used_at = now() WHERE id = ${id}`.execute(db);
				await sql`UPDATE users SET last_seen_at = now() WHERE id = ${row.userId}`.execute(db);
			}
			return { ...known, scopes: scopes as readonly TokenScope[] };
		},
	};
}

function tokenOf(row: TokenRow): Token {
	return {
		id: row.id,
		name: row.name,
		scopes: row.scopes as TokenScope[],
		workspaceId: row.workspace_id,
		createdAt: row.created_at.toISOString(),
		expiresAt: row.expires_at.toISOString(),
		lastUsedAt: row.last_used_at?.toISOString() ?? null,
	};
}
