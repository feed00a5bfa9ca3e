/**
 * One request and the redirects that it leads to. Invariant: `Authorization` goes to the origin of the first address
 * and to no other, and not again after a redirect has left that origin.
 */
import { EngineError } from "../errors.ts";
import type { Fetch } from "../ports.ts";
import { checkTarget } from "./address.ts";
import { discard } from "./body.ts";
import { aborted } from "./deps.ts";
import type { Endpoint } from "./endpoint.ts";
import { networkFailure } from "./network-failure.ts";

export interface Exchange {
	readonly fetch: Fetch;
}

/** A GET, or a POST when there is a form. */
export interface Message {
	readonly url: URL;
	readonly headers: Readonly<Record<string, string>>;
	readonly authorization: string | null;
	/** Follow redirects; otherwise a redirect is an answer like any other. */
	readonly follow: boolean;
	readonly method?: Method;
	readonly form?: string;
	readonly upload?: Upload;
}

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH";

/** Bytes that are sent. */
export interface Upload {
	readonly mediaType: string;
	/** How many there are. */
	readonly size: number;
	/** Gives them from the start; once a try. */
	open(): AsyncIterable<Uint8Array>;
}

/** Registries redirect once, to a blob store; browsers and Go stop at ten or twenty. */
const maxRedirects = 5;
const redirects = new Set([301, 302, 303, 307, 308]);
/** After the others a client asks with GET, which would lose what is sent. */
const keepingRedirects = new Set([307, 308]);

/** Sends a message and follows redirects. Network errors come as `RequestFailure`, a forbidden redirect as `registry_failed`. */
export async function exchange(
	{ fetch }: Exchange,
	endpoint: Endpoint,
	message: Message,
	signal: AbortSignal,
): Promise<Response> {
	let { url, authorization } = message;
	for (let hops = 0; ; hops++) {
		const response = await send(fetch, { ...message, url, authorization }, signal);
		const followed = isReading(message) ? redirects : keepingRedirects;
		if (!message.follow || !followed.has(response.status)) return response;
		await discard(response);
		const next = target(response.headers.get("location"), url, endpoint);
		if (hops === maxRedirects) {
			throw failed(`${endpoint.host} redirects more than ${maxRedirects} times.`);
		}
		if (next.origin !== url.origin) authorization = null;
		url = next;
	}
}

/** Asks only. */
function isReading({ method = "GET", form }: Message): boolean {
	return (method === "GET" || method === "HEAD") && form === undefined;
}

async function send(fetch: Fetch, message: Message, signal: AbortSignal): Promise<Response> {
	const { url, headers, authorization, form, upload } = message;
	if (signal.aborted) throw aborted(signal);
	try {
		return await fetch(url, {
			method: message.method ?? (form === undefined ? "GET" : "POST"),
			headers: {
				// Blobs are compressed by themselves; they are wanted exactly as they are stored.
				"accept-encoding": "identity",
				"user-agent": "plimsoll",
				...headers,
				...(authorization !== null && { authorization }),
				...(form !== undefined && { "content-type": "application/x-www-form-urlencoded" }),
				...(upload && { "content-type": upload.mediaType, "content-length": String(upload.size) }),
			},
			...(form !== undefined && { body: form }),
			// A stream is sent while it is read, so the answer can only come after it.
			...(upload && { body: ReadableStream.from(upload.open()), duplex: "half" }),
			redirect: "manual",
			signal,
		});
	} catch (thrown) {
		throw signal.aborted ? aborted(signal) : networkFailure(url.host, thrown);
	}
}

function target(location: string | null, from: URL, endpoint: Endpoint): URL {
	if (location === null || !URL.canParse(location, from)) {
		throw failed(`${endpoint.host} redirects without saying where to.`);
	}
	const next = new URL(location, from);
	if (from.protocol === "https:" && next.protocol === "http:" && !endpoint.insecure) {
		throw failed(`${endpoint.host} redirects from HTTPS to ${next.origin}, which is not encrypted.`);
	}
	checkTarget(next, endpoint, "the address");
	return next;
}

function failed(message: string): EngineError {
	return new EngineError("registry_failed", message, "Ask the registry's administrator to correct its redirects.");
}
