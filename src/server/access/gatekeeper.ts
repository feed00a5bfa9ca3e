/** Tells by a request's cookie or API token who sends it, and what that one may see. */
import type { FastifyRequest } from "fastify";
import { type TokenScope, tokenScopes, type WorkspaceRole } from "#contract";
import { ServerError } from "../errors.ts";
import type { AccessStore, KnownUser } from "../ports/access.ts";
import { type Sight, seesAll } from "../ports/sight.ts";
import { sessionCookies } from "./cookies.ts";
import type { Gatekeeper, Principal } from "./principal.ts";
import { changesSomething, refuseForeignOrigin } from "./same-origin.ts";
import { isApiToken, isSecretOf, isSessionSecret, secretHash } from "./secrets.ts";

export function gatekeeper(store: AccessStore): Gatekeeper {
	return {
		identify: async (request) => {
			refuseTokenInAddress(request);
			const { authorization } = request.headers;
			const found = authorization === undefined ? await bySession(store, request) : await byToken(store, authorization);
			if (found?.mustChangePassword) refuseOldPassword(request);
			return found && { principal: found, sight: await sightOf(store, found) };
		},
	};
}

/** Addresses are kept in logs and histories. */
function refuseTokenInAddress(request: FastifyRequest): void {
	if (!/plim_[0-9a-z]/i.test(request.url)) return;
	throw new ServerError(
		"unauthenticated",
		"There is an API token in the request's address, where others can read it.",
		"Send it in the Authorization header, as a bearer token, and replace this one.",
	);
}

type Found = Principal & { readonly all: boolean };

async function byToken(store: AccessStore, authorization: string): Promise<Found> {
	const [, secret = ""] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
	const known = isApiToken(secret) ? await store.token(secretHash(secret)) : null;
	// One answer for all that is wrong with it: unknown, expired, revoked, of a disabled user, or no token at all.
	if (!known)
		throw new ServerError(
			"unauthenticated",
			"The API token is not valid.",
			"Send one that holds as `Authorization: Bearer plim_…`; no other kind is taken.",
		);
	const { scopes, workspaceId } = known;
	return {
		...principalOf(known),
		platformAdmin: known.platformAdmin && workspaceId === null && scopes.includes("admin"),
		all: known.platformAdmin && workspaceId === null,
		via: "token",
		scopes: new Set(scopes),
		workspaceId,
	};
}

async function bySession(store: AccessStore, request: FastifyRequest): Promise<Found | null> {
	const changes = changesSomething(request);
	// Signing in has no session yet, and must not be done for somebody by another site either.
	if (changes) refuseForeignOrigin(request);
	const anybody = request.routeOptions.config.needs?.by === "anybody";
	const [secret, ...others] = sessionCookies(request.headers.cookie);
	if (others.length > 0) {
		if (anybody) return null;
		throw new ServerError(
			"unauthenticated",
			"The request has more than one session cookie, and which is yours cannot be told.",
			"Delete this site's cookies and sign in again.",
		);
	}
	const known = secret !== undefined && isSessionSecret(secret) ? await store.session(secretHash(secret)) : null;
	if (!known || secret === undefined) return null;
	if (changes && !hasCsrfToken(request, known.csrfHash)) {
		if (anybody) return null;
		throw new ServerError(
			"csrf_missing",
			"The request does not prove that it comes from Plimsoll's own page.",
			"Send the `csrfToken` of signing in, or of /api/v1/me, as X-CSRF-Token.",
		);
	}
	return {
		...principalOf(known),
		all: known.platformAdmin,
		via: "session",
		scopes: new Set(tokenScopes),
		workspaceId: null,
	};
}

function principalOf({ userId, username, platformAdmin, mustChangePassword }: KnownUser) {
	return { userId, username, platformAdmin, mustChangePassword };
}

function hasCsrfToken(request: FastifyRequest, kept: Buffer): boolean {
	const sent = request.headers["x-csrf-token"];
	return typeof sent === "string" && isSecretOf(kept, sent);
}

function refuseOldPassword(request: FastifyRequest): void {
	const { needs } = request.routeOptions.config;
	if (!needs || needs.by === "anybody" || needs.withOldPassword) return;
	throw new ServerError(
		"password_change_required",
		"Your password was set by somebody else, and has to be changed first.",
		"Choose one of your own: POST /api/v1/me/password.",
	);
}

/** Roles above which a token does not reach, whatever its user is. */
const reach: Readonly<Record<TokenScope, WorkspaceRole>> = { read: "viewer", scan: "editor", admin: "admin" };

async function sightOf(store: AccessStore, { userId, workspaceId, scopes, all, via }: Found): Promise<Sight> {
	if (all) return seesAll;
	const spaces = await store.spacesSeen(userId, workspaceId);
	const highest = via === "session" ? "admin" : highestOf([...scopes].map((scope) => reach[scope]));
	if (highest === "admin") return { all: false, spaces };
	return { all: false, spaces: new Map([...spaces].map(([id, role]) => [id, lowerOf(role, highest)])) };
}

const ranks: Readonly<Record<WorkspaceRole, number>> = { viewer: 0, editor: 1, admin: 2 };

function highestOf(roles: readonly WorkspaceRole[]): WorkspaceRole {
	return roles.reduce((highest, role) => (ranks[role] > ranks[highest] ? role : highest), "viewer");
}

function lowerOf(one: WorkspaceRole, other: WorkspaceRole): WorkspaceRole {
	return ranks[one] < ranks[other] ? one : other;
}
