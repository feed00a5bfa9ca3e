/** The API's description (OpenAPI 3.1), made of the routes' own schemas, so that it cannot differ from what is checked. */
import swagger from "@fastify/swagger";
import type { App } from "../app.ts";

export function describeApi(app: App, version: string): void {
	app.register(swagger, {
		openapi: {
			openapi: "3.1.0",
			info: {
				title: "Plimsoll",
				version,
				description:
					"Scans the container images of your registries. Lists are paged by `cursor` and sorted by `sort`; errors are problem documents (RFC 9457) whose `code` is explained in docs/errors.md.",
			},
			components: {
				securitySchemes: {
					token: { type: "http", scheme: "bearer", description: "An API token" },
					session: {
						type: "apiKey",
						in: "cookie",
						name: "plimsoll_session",
						description: "Needs X-CSRF-Token to change",
					},
				},
			},
		},
		transform: ({ schema, url, route }) => ({
			schema: {
				...schema,
				...(route.config?.needs?.by === "anybody" || route.config?.needs?.by === "secret"
					? {}
					: { security: [{ token: [] }, { session: [] }] }),
			},
			url,
		}),
	});
}

/** Register with the other routes, after `describeApi` is loaded. */
export function openApiRoute(app: App): void {
	app.get(
		"/api/v1/openapi.json",
		{ schema: { hide: true }, config: { needs: { by: "anybody", scope: null } } },
		async (_request, reply) => reply.header("cache-control", "no-cache").send(app.swagger()),
	);
}
