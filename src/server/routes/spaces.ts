import { Type } from "typebox";
import { Id, Page, Problem, Space, SpacePatch, SpaceQuery } from "#contract";
import { listed } from "../access/listed.ts";
import type { App } from "../app.ts";
import { notFound } from "../errors.ts";
import type { Audit } from "../ports/audit.ts";
import { type CatalogRoutesDeps, emptyPage, mayFilterBy } from "./catalog.ts";

const Params = Type.Object({ id: Id });
const tags = ["spaces"];

export function spaceRoutes(app: App, deps: CatalogRoutesDeps & { readonly audit: Audit }): void {
	const { catalog, audit } = deps;
	app.get(
		"/api/v1/spaces",
		{
			schema: {
				tags,
				operationId: "listSpaces",
				summary: "Spaces with the sums over their images; sorted by name or severity",
				querystring: SpaceQuery,
				response: { 200: Page(Space), 400: Problem, 401: Problem, 403: Problem },
			},
			config: { needs: { by: "user", scope: "read" } },
		},
		async (request) => {
			if (!(await mayFilterBy(deps, request, request.query.workspace))) return emptyPage(request.query);
			return listed(await catalog.spaces(request.query, request.sight));
		},
	);

	app.get(
		"/api/v1/spaces/:id",
		{
			schema: {
				tags,
				operationId: "getSpace",
				summary: "One space",
				params: Params,
				response: { 200: Space, 400: Problem, 401: Problem, 403: Problem, 404: Problem },
			},
			config: { needs: { by: "user", scope: "read" } },
		},
		async (request) => {
			const space = await catalog.space(request.params.id, request.sight);
			if (!space) throw notFound("space");
			return space;
		},
	);

	app.patch(
		"/api/v1/spaces/:id",
		{
			schema: {
				tags,
				operationId: "changeSpace",
				summary: "Let every signed-in user read a space, or only the workspaces that it is bound to",
				params: Params,
				body: SpacePatch,
				response: { 200: Space, 400: Problem, 401: Problem, 403: Problem, 404: Problem },
			},
			config: { needs: { by: "platform-admin", scope: "admin" } },
		},
		async (request) => {
			const { id } = request.params;
			const space = await catalog.setSpacePublic(id, request.body.public);
			if (!space) throw notFound("space");
			await audit.record({
				request,
				action: "space.change",
				subject: `space/${id}`,
				outcome: "done",
				details: { public: space.public },
			});
			return space;
		},
	);
}
