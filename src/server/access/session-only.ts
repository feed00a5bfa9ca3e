import type { FastifyRequest } from "fastify";
import { principalOf } from "../app.ts";
import { forbidden } from "../errors.ts";
import { sessionCookies } from "./cookies.ts";
import type { Principal } from "./principal.ts";

/** For what an API token, which may have leaked, must never do. */
export function signedInUser(request: FastifyRequest, what: string): Principal {
	const principal = principalOf(request);
	if (principal.via === "token") throw forbidden(`${what} with an API token`, "signing in");
	return principal;
}

/** The secret of a session that the gatekeeper let in: there was one cookie, and it was right. */
export function sessionSecretOf(request: FastifyRequest): string {
	return sessionCookies(request.headers.cookie)[0] ?? "";
}
