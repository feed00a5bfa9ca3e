/**
 * Answers a registry's challenges and keeps what it learnt: the scheme, the credentials, and tokens by scope. One
 * authorizer belongs to one endpoint, so nothing of it can reach another host. Requests that need the same token at the
 * same time share one fetch of it.
 */

import { aborted, type Pacing } from "../deps.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Exchange } from "../exchange.ts";
import { type Subject, unauthorized } from "../failure.ts";
import { isAborted } from "../retry.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import type { CredentialProvider, Credentials } from "./credentials.ts";
import { type BearerToken, basicAuthorization, fetchToken, tokenRealm } from "./token.ts";

export interface Authorizer {
	/** The header value for a request of this scope, from what earlier challenges taught; null when none asked for one. */
	header(scope: string, subject: Subject, signal: AbortSignal): Promise<string | null>;
	/**
	 * The header value that answers a 401. `rejected` is what was sent with the request. Throws
	 * `registry_unauthorized` when there is nothing better to send.
	 */
	answer(
		challenge: string | null,
		rejected: string | null,
		scope: string,
		subject: Subject,
		signal: AbortSignal,
	): Promise<string>;
	/** Credentials were found for this endpoint. */
	loggedIn(): boolean;
}

type Scheme =
	| { readonly kind: "fixed"; readonly header: string }
	| { readonly kind: "bearer"; readonly realm: URL; readonly service: string };

/** A registry has tens of thousands of repositories, and each has a scope of its own. */
const mostTokens = 500;

export function createAuthorizer(
	endpoint: Endpoint,
	provider: CredentialProvider,
	deps: Exchange & { readonly pacing: Pacing; readonly eager?: boolean },
): Authorizer {
	const tokens = new Map<string, Promise<BearerToken>>();
	const credentials = new Map<string, Promise<Credentials | null>>();
	let scheme: Scheme | null = null;
	let loggedIn = false;

	async function findCredentials(repository: string): Promise<Credentials | null> {
		const known = credentials.get(repository) ?? provider.find(endpoint.host, repository);
		makeRoom(credentials, repository);
		credentials.set(repository, known);
		const found = await known;
		loggedIn ||= found !== null;
		return found;
	}

	async function token(
		{ realm, service }: Extract<Scheme, { kind: "bearer" }>,
		rejected: string | null,
		scope: string,
		subject: Subject,
		signal: AbortSignal,
	): Promise<string> {
		const found = await findCredentials(subject.repository);
		if (found?.kind === "bearer") return `Bearer ${found.token}`;
		for (;;) {
			if (signal.aborted) throw aborted(signal);
			const shared = tokens.get(scope);
			const mine = { ...subject, kind: "token" as const, loggedIn: found !== null };
			const pending = shared ?? fetchToken({ realm, service, scope, subject: mine }, found, endpoint, deps, signal);
			makeRoom(tokens, scope);
			tokens.set(scope, pending);
			try {
				const got = await pending;
				const value = `Bearer ${got.token}`;
				// A token of this very call is used even if its life is over already: the registry has the last word.
				if (!shared || (value !== rejected && got.expiresAt > deps.pacing.now())) return value;
			} catch (thrown) {
				if (tokens.get(scope) === pending) tokens.delete(scope);
				// Another request began the fetch and was stopped; this one was not.
				if (shared && isAborted(thrown) && !signal.aborted) continue;
				throw thrown;
			}
			if (tokens.get(scope) === pending) tokens.delete(scope);
		}
	}

	return {
		loggedIn: () => loggedIn,
		async header(scope, subject, signal) {
			if (scheme === null && deps.eager) {
				const found = await findCredentials(subject.repository);
				return found && fixedHeader(found);
			}
			if (scheme === null) return null;
			return scheme.kind === "fixed" ? scheme.header : token(scheme, null, scope, subject, signal);
		},
		async answer(challenge, rejected, scope, subject, signal) {
			const challenges = parseChallenges(challenge ?? "");
			const bearer = challenges.find((one) => one.scheme === "bearer" && one.parameters.has("realm"));
			if (bearer) {
				const wanted = bearerScheme(bearer, endpoint);
				scheme = wanted;
				return token(wanted, rejected, scope, subject, signal);
			}
			const found = await findCredentials(subject.repository);
			const basic = challenges.some((one) => one.scheme === "basic");
			const header = found && (basic || found.kind === "bearer") ? fixedHeader(found) : null;
			if (header === null || header === rejected) throw unauthorized(endpoint.host, { ...subject, loggedIn });
			scheme = { kind: "fixed", header };
			return header;
		},
	};
}

function fixedHeader(credentials: Credentials): string | null {
	return credentials.kind === "bearer" ? `Bearer ${credentials.token}` : basicAuthorization(credentials);
}

/** Forgets the oldest entry when there are too many and `key` is a new one. */
function makeRoom(map: Map<string, unknown>, key: string): void {
	if (map.size < mostTokens || map.has(key)) return;
	for (const oldest of map.keys()) {
		map.delete(oldest);
		return;
	}
}

function bearerScheme(challenge: Challenge, endpoint: Endpoint): Extract<Scheme, { kind: "bearer" }> {
	const realm = tokenRealm(challenge.parameters.get("realm") ?? "", endpoint);
	return { kind: "bearer", realm, service: challenge.parameters.get("service") ?? "" };
}
