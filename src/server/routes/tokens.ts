import { Type } from "typebox";
import {
	Id,
	Page,
	PageQuery,
	Problem,
	Token,
	TokenInput,
	TokenMade,
	type TokenScope,
	type WorkspaceRole,
} from "#contract";
import { listed } from "../access/listed.ts";
import type { Principal } from "../access/principal.ts";
import { newApiToken, secretHash } from "../access/secrets.ts";
import { signedInUser } from "../access/session-only.ts";
import type { App } from "../app.ts";
import { forbidden, notFound } from "../errors.ts";
import type { AccessStore } from "../ports/access.ts";
import type { Audit } from "../ports/audit.ts";

export interface TokenRoutesDeps {
	readonly access: AccessStore;
	readonly audit: Audit;
}

const refused = { 400: Problem, 401: Problem, 403: Problem };
const signedIn = { needs: { by: "user", scope: null } } as const;
const Query = Type.Object({
	...PageQuery.properties,
	sort: Type.Optional(Type.String({ maxLength: 40, description: "createdAt, name, expiresAt" })),
});

export function tokenRoutes(app: App, { access, audit }: TokenRoutesDeps): void {
	app.get(
		"/api/v1/tokens",
		{
			schema: {
				tags: ["access"],
				operationId: "listTokens",
				summary: "One's own API tokens, without their secrets",
				querystring: Query,
				response: { 200: Page(Token), ...refused },
			},
			config: signedIn,
		},
		async (request) => {
			const { userId } = signedInUser(request, "list API tokens");
			return listed(await access.tokens(userId, request.query));
		},
	);

	app.post(
		"/api/v1/tokens",
		{
			schema: {
				tags: ["access"],
				operationId: "createToken",
				summary: "Make an API token; its secret is shown this once",
				body: TokenInput,
				response: { 201: TokenMade, ...refused, 404: Problem },
			},
			config: signedIn,
		},
		async (request, reply) => {
			const principal = signedInUser(request, "make an API token");
			const { name, scopes, workspaceId = null, expiresInDays } = request.body;
			await refuseBeyond(access, principal, scopes, workspaceId);
			const secret = newApiToken();
			const { userId } = principal;
			const token = await access.createToken({
				userId,
				name,
				scopes,
				workspaceId,
				secretHash: secretHash(secret),
				expiresInDays,
			});
			await audit.record({
				request,
				action: "token.create",
				subject: `token/${token.id}`,
				outcome: "done",
				details: { name, scopes: token.scopes, workspaceId, expiresAt: token.expiresAt },
			});
			return reply
				.code(201)
				.header("cache-control", "no-store")
				.send({ ...token, secret });
		},
	);

	app.delete(
		"/api/v1/tokens/:id",
		{
			schema: {
				tags: ["access"],
				operationId: "deleteToken",
				summary: "Revoke an API token of one's own",
				params: Type.Object({ id: Id }),
				response: { 204: Type.Null(), ...refused, 404: Problem },
			},
			config: signedIn,
		},
		async (request, reply) => {
			const { id } = request.params;
			const { userId } = signedInUser(request, "revoke an API token");
			if (!(await access.deleteToken(userId, id))) throw notFound("token");
			await audit.record({ request, action: "token.revoke", subject: `token/${id}`, outcome: "done" });
			return reply.code(204).send(null);
		},
	);
}

const scopesOf: Readonly<Record<WorkspaceRole, readonly TokenScope[]>> = {
	viewer: ["read"],
	editor: ["read", "scan"],
	admin: ["read", "scan", "admin"],
};

/** What it may is decided anew whenever the token is used; here nobody is promised more than they have. */
async function refuseBeyond(
	access: AccessStore,
	{ userId, platformAdmin }: Principal,
	scopes: readonly TokenScope[],
	workspaceId: Id | null,
): Promise<void> {
	const viewer = { userId, seesAll: platformAdmin, workspaceId: null };
	if (workspaceId !== null && !(await access.workspace(workspaceId, viewer))) throw notFound("workspace");
	if (platformAdmin) return;
	// Without any workspace the public spaces are left, and reading them.
	const role = (await access.highestRole(userId, workspaceId)) ?? "viewer";
	const beyond = scopes.find((scope) => !scopesOf[role].includes(scope));
	if (beyond)
		throw forbidden(
			`give a token the scope "${beyond}"`,
			beyond === "scan" ? "the role of editor" : "the role of admin",
		);
}
