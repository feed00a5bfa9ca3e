/**
 * The real network: undici behind the engine's `Fetch`, with the environment's proxies, more CAs, and hosts whose
 * certificates are not checked.
 */
import { readFileSync } from "node:fs";
import type { LookupFunction } from "node:net";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch } from "undici";
import { EngineError, type Fetch } from "#engine";

export interface FetchOptions {
	/** Read for HTTP_PROXY, HTTPS_PROXY and NO_PROXY; the lower-case name wins, as in curl. */
	readonly env: Readonly<Record<string, string | undefined>>;
	/** PEM certificates that are trusted in addition to the system's. */
	readonly caFile?: string;
	/** `host` or `host:port`, whose certificates are not checked. A host without a port means port 443. */
	readonly insecureHosts?: readonly string[];
}

/** A host that is there answers a connection within seconds, across the world too. */
export const connectTimeout = 15_000;
/** Registries behind a cold object store think before they answer. */
const headersTimeout = 60_000;
/** Between two pieces of a body. A stalled layer is better broken off and resumed. */
const bodyTimeout = 60_000;
export const timeouts = { headersTimeout, bodyTimeout, allowH2: false };

/** Builds the fetch that everything uses. Throws `registry_tls` when `caFile` cannot be used. */
export function makeFetch({ env, caFile, insecureHosts = [] }: FetchOptions): Fetch {
	const extra = extraCertificates(caFile);
	const insecure = new Set(insecureHosts.map((host) => new URL(`https://${host}`).host));
	/** Made when a connection first needs it: reading the system's certificates takes a tenth of a second. */
	const context = once(() => trust(extra));
	const checked = once(() => dispatcherFor(env, { secureContext: context(), rejectUnauthorized: true }));
	const unchecked = once(() => dispatcherFor(env, { secureContext: context(), rejectUnauthorized: false }));
	const plain = once(() => new Agent({ ...timeouts, connect: { timeout: connectTimeout } }));
	return async (input, init) => {
		const url = new URL(input);
		const choose = isDirectHttp(url, env) ? plain : insecure.has(url.host) ? unchecked() : checked();
		// RequestInit is declared twice, by undici and by Node's types; both mean the same.
		return fetch(url, { ...(init as object), dispatcher: choose(url) });
	};
}

export interface Tls {
	/** Shared by all connections: building one of some hundred certificates takes longer than a handshake. */
	readonly secureContext: SecureContext;
	readonly rejectUnauthorized: boolean;
}

/** Node's own certificates, the system's (as Go programs trust them) and the extra ones. */
export function trust(extra: readonly string[]): SecureContext {
	const all = new Set([...getCACertificates("default"), ...getCACertificates("system"), ...extra]);
	return createSecureContext({ ca: [...all] });
}

/**
 * Chooses by address. `lookup` is asked for the names that are connected to directly; a proxy asks for others itself. As Go programs do, loopback is never proxied, and HTTP_PROXY does not speak for https.
 */
export function dispatcherFor(env: FetchOptions["env"], tls: Tls, lookup?: LookupFunction): (url: URL) => Dispatcher {
	const bare = { ...tls, timeout: connectTimeout };
	const connect = { ...bare, ...(lookup && { lookup }) };
	const direct = new Agent({ ...timeouts, connect });
	const [httpProxy, httpsProxy] = [proxySetting(env, "http_proxy"), proxySetting(env, "https_proxy")];
	if (httpProxy === "" && httpsProxy === "") return () => direct;
	const proxied = new EnvHttpProxyAgent({
		...timeouts,
		connect,
		requestTls: bare,
		proxyTls: { secureContext: tls.secureContext, timeout: connectTimeout },
		httpProxy,
		httpsProxy,
		noProxy: setting(env, "no_proxy"),
	});
	return ({ protocol, hostname }) => {
		const proxy = protocol === "https:" ? httpsProxy : httpProxy;
		return proxy === "" || isLoopback(hostname) ? direct : proxied;
	};
}

function isDirectHttp({ protocol, hostname }: URL, env: FetchOptions["env"]): boolean {
	return protocol === "http:" && (isLoopback(hostname) || setting(env, "http_proxy") === "");
}

function setting(env: FetchOptions["env"], name: string): string {
	return env[name] ?? env[name.toUpperCase()] ?? "";
}

/** A proxy without a scheme speaks HTTP, as curl has it. */
function proxySetting(env: FetchOptions["env"], name: string): string {
	const text = setting(env, name);
	if (text === "") return "";
	const url = text.includes("://") ? text : `http://${text}`;
	if (URL.canParse(url) && /^https?:/i.test(url)) return url;
	const message = `The proxy that ${name.toUpperCase()} or ${name} names is no HTTP address.`;
	throw new EngineError("registry_unreachable", message, "Set it to http://host:port, or unset it.");
}

function isLoopback(hostname: string): boolean {
	return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function extraCertificates(caFile: string | undefined): readonly string[] {
	if (caFile === undefined) return [];
	const hint = "Give a file of PEM certificates (-----BEGIN CERTIFICATE-----).";
	let text: string;
	try {
		text = readFileSync(caFile, "utf8");
	} catch (cause) {
		throw new EngineError("registry_tls", `The CA file ${caFile} cannot be read.`, hint, cause);
	}
	const found = certificatesIn(text);
	if (found.length === 0) throw new EngineError("registry_tls", `The CA file ${caFile} holds no certificate.`, hint);
	return found;
}

export function certificatesIn(text: string): readonly string[] {
	return text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

function once<T>(make: () => T): () => T {
	let made: { readonly value: T } | null = null;
	return () => (made ??= { value: make() }).value;
}
