import type { FastifyReply } from "fastify";
import { Type } from "typebox";
import { LoggedIn, Login, Problem } from "#contract";
import { clearSessionCookie, sessionCookies, setSessionCookie } from "../access/cookies.ts";
import { isSessionSecret, secretHash } from "../access/secrets.ts";
import { sessionSecretOf, signedInUser } from "../access/session-only.ts";
import { signIn, tooManyTries, wrongPassword } from "../access/sign-in.ts";
import type { App } from "../app.ts";
import type { AccessStore } from "../ports/access.ts";
import type { Audit } from "../ports/audit.ts";

export interface SessionRoutesDeps {
	readonly access: AccessStore;
	readonly audit: Audit;
	/** Browsers send the session's cookie over TLS only. False for plain HTTP on a loopback address alone. */
	readonly secureCookies: boolean;
}

export function sessionRoutes(app: App, { access, audit, secureCookies }: SessionRoutesDeps): void {
	app.post(
		"/api/v1/sessions",
		{
			schema: {
				tags: ["access"],
				operationId: "signIn",
				summary: "Sign in with a password; the session comes as a cookie",
				body: Login,
				response: { 201: LoggedIn, 400: Problem, 401: Problem, 403: Problem, 429: Problem },
			},
			config: { needs: { by: "anybody", scope: null }, limit: "sign-in" },
		},
		async (request, reply) => {
			const outcome = await signIn(access, request.body, request.ip);
			if (!("secret" in outcome)) {
				const { userId, username, pauseSeconds } = outcome;
				if (pauseSeconds > 0) {
					reply.header("retry-after", pauseSeconds);
					throw tooManyTries(pauseSeconds);
				}
				await audit.record({
					request,
					action: "session.create",
					subject: userId === null ? "user" : `user/${userId}`,
					outcome: "refused",
					// What was typed is not kept: it may be a password in the wrong field.
					...(userId === null || username === null ? {} : { actor: { userId, username } }),
				});
				throw wrongPassword();
			}
			const { account, secret, csrfToken, expiresAt } = outcome;
			// The session before ends; nobody goes on with one that somebody else may know.
			for (const before of sessionCookies(request.headers.cookie))
				if (isSessionSecret(before)) await access.endSession(secretHash(before));
			await audit.record({
				request,
				action: "session.create",
				subject: `user/${account.userId}`,
				outcome: "done",
				actor: account,
			});
			const seconds = Math.floor((expiresAt.getTime() - Date.now()) / 1000);
			reply.header("set-cookie", setSessionCookie(secret, seconds, secureCookies));
			const { mustChangePassword } = account;
			return reply.code(201).send({ csrfToken, mustChangePassword, expiresAt: expiresAt.toISOString() });
		},
	);

	app.delete(
		"/api/v1/sessions/current",
		{
			schema: {
				tags: ["access"],
				operationId: "signOut",
				summary: "Sign out",
				response: { 204: Type.Null(), 401: Problem, 403: Problem },
			},
			config: { needs: { by: "user", scope: null, withOldPassword: true } },
		},
		async (request, reply) => {
			const { userId } = signedInUser(request, "sign out");
			await access.endSession(secretHash(sessionSecretOf(request)));
			await audit.record({ request, action: "session.end", subject: `user/${userId}`, outcome: "done" });
			return signedOut(reply);
		},
	);

	app.delete(
		"/api/v1/sessions",
		{
			schema: {
				tags: ["access"],
				operationId: "signOutEverywhere",
				summary: "Sign out everywhere",
				response: { 204: Type.Null(), 401: Problem, 403: Problem },
			},
			config: { needs: { by: "user", scope: null, withOldPassword: true } },
		},
		async (request, reply) => {
			const { userId } = signedInUser(request, "sign out");
			const sessions = await access.endSessions(userId);
			await audit.record({
				request,
				action: "session.end_all",
				subject: `user/${userId}`,
				outcome: "done",
				details: { sessions },
			});
			return signedOut(reply);
		},
	);

	function signedOut(reply: FastifyReply): FastifyReply {
		return reply.header("set-cookie", clearSessionCookie(secureCookies)).code(204).send(null);
	}
}
