import { type RawBuilder, sql } from "kysely";
import type { Id, Registry, RegistryInput, RegistryPatch } from "#contract";
import { isSameServer, type RegistryAccess, type RegistryStore, ServerError } from "#server";
import { refuseTaken } from "../access/taken.ts";
import type { Db } from "../database.ts";
import { orderOf, type Sorts } from "../paging/keyset.ts";
import { pageOf } from "../paging/page.ts";
import { anywhere } from "../paging/text.ts";
import type { SecretBox } from "../secrets/box.ts";
import { keptCredentials, noCredentials, openCredentials } from "./credentials.ts";
import { recordHealth } from "./health.ts";
import { shownRegistries } from "./rows.ts";
import { settingsOf } from "./settings.ts";

const sorts: Sorts = {
	name: [
		{ by: sql`lower(r.name)`, type: "text" },
		{ by: sql`r.id`, type: "bigint" },
	],
	createdAt: [{ by: sql`r.id`, type: "bigint" }],
	health: [
		{ by: sql`r.health`, type: "text" },
		{ by: sql`r.id`, type: "bigint" },
	],
};

/** A layout's images do not change behind our back. */
const layoutInterval = 3600;

export function registryStore(db: Db, box: SecretBox): RegistryStore {
	const get = async (id: Id): Promise<Registry | null> => (await shownRegistries(db, [id])).get(id) ?? null;
	const made = async (id: Id): Promise<Registry> => {
		const registry = await get(id);
		if (registry) return registry;
		throw new ServerError("conflict", "The registry was deleted at the same moment.", "Make it again if it is wanted.");
	};
	return {
		get,
		list: async (query) => {
			const where: RawBuilder<boolean>[] = [];
			if (query.kind !== undefined) where.push(sql<boolean>`r.kind = ${query.kind}`);
			if (query.q !== undefined) {
				const part = anywhere(query.q);
				where.push(sql<boolean>`(r.name ILIKE ${part} OR r.url ILIKE ${part})`);
			}
			const order = orderOf(sorts, query.sort ?? "name");
			const listing = { id: sql`r.id`, from: sql`registries r`, sortFrom: sql``, where, order };
			return pageOf(db, query, listing, (ids) => shownRegistries(db, ids));
		},
		create: async (input) => made(await insert(db, box, input)),
		createLayout: async (name, folder) => made(await insertLayout(db, name, folder)),
		update: async (id, patch) => ((await change(db, box, id, patch)) ? get(id) : null),
		delete: async (id) => {
			const { numDeletedRows } = await db.deleteFrom("registries").where("id", "=", id).executeTakeFirst();
			return numDeletedRows > 0n;
		},
		access: (id) => accessOf(db, box, id),
		setWebhookHash: async (id, hash) => {
			const { numUpdatedRows } = await db
				.updateTable("registries")
				.set({ webhook_token_hash: hash, updated_at: sql<Date>`now()` })
				.where("id", "=", id)
				.executeTakeFirst();
			return numUpdatedRows > 0n;
		},
		recordHealth: (id, found, at, decisive) => recordHealth(db, id, found, at, decisive),
		dueForCheck: async (at, limit) => {
			const rows = await db
				.selectFrom("registries")
				.select("id")
				.where((e) => e.or([e("health_next_at", "is", null), e("health_next_at", "<=", at)]))
				.orderBy("health_next_at", (column) => column.asc().nullsFirst())
				.orderBy("id")
				.limit(limit)
				.execute();
			return rows.map(({ id }) => id);
		},
	};
}

async function insert(db: Db, box: SecretBox, { kind, credentials, ...input }: RegistryInput): Promise<Id> {
	const values = { ...settingsOf(input), kind, name: input.name, url: input.url };
	return db
		.transaction()
		.execute(async (tx) => {
			const { id } = await tx.insertInto("registries").values(values).returning("id").executeTakeFirstOrThrow();
			// Bound to the id, which is known only now.
			if (credentials)
				await tx
					.updateTable("registries")
					.set(keptCredentials(box, id, credentials))
					.where("id", "=", id)
					.execute();
			return id;
		})
		.catch(refuseTaken("registry", input.name));
}

async function insertLayout(db: Db, name: string, folder: string): Promise<Id> {
	const url = `layout:${folder}`;
	const values = { name, url, kind: "layout", scan_on_push: false, sync_interval_seconds: layoutInterval };
	await db
		.insertInto("registries")
		.values(values)
		.onConflict((conflict) => conflict.column("name").doNothing())
		.execute();
	const row = await db.selectFrom("registries").select(["id", "url"]).where("name", "=", name).executeTakeFirst();
	if (row?.url === url) return row.id;
	throw new ServerError("conflict", `There is a registry called "${name}" already.`, "Choose another name.");
}

async function change(db: Db, box: SecretBox, id: Id, { credentials, ...patch }: RegistryPatch): Promise<boolean> {
	return db
		.transaction()
		.execute(async (tx) => {
			const row = await tx.selectFrom("registries").select("url").where("id", "=", id).forUpdate().executeTakeFirst();
			if (!row) return false;
			const elsewhere = patch.url !== undefined && !isSameServer(row.url, patch.url);
			const forget = credentials === null || (credentials === undefined && elsewhere);
			const kept = forget ? noCredentials : credentials ? keptCredentials(box, id, credentials) : {};
			const otherWay = [patch.url, credentials, patch.caCertificate, patch.insecure, patch.preset].some(
				(value) => value !== undefined,
			);
			await tx
				.updateTable("registries")
				.set({
					...settingsOf(patch),
					...kept,
					...(otherWay ? unknownHealth : {}),
					...(elsewhere ? { sync_cursor: null } : {}),
					updated_at: sql<Date>`now()`,
				})
				.where("id", "=", id)
				.execute();
			return true;
		})
		.catch(refuseTaken("registry", patch.name ?? ""));
}

/** The next check counts at once, and is due at once. */
const unknownHealth = {
	health: "unknown",
	health_reason: null,
	health_since: null,
	health_against: 0,
	health_next_at: null,
} as const;

async function accessOf(db: Db, box: SecretBox, id: Id): Promise<RegistryAccess | null> {
	const row = await db.selectFrom("registries").selectAll().where("id", "=", id).executeTakeFirst();
	if (!row) return null;
	return {
		id: row.id,
		name: row.name,
		kind: row.kind as RegistryAccess["kind"],
		preset: row.preset as RegistryAccess["preset"],
		url: row.url,
		insecure: row.insecure,
		caCertificate: row.ca_certificate,
		credentials: row.credentials ? openCredentials(box, id, row.credentials) : null,
		repositories: row.repositories,
		maxBytesPerSecond: row.max_bytes_per_second === null ? null : Number(row.max_bytes_per_second),
	};
}
