/**
 * Every route of the service and who may call it. A route without a row fails the test beside this file: add the row when
 * you add the route.
 */
import type { RuleName } from "../support/access-rules.ts";
import { type AccessService, password } from "../support/access-service.ts";
import type { World } from "../support/access-world.ts";

export interface Row {
	readonly rule: RuleName;
	/** What those get who may; 200 unless it says otherwise. */
	readonly ok?: number;
	/** Which object of the world each parameter of the path names. */
	readonly params?: Readonly<Record<string, string>>;
	/** `?…` where the route demands one. */
	readonly query?: string;
	/** Anew for each request; `nth` makes names differ. */
	readonly body?: (nth: number, idOf: (name: string) => string) => unknown;
	/** Makes what a request uses up; gives the ids that are others than the world's. */
	readonly before?: (service: AccessService, world: World, nth: number) => Promise<Readonly<Record<string, string>>>;
	/** The request ends the session that it is made with. */
	readonly endsSession?: true;
	/** The answer has no end: only its status is looked at. */
	readonly stream?: true;
	/** Sent with each request. */
	readonly headers?: Readonly<Record<string, string>>;
	/** What a request for an object that is not there gets from those who may; 404 unless it says otherwise. */
	readonly missing?: number;
}

const newUser = async (service: AccessService, _: World, nth: number) => ({
	userId: await service.user(`used-up-${nth}`),
});
const newWorkspace = async (service: AccessService, _: World, nth: number) => ({
	workspace: await service.workspace(`used up ${nth}`),
});

const registry = (name: string) => ({ kind: "distribution", name, url: "https://registry.example" });

