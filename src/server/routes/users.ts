import { Type } from "typebox";
import { Id, Page, PageQuery, Problem, User, UserInput, UserPatch } from "#contract";
import { listed } from "../access/listed.ts";
import { hashPassword } from "../access/passwords.ts";
import { signedInUser } from "../access/session-only.ts";
import type { App } from "../app.ts";
import { notFound } from "../errors.ts";
import type { AccessStore } from "../ports/access.ts";
import type { Audit } from "../ports/audit.ts";

export interface UserRoutesDeps {
	readonly access: AccessStore;
	readonly audit: Audit;
}

const Params = Type.Object({ id: Id });
const Query = Type.Object({
	...PageQuery.properties,
	sort: Type.Optional(Type.String({ maxLength: 40, description: "username, createdAt, lastSeenAt" })),
	q: Type.Optional(Type.String({ maxLength: 200, description: "A part of the name" })),
});
const refused = { 400: Problem, 401: Problem, 403: Problem };
const read = { needs: { by: "platform-admin", scope: "read" } } as const;
const change = { needs: { by: "platform-admin", scope: "admin" } } as const;

export function userRoutes(app: App, { access, audit }: UserRoutesDeps): void {
	app.get(
		"/api/v1/users",
		{
			schema: {
				tags: ["access"],
				operationId: "listUsers",
				summary: "All users",
				querystring: Query,
				response: { 200: Page(User), ...refused },
			},
			config: read,
		},
		async (request) => listed(await access.users(request.query)),
	);

	app.post(
		"/api/v1/users",
		{
			schema: {
				tags: ["access"],
				operationId: "createUser",
				summary: "Make a user, who has to change the password at first",
				body: UserInput,
				response: { 201: User, ...refused, 409: Problem },
			},
			config: change,
		},
		async (request, reply) => {
			const { username, password, platformAdmin = false } = request.body;
			// A leaked token must not become an administrator who outlives it.
			if (platformAdmin) signedInUser(request, "make a platform administrator");
			const user = await access.createUser({ username, passwordHash: await hashPassword(password), platformAdmin });
			await audit.record({
				request,
				action: "user.create",
				subject: `user/${user.id}`,
				outcome: "done",
				details: { username, platformAdmin },
			});
			return reply.code(201).send(user);
		},
	);

	app.get(
		"/api/v1/users/:id",
		{
			schema: {
				tags: ["access"],
				operationId: "getUser",
				summary: "One user",
				params: Params,
				response: { 200: User, ...refused, 404: Problem },
			},
			config: read,
		},
		async (request) => {
			const user = await access.user(request.params.id);
			if (!user) throw notFound("user");
			return user;
		},
	);

	app.patch(
		"/api/v1/users/:id",
		{
			schema: {
				tags: ["access"],
				operationId: "changeUser",
				summary: "Disable a user, make one platform administrator, set a password",
				description: "A password that is set here has to be changed by the user; it and disabling end all sessions.",
				params: Params,
				body: UserPatch,
				response: { 200: User, ...refused, 404: Problem, 409: Problem },
			},
			config: change,
		},
		async (request) => {
			const { password, platformAdmin, disabled } = request.body;
			if (password !== undefined) signedInUser(request, "set a password");
			if (platformAdmin) signedInUser(request, "make a platform administrator");
			const passwordHash = password === undefined ? undefined : await hashPassword(password);
			const user = await access.changeUser(request.params.id, { passwordHash, platformAdmin, disabled });
			if (!user) throw notFound("user");
			await audit.record({
				request,
				action: "user.update",
				subject: `user/${user.id}`,
				outcome: "done",
				details: {
					username: user.username,
					...(password === undefined ? {} : { password: "set" }),
					...(platformAdmin === undefined ? {} : { platformAdmin }),
					...(disabled === undefined ? {} : { disabled }),
				},
			});
			return user;
		},
	);

	app.delete(
		"/api/v1/users/:id",
		{
			schema: {
				tags: ["access"],
				operationId: "deleteUser",
				summary: "Delete a user, with sessions, tokens and memberships",
				params: Params,
				response: { 204: Type.Null(), ...refused, 404: Problem, 409: Problem },
			},
			config: change,
		},
		async (request, reply) => {
			const { id } = request.params;
			const user = await access.user(id);
			if (!user || !(await access.deleteUser(id))) throw notFound("user");
			await audit.record({
				request,
				action: "user.delete",
				subject: `user/${id}`,
				outcome: "done",
				details: { username: user.username },
			});
			return reply.code(204).send(null);
		},
	);
}
