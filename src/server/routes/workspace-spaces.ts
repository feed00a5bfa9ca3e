import { Type } from "typebox";
import { BoundSpace, Id, Page, PageQuery, Problem } from "#contract";
import { listed } from "../access/listed.ts";
import { visibleWorkspace } from "../access/workspace-access.ts";
import type { App } from "../app.ts";
import { notFound } from "../errors.ts";
import type { WorkspaceRoutesDeps } from "./workspaces.ts";

const Params = Type.Object({ id: Id, spaceId: Id });
const Query = Type.Object({
	...PageQuery.properties,
	sort: Type.Optional(Type.String({ maxLength: 40, description: "name" })),
	q: Type.Optional(Type.String({ maxLength: 200, description: "A part of the space's name" })),
});
const refused = { 400: Problem, 401: Problem, 403: Problem, 404: Problem };
const read = { needs: { by: "user", scope: "read" } } as const;
const change = { needs: { by: "platform-admin", scope: "admin" } } as const;

export function workspaceSpaceRoutes(app: App, { access, audit }: WorkspaceRoutesDeps): void {
	app.get(
		"/api/v1/workspaces/:id/spaces",
		{
			schema: {
				tags: ["workspaces"],
				operationId: "listBoundSpaces",
				summary: "The spaces that a workspace's members see",
				params: Type.Object({ id: Id }),
				querystring: Query,
				response: { 200: Page(BoundSpace), ...refused },
			},
			config: read,
		},
		async (request) => {
			await visibleWorkspace(access, request, request.params.id);
			return listed(await access.boundSpaces(request.params.id, request.query));
		},
	);

	app.get(
		"/api/v1/workspaces/:id/spaces/:spaceId",
		{
			schema: {
				tags: ["workspaces"],
				operationId: "getBoundSpace",
				summary: "One space of a workspace",
				params: Params,
				response: { 200: BoundSpace, ...refused },
			},
			config: read,
		},
		async (request) => {
			const { id, spaceId } = request.params;
			await visibleWorkspace(access, request, id);
			const space = await access.boundSpace(id, spaceId);
			if (!space) throw notFound("space");
			return space;
		},
	);

	app.put(
		"/api/v1/workspaces/:id/spaces/:spaceId",
		{
			schema: {
				tags: ["workspaces"],
				operationId: "bindSpace",
				summary: "Let a workspace's members see a space",
				params: Params,
				response: { 200: BoundSpace, ...refused },
			},
			config: change,
		},
		async (request) => {
			const { id, spaceId } = request.params;
			await visibleWorkspace(access, request, id);
			const space = await access.bindSpace(id, spaceId);
			if (!space) throw notFound("space");
			await audit.record({
				request,
				action: "workspace.space.bind",
				subject: `workspace/${id}`,
				outcome: "done",
				details: { spaceId, space: space.name },
			});
			return space;
		},
	);

	app.delete(
		"/api/v1/workspaces/:id/spaces/:spaceId",
		{
			schema: {
				tags: ["workspaces"],
				operationId: "unbindSpace",
				summary: "Take a space away from a workspace",
				params: Params,
				response: { 204: Type.Null(), ...refused },
			},
			config: change,
		},
		async (request, reply) => {
			const { id, spaceId } = request.params;
			await visibleWorkspace(access, request, id);
			if (!(await access.unbindSpace(id, spaceId))) throw notFound("space");
			await audit.record({
				request,
				action: "workspace.space.unbind",
				subject: `workspace/${id}`,
				outcome: "done",
				details: { spaceId },
			});
			return reply.code(204).send(null);
		},
	);
}
