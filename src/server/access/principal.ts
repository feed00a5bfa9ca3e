/** Who asks, and what a route asks of them. */
import type { FastifyRequest } from "fastify";
import type { Id, TokenScope } from "#contract";
import type { Sight } from "../ports/sight.ts";

export interface Principal {
	readonly userId: Id;
	readonly username: string;
	/** False for a token without the scope "admin", and for one that is bound to a workspace. */
	readonly platformAdmin: boolean;
	readonly via: "session" | "token";
	/** All three for a session. */
	readonly scopes: ReadonlySet<TokenScope>;
	/** A token that is bound to one workspace sees no other. */
	readonly workspaceId: Id | null;
	readonly mustChangePassword: boolean;
}

export interface Identified {
	readonly principal: Principal;
	readonly sight: Sight;
}

/** Tells who sends a request; null when it does not say. Throws `unauthenticated`, `csrf_missing`, `too_many_requests`. */
export interface Gatekeeper {
	identify(request: FastifyRequest): Promise<Identified | null>;
}

/**
 * What every route states in its `config`: who may call it at all, and the scope that a token needs. `by: "secret"` is for
 * routes that check a secret of their own (notifications of registries). What the objects themselves ask is checked in the
 * route, by `request.sight`.
 */
export interface RouteNeeds {
	readonly by: "anybody" | "user" | "platform-admin" | "secret";
	readonly scope: TokenScope | null;
	/** Works while the user has to choose another password: little else does. */
	readonly withOldPassword?: true;
}

declare module "fastify" {
	interface FastifyContextConfig {
		needs?: RouteNeeds;
	}
	interface FastifyRequest {
		principal: Principal | null;
		sight: Sight;
	}
}
