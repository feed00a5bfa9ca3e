/** Times are the database's: one clock for all processes. */
import { sql } from "kysely";
import type { Account, SessionStore } from "#server";
import type { Db } from "../database.ts";
import { signInFailures } from "./sign-in-failures.ts";

/** After the last request, and in all. */
const idle = sql`interval '8 hours'`;
const longest = sql`interval '7 days'`;
/** How exact the last use is kept: a write a minute is cheap, one a request is not. */
const exactness = sql`interval '1 minute'`;

/** Names are ASCII: what PostgreSQL might fold into it is no other spelling of one, and would be counted apart. */
const plain = /^[!-~]+$/;

interface SessionRow {
	readonly userId: string;
	readonly username: string;
	readonly platformAdmin: boolean;
	readonly mustChangePassword: boolean;
	readonly csrfHash: Buffer;
	readonly stale: boolean;
}

export function sessionStore(db: Db): SessionStore {
	const failures = signInFailures(db);
	const accounts = db
		.selectFrom("users")
		.select([
			"id as userId",
			"username",
			"password_hash as passwordHash",
			"disabled",
			"must_change_password as mustChangePassword",
		]);
	return {
		account: async (username): Promise<Account | null> => {
			if (!plain.test(username)) return null;
			const found = await accounts.where(sql`lower(username)`, "=", sql`lower(${username})`).executeTakeFirst();
			return found ?? null;
		},
		accountOf: async (userId) => (await accounts.where("id", "=", userId).executeTakeFirst()) ?? null,
		// The lock on the user waits for a change of password under way, and then finds another hash.
		openSession: async ({ userId, passwordHash, secretHash, csrfHash, address }) => {
			const { rows } = await sql<{ expires_at: Date }>`
				INSERT INTO sessions (token_hash, csrf_hash, user_id, expires_at, address)
				SELECT ${secretHash}, ${csrfHash}, id, now() + ${longest}, ${address}
				FROM users WHERE id = ${userId} AND password_hash = ${passwordHash} AND NOT disabled
				FOR SHARE
				RETURNING expires_at`.execute(db);
			return rows[0]?.expires_at ?? null;
		},
		session: async (secretHash) => {
			const { rows } = await sql<SessionRow>`
				SELECT u.id AS "userId", u.username, u.platform_admin AS "platformAdmin",
					u.must_change_password AS "mustChangePassword", s.csrf_hash AS "csrfHash",
					s.seen_at < now() - ${exactness} AS stale
				FROM sessions s JOIN users u ON u.id = s.user_id
				WHERE s.token_hash = ${secretHash} AND NOT u.disabled
					AND s.expires_at > now() AND s.seen_at > now() - ${idle}`.execute(db);
			const [row] = rows;
			if (!row) return null;
			const { stale, ...known } = row;
			if (stale) {
				await sql`UPDATE sessions SET seen_at = now() WHERE token_hash = ${secretHash}`.execute(db);
				await sql`UPDATE users SET last_seen_at = now() WHERE id = ${row.userId}`.execute(db);
			}
			return known;
		},
		endSession: async (secretHash) => {
			await db.deleteFrom("sessions").where("token_hash", "=", secretHash).execute();
		},
		endSessions: async (userId) => {
			const [ended] = await db.deleteFrom("sessions").where("user_id", "=", userId).execute();
			return Number(ended?.numDeletedRows ?? 0n);
		},
		changePassword: (userId, from, to, staying) =>
			db.transaction().execute(async (tx) => {
				const changed = await tx
					.updateTable("users")
					.set({ password_hash: to, must_change_password: false })
					.where("id", "=", userId)
					.where("password_hash", "=", from)
					.executeTakeFirst();
				if (changed.numUpdatedRows === 0n) return false;
				await tx.deleteFrom("sessions").where("user_id", "=", userId).where("token_hash", "<>", staying).execute();
				return true;
			}),
		rehashPassword: async (userId, from, to) => {
			await db
				.updateTable("users")
				.set({ password_hash: to })
				.where("id", "=", userId)
				.where("password_hash", "=", from)
				.execute();
		},
		signInPause: failures.pause,
		signInFailed: failures.count,
		signInWorked: failures.forget,
		pruneAccess: async () => {
			const { numAffectedRows = 0n } = await sql`
				DELETE FROM sessions WHERE expires_at <= now() OR seen_at <= now() - ${idle}`.execute(db);
			return Number(numAffectedRows) + (await failures.prune());
		},
	};
}
