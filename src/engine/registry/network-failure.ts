/** Says in plain words why a connection failed. The codes are Node's, OpenSSL's and undici's. */
import { EngineError } from "../errors.ts";
import { cleanText, RequestFailure } from "./failure.ts";

interface Known {
	readonly words: string;
	/** Nothing changes by trying again. */
	readonly final?: true;
}

const unreachable: Readonly<Record<string, Known>> = {
	ECONNREFUSED: { words: "nothing answers at that address and port (connection refused)" },
	ENOTFOUND: { words: "the name of the host is not known (DNS)", final: true },
	EAI_AGAIN: { words: "the name of the host cannot be looked up at the moment (DNS)" },
	EHOSTUNREACH: { words: "there is no route to the host" },
	ENETUNREACH: { words: "there is no route to its network" },
	ECONNRESET: { words: "the connection was broken off" },
	EPIPE: { words: "the connection was broken off" },
	UND_ERR_SOCKET: { words: "the connection was broken off" },
	ETIMEDOUT: { words: "it does not answer in time" },
	UND_ERR_CONNECT_TIMEOUT: { words: "it does not answer in time" },
	UND_ERR_HEADERS_TIMEOUT: { words: "it took the request but does not answer in time" },
	UND_ERR_BODY_TIMEOUT: { words: "it stopped sending in the middle of an answer" },
};

const certificate: Readonly<Record<string, string>> = {
	DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
	SELF_SIGNED_CERT_IN_CHAIN: "its certificate comes from a CA that is not trusted here",
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate comes from a CA that is not trusted here",
	UNABLE_TO_GET_ISSUER_CERT: "its certificate comes from a CA that is not trusted here",
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate comes from a CA that is not trusted here",
	CERT_HAS_EXPIRED: "its certificate has expired",
	CERT_NOT_YET_VALID: "its certificate is not valid yet",
	CERT_REVOKED: "its certificate is revoked",
	ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host name",
	HOSTNAME_MISMATCH: "its certificate is for another host name",
};

/** The failure that an error thrown by fetch, or by reading a body, means. */
export function networkFailure(host: string, thrown: unknown): RequestFailure {
	// The caller's fetch knew better what is wrong.
	if (thrown instanceof EngineError) return new RequestFailure(thrown);
	const code = networkCode(thrown);
	const untrusted = certificate[code] ?? (/^(?:CERT_|UNABLE_TO_)/.test(code) ? "its certificate is not valid" : null);
	if (untrusted) return new RequestFailure(tlsError(host, untrusted, thrown));
	if (isNotTls(code)) {
		return new RequestFailure(tlsError(host, "it does not speak TLS as it should; it may be plain HTTP", thrown));
	}
	const proxy = /Proxy response \((\d{3})\)/.exec(messages(thrown));
	if (proxy) {
		const transient = proxy[1]?.startsWith("5") ?? false;
		return new RequestFailure(unreachableError(host, `the proxy answered ${proxy[1]}`, thrown), transient);
	}
	if (causes(thrown).some(({ name }) => name === "HTTPParserError"))
		return new RequestFailure(unreachableError(host, "it does not speak HTTP", thrown));
	const known = unreachable[code];
	const words = known?.words ?? `the connection failed (${code || cleanText(causes(thrown).at(-1)?.message ?? "")})`;
	return new RequestFailure(unreachableError(host, words, thrown), known?.final !== true);
}

/** True when TLS failed before any certificate was seen: the other side speaks plain HTTP, most likely. */
export function isNotTls(code: string): boolean {
	return code === "EPROTO" || /^ERR_(?:SSL|TLS)_(?!CERT_)/.test(code);
}

/** The first error code along the causes of what fetch threw; empty when there is none. */
export function networkCode(thrown: unknown): string {
	for (const error of causes(thrown)) {
		// Our own codes are words for people, not a system's.
		if (error instanceof EngineError) continue;
		if ("code" in error && typeof error.code === "string" && error.code !== "UND_ERR_ABORTED") return error.code;
	}
	return "";
}

function messages(thrown: unknown): string {
	return causes(thrown)
		.map((error) => error.message)
		.join("\n");
}

/** The chain of causes, and the first part of errors that have many (one for each address that was tried). */
function causes(thrown: unknown): readonly Error[] {
	const chain: Error[] = [];
	let next = thrown;
	// Ten is more than fetch, undici and TLS wrap; a chain that bites its tail ends here.
	while (next instanceof Error && chain.length < 10) {
		chain.push(next);
		next = next.cause ?? (next instanceof AggregateError ? next.errors[0] : undefined);
	}
	return chain;
}

function unreachableError(host: string, words: string, cause: unknown): EngineError {
	return new EngineError(
		"registry_unreachable",
		`${host} cannot be reached: ${words}.`,
		"Check the host name and port, the network, and the proxy settings (HTTPS_PROXY, NO_PROXY).",
		cause,
	);
}

function tlsError(host: string, words: string, cause: unknown): EngineError {
	return new EngineError(
		"registry_tls",
		`No safe connection to ${host}: ${words}.`,
		"If the registry has a CA of its own, give that with --ca-file. To do without the check, or with plain HTTP, use --insecure.",
		cause,
	);
}
