import { Type } from "typebox";
import { Id, Member, MemberInput, Page, PageQuery, Problem } from "#contract";
import { listed } from "../access/listed.ts";
import { administeredWorkspace } from "../access/workspace-access.ts";
import type { App } from "../app.ts";
import { notFound } from "../errors.ts";
import type { WorkspaceRoutesDeps } from "./workspaces.ts";

const Params = Type.Object({ id: Id, userId: Id });
const Query = Type.Object({
	...PageQuery.properties,
	sort: Type.Optional(Type.String({ maxLength: 40, description: "username, role" })),
	q: Type.Optional(Type.String({ maxLength: 200, description: "A part of the user's name" })),
});
const refused = { 400: Problem, 401: Problem, 403: Problem, 404: Problem };
const read = { needs: { by: "user", scope: "read" } } as const;
const change = { needs: { by: "user", scope: "admin" } } as const;

export function workspaceMemberRoutes(app: App, { access, audit }: WorkspaceRoutesDeps): void {
	app.get(
		"/api/v1/workspaces/:id/members",
		{
			schema: {
				tags: ["workspaces"],
				operationId: "listMembers",
				summary: "The members of a workspace, for its admins",
				params: Type.Object({ id: Id }),
				querystring: Query,
				response: { 200: Page(Member), ...refused },
			},
			config: read,
		},
		async (request) => {
			await administeredWorkspace(access, request, request.params.id, "see this workspace's members");
			return listed(await access.members(request.params.id, request.query));
		},
	);

	app.get(
		"/api/v1/workspaces/:id/members/:userId",
		{
			schema: {
				tags: ["workspaces"],
				operationId: "getMember",
				summary: "One member",
				params: Params,
				response: { 200: Member, ...refused },
			},
			config: read,
		},
		async (request) => {
			const { id, userId } = request.params;
			await administeredWorkspace(access, request, id, "see this workspace's members");
			const member = await access.member(id, userId);
			if (!member) throw notFound("member");
			return member;
		},
	);

	app.put(
		"/api/v1/workspaces/:id/members/:userId",
		{
			schema: {
				tags: ["workspaces"],
				operationId: "setMember",
				summary: "Make a user a member, or give a member another role",
				params: Params,
				body: MemberInput,
				response: { 200: Member, ...refused },
			},
			config: change,
		},
		async (request) => {
			const { id, userId } = request.params;
			const { role } = request.body;
			await administeredWorkspace(access, request, id, "manage this workspace's members");
			const member = await access.setMember(id, userId, role);
			if (!member) throw notFound("user");
			await audit.record({
				request,
				action: "workspace.member.set",
				subject: `workspace/${id}`,
				outcome: "done",
				details: { userId, username: member.username, role },
			});
			return member;
		},
	);

	app.delete(
		"/api/v1/workspaces/:id/members/:userId",
		{
			schema: {
				tags: ["workspaces"],
				operationId: "removeMember",
				summary: "Take a member out of a workspace",
				params: Params,
				response: { 204: Type.Null(), ...refused },
			},
			config: change,
		},
		async (request, reply) => {
			const { id, userId } = request.params;
			await administeredWorkspace(access, request, id, "manage this workspace's members");
			if (!(await access.removeMember(id, userId))) throw notFound("member");
			await audit.record({
				request,
				action: "workspace.member.remove",
				subject: `workspace/${id}`,
				outcome: "done",
				details: { userId },
			});
			return reply.code(204).send(null);
		},
	);
}
