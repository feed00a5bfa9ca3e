import { Type } from "typebox";
import { Me, PasswordChange, Problem, tokenScopes } from "#contract";
import { hashPassword } from "../access/passwords.ts";
import { csrfTokenOf, secretHash } from "../access/secrets.ts";
import { sessionSecretOf, signedInUser } from "../access/session-only.ts";
import { tooManyTries, tryPassword } from "../access/sign-in.ts";
import { type App, principalOf } from "../app.ts";
import { forbidden, ServerError } from "../errors.ts";
import type { AccessStore } from "../ports/access.ts";
import type { Audit } from "../ports/audit.ts";

export interface MeRoutesDeps {
	readonly access: AccessStore;
	readonly audit: Audit;
}

export function meRoutes(app: App, { access, audit }: MeRoutesDeps): void {
	app.get(
		"/api/v1/me",
		{
			schema: {
				tags: ["access"],
				operationId: "me",
				summary: "Who is signed in, and what they may",
				response: { 200: Me, 401: Problem },
			},
			config: { needs: { by: "user", scope: null, withOldPassword: true } },
		},
		async (request, reply) => {
			const { userId, username, platformAdmin, mustChangePassword, scopes, via, workspaceId } = principalOf(request);
			const workspaces = await access.memberships({ userId, seesAll: false, workspaceId });
			// It holds the CSRF token: no cache may keep it for somebody else.
			reply.header("cache-control", "no-store");
			return {
				id: userId,
				username,
				platformAdmin,
				mustChangePassword,
				workspaces,
				scopes: tokenScopes.filter((scope) => scopes.has(scope)),
				csrfToken: via === "session" ? csrfTokenOf(sessionSecretOf(request)) : null,
			};
		},
	);

	app.post(
		"/api/v1/me/password",
		{
			schema: {
				tags: ["access"],
				operationId: "changePassword",
				summary: "Change one's own password; all other sessions end",
				body: PasswordChange,
				response: {
					204: Type.Null(),
					400: Problem,
					401: Problem,
					403: Problem,
					409: Problem,
					422: Problem,
					429: Problem,
				},
			},
			config: { needs: { by: "user", scope: null, withOldPassword: true }, limit: "sign-in" },
		},
		async (request, reply) => {
			const { userId } = signedInUser(request, "change the password");
			const { current, next } = request.body;
			const account = await access.accountOf(userId);
			if (!account)
				throw new ServerError("unauthenticated", "Your user is not there any more.", "Ask an administrator.");
			const entry = { request, action: "password.change", subject: `user/${userId}` };
			const tried = await tryPassword(access, account, account.username, current, request.ip);
			if (tried.pauseSeconds > 0) {
				reply.header("retry-after", tried.pauseSeconds);
				throw tooManyTries(tried.pauseSeconds);
			}
			if (!tried.matches) {
				await audit.record({ ...entry, outcome: "refused" });
				throw forbidden("change the password", "the current password, and this one is wrong");
			}
			if (next.normalize("NFKC") === current.normalize("NFKC"))
				throw new ServerError("unprocessable", "The new password is the current one.", "Choose another one.");
			const staying = secretHash(sessionSecretOf(request));
			const changed = await access.changePassword(userId, account.passwordHash, await hashPassword(next), staying);
			if (!changed)
				throw new ServerError("conflict", "The password was changed by somebody else just now.", "Sign in again.");
			await audit.record({ ...entry, outcome: "done" });
			return reply.code(204).send(null);
		},
	);
}
