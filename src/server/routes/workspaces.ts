import { Type } from "typebox";
import { Id, Page, PageQuery, Problem, Workspace, WorkspaceInput } from "#contract";
import { listed } from "../access/listed.ts";
import { administeredWorkspace, viewerOf, visibleWorkspace } from "../access/workspace-access.ts";
import type { App } from "../app.ts";
import { notFound } from "../errors.ts";
import type { AccessStore } from "../ports/access.ts";
import type { Audit } from "../ports/audit.ts";

export interface WorkspaceRoutesDeps {
	readonly access: AccessStore;
	readonly audit: Audit;
}

const Params = Type.Object({ id: Id });
const Query = Type.Object({
	...PageQuery.properties,
	sort: Type.Optional(Type.String({ maxLength: 40, description: "name, createdAt" })),
	q: Type.Optional(Type.String({ maxLength: 200, description: "A part of the name" })),
});
const refused = { 400: Problem, 401: Problem, 403: Problem };
const platform = { needs: { by: "platform-admin", scope: "admin" } } as const;

export function workspaceRoutes(app: App, { access, audit }: WorkspaceRoutesDeps): void {
	app.get(
		"/api/v1/workspaces",
		{
			schema: {
				tags: ["workspaces"],
				operationId: "listWorkspaces",
				summary: "The workspaces that one is a member of; a platform administrator sees all",
				querystring: Query,
				response: { 200: Page(Workspace), ...refused },
			},
			config: { needs: { by: "user", scope: "read" } },
		},
		async (request) => listed(await access.workspaces(request.query, viewerOf(request))),
	);

	app.post(
		"/api/v1/workspaces",
		{
			schema: {
				tags: ["workspaces"],
				operationId: "createWorkspace",
				summary: "Make a workspace",
				body: WorkspaceInput,
				response: { 201: Workspace, ...refused, 409: Problem },
			},
			config: platform,
		},
		async (request, reply) => {
			const workspace = await access.createWorkspace(request.body.name);
			const { id, name } = workspace;
			await audit.record({
				request,
				action: "workspace.create",
				subject: `workspace/${id}`,
				outcome: "done",
				details: { name },
			});
			return reply.code(201).send(workspace);
		},
	);

	app.get(
		"/api/v1/workspaces/:id",
		{
			schema: {
				tags: ["workspaces"],
				operationId: "getWorkspace",
				summary: "One workspace",
				params: Params,
				response: { 200: Workspace, ...refused, 404: Problem },
			},
			config: { needs: { by: "user", scope: "read" } },
		},
		(request) => visibleWorkspace(access, request, request.params.id),
	);

	app.patch(
		"/api/v1/workspaces/:id",
		{
			schema: {
				tags: ["workspaces"],
				operationId: "renameWorkspace",
				summary: "Rename a workspace",
				params: Params,
				body: WorkspaceInput,
				response: { 200: Workspace, ...refused, 404: Problem, 409: Problem },
			},
			config: { needs: { by: "user", scope: "admin" } },
		},
		async (request) => {
			const { id } = request.params;
			await administeredWorkspace(access, request, id, "rename this workspace");
			if (!(await access.renameWorkspace(id, request.body.name))) throw notFound("workspace");
			await audit.record({
				request,
				action: "workspace.update",
				subject: `workspace/${id}`,
				outcome: "done",
				details: { name: request.body.name },
			});
			return visibleWorkspace(access, request, id);
		},
	);

	app.delete(
		"/api/v1/workspaces/:id",
		{
			schema: {
				tags: ["workspaces"],
				operationId: "deleteWorkspace",
				summary: "Delete a workspace; the spaces stay",
				params: Params,
				response: { 204: Type.Null(), ...refused, 404: Problem },
			},
			config: platform,
		},
		async (request, reply) => {
			const { id } = request.params;
			const { name } = await visibleWorkspace(access, request, id);
			if (!(await access.deleteWorkspace(id))) throw notFound("workspace");
			await audit.record({
				request,
				action: "workspace.delete",
				subject: `workspace/${id}`,
				outcome: "done",
				details: { name },
			});
			return reply.code(204).send(null);
		},
	);
}
