/** The access routes on a real database, in this process: time and rows can be changed under them. */
import type { LightMyRequestResponse } from "fastify";
import {
	type AccessRoutesDeps,
	type AccessStore,
	type App,
	accessRoutes,
	auditTo,
	createApp,
	gatekeeper,
	hashPassword,
} from "#server";
import { accessStore, auditStore, databaseTrouble } from "#store";
import { type TestDatabase, testDatabase } from "#store/testing";

export type Role = "viewer" | "editor" | "admin";

/** What signs a request in. */
export type Credentials = Readonly<Record<string, string>>;

export interface AccessService {
	readonly database: TestDatabase;
	readonly access: AccessStore;
	readonly app: App;
	/** A user who may go on with the password `password`. */
	user(username: string, options?: { readonly platformAdmin?: boolean }): Promise<string>;
	workspace(name: string, members?: Readonly<Record<string, Role>>): Promise<string>;
	/** A space of a registry that is made with it. */
	space(name: string, options?: { readonly public?: boolean; readonly workspaceId?: string }): Promise<string>;
	signIn(username: string): Promise<Credentials>;
	ask(method: Method, path: string, credentials?: Credentials, body?: unknown): Promise<LightMyRequestResponse>;
	close(): Promise<void>;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";

export const password = "sea level at spring tide";

/** Limits so high that no test meets them: they have tests of their own. */
export const noRateLimits = { perAddress: 1e9, perUser: 1e9, perAddressToSecrets: 1e9 };

export async function startAccessService(
	register: (app: App, deps: AccessRoutesDeps, database: TestDatabase) => void | Promise<void> = accessRoutes,
): Promise<AccessService> {
	const database = await testDatabase();
	const { db } = database;
	const access = accessStore(db);
	const auditLog = auditStore(db);
	const app = createApp({
		gatekeeper: gatekeeper(access),
		log: null,
		rateLimits: noRateLimits,
		explainTrouble: databaseTrouble,
	});
	await register(app, { access, auditLog, audit: auditTo(auditLog), secureCookies: true }, database);
	await app.ready();
	const passwordHash = await hashPassword(password);
	const ask: AccessService["ask"] = (method, path, credentials = {}, body?: unknown) =>
		app.inject({
			method,
			url: path.startsWith("/") ? path : `/api/v1/${path}`,
			headers: { ...credentials, ...(body === undefined ? {} : { "content-type": "application/json" }) },
			...(body === undefined ? {} : { payload: JSON.stringify(body) }),
		});
	return {
		database,
		access,
		app,
		ask,
		user: async (username, { platformAdmin = false } = {}) => {
			const { id } = await access.createUser({ username, passwordHash, platformAdmin });
			await db.updateTable("users").set({ must_change_password: false }).where("id", "=", id).execute();
			return id;
		},
		workspace: async (name, members = {}) => {
			const { id } = await access.createWorkspace(name);
			for (const [userId, role] of Object.entries(members)) await access.setMember(id, userId, role);
			return id;
		},
		space: async (name, options = {}) => {
			const registry = await db
				.insertInto("registries")
				.values({ name: `registry of ${name}`, kind: "distribution", url: "http://127.0.0.1:1" })
				.returning("id")
				.executeTakeFirstOrThrow();
			const space = await db
				.insertInto("spaces")
				.values({ registry_id: registry.id, name, public: options.public ?? false })
				.returning("id")
				.executeTakeFirstOrThrow();
			if (options.workspaceId) await access.bindSpace(options.workspaceId, space.id);
			return space.id;
		},
		signIn: async (username) => {
			const answer = await ask("POST", "sessions", {}, { username, password });
			if (answer.statusCode !== 201) throw new Error(`${username} cannot sign in: ${answer.body}`);
			return { cookie: cookieOf(answer), "x-csrf-token": answer.json<{ csrfToken: string }>().csrfToken };
		},
		close: async () => {
			await app.close();
			await database.close();
		},
	};
}

/** `plimsoll_session=…`, as a browser sends it back. */
export function cookieOf(answer: LightMyRequestResponse): string {
	return String(answer.headers["set-cookie"]).split(";")[0] ?? "";
}

export function bearer(secret: string): Credentials {
	return { authorization: `Bearer ${secret}` };
}
