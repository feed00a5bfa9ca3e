/** A workspace with everything in it, and everybody who may or may not see it. */

import type { Db } from "#store";
import { type Actor, actors, people, tokens } from "./access-rules.ts";
import { type AccessService, bearer, type Credentials } from "./access-service.ts";

/** In every name that outsiders must not read. */
export const marker = "kept-below-deck";

export interface World {
	readonly ids: Readonly<Record<string, string>>;
	/** `fresh`: a session that no other request uses. */
	credentials(actor: Actor, fresh: boolean): Promise<Credentials>;
}

export async function makeWorld(service: AccessService): Promise<World> {
	const { db } = service.database;
	const users: Record<string, string> = {};
	for (const person of people)
		users[person] = await service.user(person, { platformAdmin: person === "administrator" });
	const idOf = (name: string): string => users[name] ?? "";
	const workspace = await service.workspace(`${marker} workspace`, {
		[idOf("viewer")]: "viewer",
		[idOf("editor")]: "editor",
		[idOf("owner")]: "admin",
	});
	await service.workspace("elsewhere", { [idOf("stranger")]: "viewer", [idOf("foreignAdmin")]: "admin" });
	const space = await service.space(`${marker} space`, { workspaceId: workspace });
	const freeSpace = await service.space(`${marker} free space`);
	const { registry_id: registry } = await db
		.selectFrom("spaces")
		.select("registry_id")
		.where("id", "=", space)
		.executeTakeFirstOrThrow();
	const { id: repository } = await db
		.insertInto("repositories")
		.values({ registry_id: registry, space_id: space, name: `${marker}/image` })
		.returning("id")
		.executeTakeFirstOrThrow();
	const place = { registry_id: registry, space_id: space, repository_id: repository };
	const { id: artifact } = await db
		.insertInto("artifacts")
		.values({
			...place,
			digest: `sha256:${"a".repeat(64)}`,
			media_type: "application/vnd.oci.image.manifest.v1+json",
			kind: "image",
		})
		.returning("id")
		.executeTakeFirstOrThrow();
	const { id: schedule } = await db
		.insertInto("schedules")
		.values({ name: `${marker} schedule`, cron: "0 3 * * *", time_zone: "UTC", action: "scan_new" })
		.returning("id")
		.executeTakeFirstOrThrow();
	const { id: group } = await db
		.insertInto("scan_groups")
		.values({
			registry_id: registry,
			repository_id: repository,
			artifact_id: artifact,
			scanner: "builtin",
			priority: 0,
			active: false,
		})
		.returning("id")
		.executeTakeFirstOrThrow();
	const { id: scan } = await db
		.insertInto("scans")
		.values({
			...place,
			group_id: group,
			artifact_id: artifact,
			scanner: "builtin",
			state: "failed",
			reason: "manual",
			finished_at: new Date(),
			error_code: marker,
			error_message: marker,
			error_hint: marker,
		})
		.returning("id")
		.executeTakeFirstOrThrow();
	// What readiness asks for.
	await db
		.insertInto("advisory_snapshots")
		.values({
			digest: `sha256:${"b".repeat(64)}`,
			built_at: new Date(),
			kind: "full",
			records: 1,
			sources: "[]",
			evaluated_at: new Date(),
		})
		.execute();
	await db.insertInto("scan_log_lines").values({ group_id: group, line: 1, level: "error", message: marker }).execute();

	const vulnerability = `CVE-${marker}`;
	const holding = await makeFinding(db, place, vulnerability);

	const secrets: Partial<Record<Actor, string>> = {};
	for (const [actor, { of, scope, expired }] of Object.entries(tokens)) {
		const input = { name: `${marker} token`, scopes: [scope], expiresInDays: 1 };
		const made = await service.ask("POST", "tokens", await service.signIn(of), input);
		const { id, secret } = made.json<{ id: string; secret: string }>();
		if (expired)
			await db
				.updateTable("api_tokens")
				.set({ expires_at: new Date(0) })
				.where("id", "=", id)
				.execute();
		secrets[actor as Actor] = secret;
		users["token"] = id;
	}
	const sessions = new Map<Actor, Credentials>();
	return {
		ids: {
			...users,
			workspace,
			space,
			freeSpace,
			registry,
			repository,
			artifact,
			scan,
			holding,
			vulnerability,
			schedule,
		},
		credentials: async (actor, fresh) => {
			if (!actors.includes(actor) || actor === "anonymous") return {};
			const secret = secrets[actor];
			if (secret !== undefined) return bearer(secret);
			const kept = sessions.get(actor);
			if (kept && !fresh) return kept;
			const session = await service.signIn(actor === "withoutCsrf" ? "administrator" : actor);
			const credentials: Credentials = actor === "withoutCsrf" ? { cookie: session["cookie"] ?? "" } : session;
			// It may end the others of its user, too.
			if (fresh) sessions.clear();
			else sessions.set(actor, credentials);
			return credentials;
		},
	};
}

/** An image that has a package that has a vulnerability. */
async function makeFinding(
	db: Db,
	place: { readonly registry_id: string; readonly space_id: string; readonly repository_id: string },
	key: string,
): Promise<string> {
	const { id: packageId } = await db
		.insertInto("package_versions")
		.values({
			key: Buffer.from(marker),
			type: "deb",
			name: marker,
			version: "1",
			purl: `pkg:deb/debian/${marker}@1`,
			subject: "{}",
			snapshot_id: null,
		})
		.returning("id")
		.executeTakeFirstOrThrow();
	const { id: vulnerabilityId } = await db
		.insertInto("vulnerabilities")
		.values({ key, severity: 0 })
		.returning("id")
		.executeTakeFirstOrThrow();
	await db
		.insertInto("package_matches")
		.values({ package_id: packageId, vulnerability_id: vulnerabilityId, severity: 0, state: "affected", body: "{}" })
		.execute();
	const { id: inventoryId } = await db
		.insertInto("inventories")
		.values({ digest: Buffer.from(marker), package_ids: [packageId], body: Buffer.alloc(0) })
		.returning("id")
		.executeTakeFirstOrThrow();
	const { id } = await db
		.insertInto("artifacts")
		.values({
			...place,
			digest: `sha256:${"c".repeat(64)}`,
			media_type: "application/vnd.oci.image.manifest.v1+json",
			kind: "image",
			inventory_id: inventoryId,
		})
		.returning("id")
		.executeTakeFirstOrThrow();
	return id;
}
