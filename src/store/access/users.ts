import { type RawBuilder, sql, type Transaction } from "kysely";
import type { User } from "#contract";
import { hashPassword, ServerError, type UserStore } from "#server";
import type { Db } from "../database.ts";
import { orderOf, type Sorts } from "../paging/keyset.ts";
import { pageOf } from "../paging/page.ts";
import { anywhere } from "../paging/text.ts";
import type { Database } from "../schema.ts";
import { refuseTaken } from "./taken.ts";

type Tx = Transaction<Database>;

/** Any number: under this lock it is decided whether a platform administrator is left. */
const administratorsLock = sql`pg_advisory_xact_lock(1886153069, 1)`;

const sorts: Sorts = {
	username: [
		{ by: sql`lower(u.username)`, type: "text" },
		{ by: sql`u.id`, type: "bigint" },
	],
	createdAt: [
		{ by: sql`u.created_at`, type: "timestamptz" },
		{ by: sql`u.id`, type: "bigint" },
	],
	lastSeenAt: [
		{ by: sql`coalesce(u.last_seen_at, '-infinity')`, type: "timestamptz" },
		{ by: sql`u.id`, type: "bigint" },
	],
};

export function userStore(db: Db): UserStore {
	return {
		ensureAdministrator: async (username, password) => {
			if (await administrator(db)) return false;
			const passwordHash = await hashPassword(password);
			return db.transaction().execute(async (tx) => {
				await sql`SELECT ${administratorsLock}`.execute(tx);
				if (await administrator(tx)) return false;
				await insert(tx, { username, passwordHash, platformAdmin: true });
				return true;
			});
		},
		users: (query) => {
			const where: RawBuilder<boolean>[] = [];
			if (query.q !== undefined) where.push(sql<boolean>`u.username ILIKE ${anywhere(query.q)}`);
			const listing = {
				id: sql`u.id`,
				from: sql`users u`,
				sortFrom: sql``,
				where,
				order: orderOf(sorts, query.sort ?? "username"),
			};
			return pageOf(db, query, listing, async (ids) => {
				const rows = await selected(db).where("id", "in", ids).execute();
				return new Map(rows.map((row) => [row.id, userOf(row)]));
			});
		},
		user: (id) => read(db, id),
		createUser: ({ username, passwordHash, platformAdmin }) =>
			db.transaction().execute(async (tx) => {
				const id = await insert(tx, { username, passwordHash, platformAdmin });
				const made = await read(tx, id);
				if (!made) throw new Error("A user that was just made is not there.");
				return made;
			}),
		changeUser: (id, { passwordHash, platformAdmin, disabled }) =>
			db.transaction().execute(async (tx) => {
				await sql`SELECT ${administratorsLock}`.execute(tx);
				const before = await read(tx, id);
				if (!before) return null;
				const set = {
					...(passwordHash === undefined ? {} : { password_hash: passwordHash, must_change_password: true }),
					...(platformAdmin === undefined ? {} : { platform_admin: platformAdmin }),
					...(disabled === undefined ? {} : { disabled }),
				};
				if (Object.keys(set).length > 0) await tx.updateTable("users").set(set).where("id", "=", id).execute();
				if (passwordHash !== undefined || disabled) await tx.deleteFrom("sessions").where("user_id", "=", id).execute();
				await refuseNoAdministrator(tx);
				return read(tx, id);
			}),
		deleteUser: (id) =>
			db.transaction().execute(async (tx) => {
				await sql`SELECT ${administratorsLock}`.execute(tx);
				const deleted = await tx.deleteFrom("users").where("id", "=", id).executeTakeFirst();
				await refuseNoAdministrator(tx);
				return deleted.numDeletedRows > 0n;
			}),
	};
}

async function insert(
	tx: Tx,
	user: { readonly username: string; readonly passwordHash: string; readonly platformAdmin: boolean },
): Promise<string> {
	const row = await tx
		.insertInto("users")
		.values({
			username: user.username,
			password_hash: user.passwordHash,
			platform_admin: user.platformAdmin,
			// Whoever made the user knows the password.
			must_change_password: true,
		})
		.returning("id")
		.executeTakeFirstOrThrow()
		.catch(refuseTaken("user", user.username));
	return row.id;
}

function administrator(db: Db | Tx) {
	return db
		.selectFrom("users")
		.select("id")
		.where("platform_admin", "=", true)
		.where("disabled", "=", false)
		.executeTakeFirst();
}

async function refuseNoAdministrator(tx: Tx): Promise<void> {
	if (await administrator(tx)) return;
	throw new ServerError(
		"conflict",
		"This is the last platform administrator; without one nobody could manage Plimsoll.",
		"Make somebody else platform administrator first.",
	);
}

function selected(db: Db | Tx) {
	return db.selectFrom("users").select(["id", "username", "platform_admin", "disabled", "created_at", "last_seen_at"]);
}

async function read(db: Db | Tx, id: string): Promise<User | null> {
	const row = await selected(db).where("id", "=", id).executeTakeFirst();
	return row ? userOf(row) : null;
}

function userOf(row: {
	readonly id: string;
	readonly username: string;
	readonly platform_admin: boolean;
	readonly disabled: boolean;
	readonly created_at: Date;
	readonly last_seen_at: Date | null;
}): User {
	return {
		id: row.id,
		username: row.username,
		platformAdmin: row.platform_admin,
		disabled: row.disabled,
		createdAt: row.created_at.toISOString(),
		lastSeenAt: row.last_seen_at?.toISOString() ?? null,
	};
}
