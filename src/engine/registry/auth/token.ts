/**
 * Fetches bearer tokens from a registry's token server.
 * https://distribution.github.io/distribution/spec/auth/token/ (GET) and …/auth/oauth/ (POST, refresh tokens)
 */
import { EngineError } from "../../errors.ts";
import { checkTarget } from "../address.ts";
import { readBody, readErrorText } from "../body.ts";
import { aborted, type Pacing } from "../deps.ts";
import type { Endpoint } from "../endpoint.ts";
import { type Exchange, exchange } from "../exchange.ts";
import { responseFailure, type Subject } from "../failure.ts";
import { retrying } from "../retry.ts";
import type { Credentials } from "./credentials.ts";

/** A token and when it must no longer be used, in milliseconds since 1970. */
export interface BearerToken {
	readonly token: string;
	readonly expiresAt: number;
}

/** Where and for what: the parameters of a registry's challenge. */
export interface TokenRequest {
	readonly realm: URL;
	readonly service: string;
	/** `repository:NAME:pull`; empty: to be known, no more. */
	readonly scope: string;
	readonly subject: Subject;
}

/** Token servers that do not tell mean a minute, by the specification. */
const defaultLifetime = 60_000;
/** A token is renewed so long before its end (or at half of a short life), so that it does not end under way. */
const margin = 10_000;
/** Claims of many groups make tokens of tens of kilobytes; this is far above. */
const maxAnswer = 1024 * 1024;
const clientId = "plimsoll";

/** Reads the realm of a challenge and checks that credentials may go there. */
export function tokenRealm(text: string, endpoint: Endpoint): URL {
	const realm = URL.canParse(text) ? new URL(text) : null;
	if (!realm) {
		throw new EngineError(
			"registry_failed",
			`${endpoint.host} asks for a token but names no valid token server.`,
			"Ask the registry's administrator to correct its token settings.",
		);
	}
	checkTarget(realm, endpoint, "the token server");
	return realm;
}

/** Fetches a token, with the credentials if there are any. */
export async function fetchToken(
	request: TokenRequest,
	credentials: Credentials | null,
	endpoint: Endpoint,
	deps: Exchange & { readonly pacing: Pacing },
	signal: AbortSignal,
): Promise<BearerToken> {
	return retrying(
		async () => {
			const response = await ask(request, credentials, endpoint, deps, signal);
			const { host } = request.realm;
			if (!response.ok) {
				const text = await readErrorText(host, response, signal);
				if (signal.aborted) throw aborted(signal);
				throw responseFailure(host, response, text, request.subject, deps.pacing.now());
			}
			const body = await readBody(host, response, maxAnswer, "a token", signal);
			return readToken(host, body, deps.pacing.now());
		},
		deps.pacing,
		signal,
	);
}

async function ask(
	request: TokenRequest,
	credentials: Credentials | null,
	endpoint: Endpoint,
	deps: Exchange,
	signal: AbortSignal,
): Promise<Response> {
	if (credentials?.kind === "identity") {
		const response = await postRefreshToken(request, credentials.token, endpoint, deps, signal);
		// Servers without the OAuth way answer 404 or 405, Artifactory 401 (as containerd found); those know the GET way.
		if (![401, 404, 405].includes(response.status)) return response;
		await response.body?.cancel().catch(() => {});
	}
	const url = new URL(request.realm);
	if (request.service) url.searchParams.set("service", request.service);
	if (request.scope) url.searchParams.append("scope", request.scope);
	url.searchParams.set("client_id", clientId);
	const authorization = credentials && basicAuthorization(credentials);
	if (credentials && "username" in credentials) url.searchParams.set("account", credentials.username);
	return exchange(deps, endpoint, { url, headers: {}, authorization, follow: true }, signal);
}

function postRefreshToken(
	request: TokenRequest,
	refreshToken: string,
	endpoint: Endpoint,
	deps: Exchange,
	signal: AbortSignal,
): Promise<Response> {
	const form = new URLSearchParams({
		grant_type: "refresh_token",
		service: request.service,
		client_id: clientId,
		...(request.scope && { scope: request.scope }),
		refresh_token: refreshToken,
	});
	// The body is a secret, so it goes nowhere but to the realm.
	const message = { url: request.realm, headers: {}, authorization: null, follow: false, form: form.toString() };
	return exchange(deps, endpoint, message, signal);
}

/** The value of an `Authorization: Basic` header (RFC 7617); null for credentials that have no such form. */
export function basicAuthorization(credentials: Credentials): string | null {
	if (credentials.kind === "bearer") return null;
	// Docker's convention: an identity token without a user goes as the password of "<token>".
	const username = credentials.username || "<token>";
	const password = credentials.kind === "identity" ? credentials.password || credentials.token : credentials.password;
	return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

function readToken(host: string, body: Uint8Array, now: number): BearerToken {
	const json = parseAnswer(body);
	const token = typeof json["token"] === "string" && json["token"] !== "" ? json["token"] : json["access_token"];
	// What goes into a header must be fit for one.
	if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) {
		throw new EngineError(
			"registry_failed",
			`The token server ${host} gave an answer without a token.`,
			"Ask the registry's administrator to look at its token server.",
		);
	}
	const seconds = json["expires_in"];
	const lifetime = typeof seconds === "number" && seconds > 0 ? seconds * 1000 : defaultLifetime;
	return { token, expiresAt: now + lifetime - Math.min(margin, lifetime / 2) };
}

function parseAnswer(body: Uint8Array): Readonly<Record<string, unknown>> {
	try {
		const value: unknown = JSON.parse(new TextDecoder().decode(body));
		return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
	} catch {
		return {};
	}
}
