import { Type } from "typebox";
import { AuditEntry, Page, PageQuery, Problem, Time } from "#contract";
import { listed } from "../access/listed.ts";
import type { App } from "../app.ts";
import type { AuditStore } from "../ports/audit.ts";

export interface AuditRoutesDeps {
	readonly auditLog: AuditStore;
}

const { limit, cursor, total } = PageQuery.properties;
const Query = Type.Object({
	limit,
	cursor,
	total,
	actor: Type.Optional(Type.String({ maxLength: 64, description: "User name" })),
	action: Type.Optional(Type.String({ maxLength: 64, description: "What it begins with: `registry.`" })),
	subject: Type.Optional(Type.String({ maxLength: 200, description: "`registry/12`" })),
	since: Type.Optional(Time),
	until: Type.Optional(Time),
});

export function auditRoutes(app: App, { auditLog }: AuditRoutesDeps): void {
	app.get(
		"/api/v1/audit",
		{
			schema: {
				tags: ["access"],
				operationId: "listAudit",
				summary: "Who did what, newest first",
				querystring: Query,
				response: { 200: Page(AuditEntry), 400: Problem, 401: Problem, 403: Problem },
			},
			config: { needs: { by: "platform-admin", scope: "admin" } },
		},
		async (request) => listed(await auditLog.list(request.query)),
	);
}