export const table: Readonly<Record<string, Row>> = {
	// From elsewhere; what asks from this machine itself needs nobody (see service.test.ts).
	"GET /metrics": { rule: "watch", headers: { "x-forwarded-for": "192.0.2.1" } },
	"GET /healthz": { rule: "anybody" },
	"GET /readyz": { rule: "anybody" },
	"GET /api/v1/openapi.json": { rule: "anybody" },

	"POST /api/v1/sessions": { rule: "anybody", ok: 201, body: () => ({ username: "viewer", password }) },
	"DELETE /api/v1/sessions/current": { rule: "sessionOnly", ok: 204, endsSession: true },
	"DELETE /api/v1/sessions": { rule: "sessionOnly", ok: 204, endsSession: true },
	"GET /api/v1/me": { rule: "signedIn" },
	// The same password again: refused, but by the route itself.
	"POST /api/v1/me/password": { rule: "sessionOnly", ok: 422, body: () => ({ current: password, next: password }) },

	"GET /api/v1/users": { rule: "platformRead" },
	"POST /api/v1/users": { rule: "platform", ok: 201, body: (nth) => ({ username: `hired-${nth}`, password }) },
	"GET /api/v1/users/:id": { rule: "platformRead", params: { id: "viewer" } },
	"PATCH /api/v1/users/:id": { rule: "platform", params: { id: "viewer" }, body: () => ({ disabled: false }) },
	"DELETE /api/v1/users/:id": { rule: "platform", ok: 204, params: { id: "userId" }, before: newUser },

	"GET /api/v1/tokens": { rule: "sessionOnly" },
	"POST /api/v1/tokens": {
		rule: "sessionOnly",
		ok: 201,
		body: () => ({ name: "ci", scopes: ["read"], expiresInDays: 1 }),
	},
	// Of somebody else, whoever asks.
	"DELETE /api/v1/tokens/:id": {
		rule: "sessionOnly",
		ok: 404,
		params: { id: "foreignToken" },
		before: async (service) => {
			const { id } = await service.access.createToken({
				userId: await service.user(`owner-of-token-${process.hrtime.bigint()}`),
				name: "foreign",
				scopes: ["read"],
				workspaceId: null,
				secretHash: Buffer.from(crypto.getRandomValues(new Uint8Array(32))),
				expiresInDays: 1,
			});
			return { foreignToken: id };
		},
	},

	"GET /api/v1/workspaces": { rule: "list" },
	"POST /api/v1/workspaces": { rule: "platform", ok: 201, body: (nth) => ({ name: `made ${nth}` }) },
	"GET /api/v1/workspaces/:id": { rule: "read", params: { id: "workspace" } },
	"PATCH /api/v1/workspaces/:id": {
		rule: "admin",
		params: { id: "workspace" },
		body: (nth) => ({ name: `kept-below-deck ${nth}` }),
	},
	"DELETE /api/v1/workspaces/:id": { rule: "platform", ok: 204, params: { id: "workspace" }, before: newWorkspace },
	"GET /api/v1/workspaces/:id/members": { rule: "readAsAdmin", params: { id: "workspace" } },
	"GET /api/v1/workspaces/:id/members/:userId": {
		rule: "readAsAdmin",
		params: { id: "workspace", userId: "viewer" },
	},
	"PUT /api/v1/workspaces/:id/members/:userId": {
		rule: "admin",
		params: { id: "workspace", userId: "viewer" },
		body: () => ({ role: "viewer" }),
	},
	"DELETE /api/v1/workspaces/:id/members/:userId": {
		rule: "admin",
		ok: 204,
		params: { id: "workspace", userId: "userId" },
		before: async (service, world, nth) => {
			const made = await newUser(service, world, nth);
			await service.access.setMember(world.ids["workspace"] ?? "", made.userId, "viewer");
			return made;
		},
	},
	"GET /api/v1/workspaces/:id/spaces": { rule: "read", params: { id: "workspace" } },
	"GET /api/v1/workspaces/:id/spaces/:spaceId": { rule: "read", params: { id: "workspace", spaceId: "space" } },
	"PUT /api/v1/workspaces/:id/spaces/:spaceId": {
		rule: "platform",
		params: { id: "workspace", spaceId: "space" },
	},
	"DELETE /api/v1/workspaces/:id/spaces/:spaceId": {
		rule: "platform",
		ok: 204,
		params: { id: "workspace", spaceId: "freeSpace" },
		before: async (service, world) => {
			await service.access.bindSpace(world.ids["workspace"] ?? "", world.ids["freeSpace"] ?? "");
			return {};
		},
	},
	"GET /api/v1/audit": { rule: "platform" },

	"GET /api/v1/spaces": { rule: "list" },
	"GET /api/v1/spaces/:id": { rule: "read", params: { id: "space" } },
	"PATCH /api/v1/spaces/:id": { rule: "platform", params: { id: "freeSpace" }, body: () => ({ public: false }) },
	"GET /api/v1/repositories": { rule: "list" },
	"GET /api/v1/repositories/:id": { rule: "read", params: { id: "repository" } },
	"GET /api/v1/artifacts": { rule: "list" },
	"GET /api/v1/artifacts/:id": { rule: "read", params: { id: "artifact" } },
	"GET /api/v1/artifacts/:id/children": { rule: "read", params: { id: "artifact" } },
	"GET /api/v1/artifacts/:id/findings": { rule: "read", params: { id: "artifact" } },
	"GET /api/v1/artifacts/:id/packages": { rule: "read", params: { id: "artifact" } },
	// It has no result yet.
	"GET /api/v1/artifacts/:id/report": { rule: "read", ok: 409, params: { id: "artifact" } },
	"GET /api/v1/vulnerabilities": { rule: "list" },
	"GET /api/v1/vulnerabilities/:id": { rule: "read", params: { id: "vulnerability" } },
	"GET /api/v1/packages": { rule: "list" },
	"GET /api/v1/schedules": { rule: "overview" },
	"POST /api/v1/schedules": {
		rule: "platform",
		ok: 201,
		body: (nth) => ({ name: `made ${nth}`, cron: "0 3 * * *", action: "reevaluate" }),
	},
	"POST /api/v1/schedules/preview": { rule: "list", body: () => ({ cron: "0 3 * * *" }) },
	"GET /api/v1/schedules/:id": { rule: "overviewObject", params: { id: "schedule" } },
	"PATCH /api/v1/schedules/:id": { rule: "platform", params: { id: "schedule" }, body: () => ({ paused: true }) },
	"DELETE /api/v1/schedules/:id": {
		rule: "platform",
		ok: 204,
		params: { id: "scheduleId" },
		before: async ({ database }, _, nth) => {
			const { id } = await database.db
				.insertInto("schedules")
				.values({ name: `used up ${nth}`, cron: "0 3 * * *", time_zone: "UTC", action: "scan_new" })
				.returning("id")
				.executeTakeFirstOrThrow();
			return { scheduleId: id };
		},
	},
	"POST /api/v1/schedules/:id/run": { rule: "platform", ok: 202, params: { id: "schedule" } },
	"GET /api/v1/schedules/:id/runs": { rule: "overviewObject", params: { id: "schedule" } },

	"GET /api/v1/advisories": { rule: "list" },
	"POST /api/v1/advisories/update": { rule: "platform", ok: 202 },

	"POST /api/v1/scans": {
		rule: "scan",
		ok: 202,
		body: (_, idOf) => ({ target: { artifact: idOf("artifact") } }),
	},
	"GET /api/v1/scans": { rule: "list" },
	"GET /api/v1/scans/:id": { rule: "read", params: { id: "scan" } },
	// It has failed already.
	"POST /api/v1/scans/:id/stop": { rule: "scan", ok: 409, params: { id: "scan" } },
	"POST /api/v1/scans/:id/retry": { rule: "scan", ok: 202, params: { id: "scan" } },
	"GET /api/v1/scans/:id/log": { rule: "read", params: { id: "scan" } },
	"GET /api/v1/scans/:id/log/stream": { rule: "read", params: { id: "scan" }, stream: true },

	"GET /api/v1/registries": { rule: "platformRead" },
	"POST /api/v1/registries": { rule: "platform", ok: 201, body: (nth) => registry(`new ${nth}`) },
	"POST /api/v1/registries/test": { rule: "platform", body: () => registry("tried") },
	"GET /api/v1/registries/:id": { rule: "platformRead", params: { id: "registry" } },
	"PATCH /api/v1/registries/:id": { rule: "platform", params: { id: "registry" }, body: () => ({ scanOnPush: false }) },
	"DELETE /api/v1/registries/:id": {
		rule: "platform",
		ok: 204,
		params: { id: "unwanted" },
		before: async (service, _, nth) => {
			const made = await service.database.db
				.insertInto("registries")
				.values({ name: `unwanted ${nth}`, kind: "distribution", url: "http://127.0.0.1:1" })
				.returning("id")
				.executeTakeFirstOrThrow();
			return { unwanted: made.id };
		},
	},
	"POST /api/v1/registries/:id/check": { rule: "platform", params: { id: "registry" } },
	"POST /api/v1/registries/:id/sync": { rule: "platform", ok: 202, params: { id: "registry" } },
	"POST /api/v1/registries/:id/webhook-token": { rule: "platform", ok: 201, params: { id: "registry" } },
	"DELETE /api/v1/registries/:id/webhook-token": { rule: "platform", ok: 204, params: { id: "registry" } },

	"GET /api/v1/events": { rule: "list", stream: true },
	"GET /api/v1/events/history": { rule: "list" },
	// The registry's own token is asked for: who is signed in is nobody here.
	"POST /api/v1/notifications/:registryId": {
		rule: "secret",
		ok: 401,
		params: { registryId: "registry" },
		missing: 401,
		body: () => ({ events: [] }),
	},
};
