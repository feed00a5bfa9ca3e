/** Talks to one endpoint of the distribution API: finds its scheme, answers its challenges, reads its errors. */
import { createAuthorizer } from "./auth/authorizer.ts";
import { discard, readBody, readErrorText } from "./body.ts";
import { aborted, type Pacing, pacingOf, type RegistryDeps } from "./deps.ts";
import type { Endpoint, Scheme } from "./endpoint.ts";
import { exchange, type Method, type Upload } from "./exchange.ts";
import { RequestFailure, responseFailure, type Subject } from "./failure.ts";
import { isNotTls, networkCode } from "./network-failure.ts";
import { mirrorAttempts, retrying } from "./retry.ts";

/** What is asked of an endpoint. */
export interface Request {
	/** From the API's root on: `/v2/library/nginx/manifests/1.27`; another path of the host; or a whole address, which may be of another origin. */
	readonly path: string;
	readonly subject: Omit<Subject, "loggedIn">;
	/** `repository:NAME:pull`, `repository:NAME:pull,push` */
	readonly scope: string;
	readonly accept?: string;
	/** Ask for the bytes from here on only. */
	readonly from?: number;
	/** GET when absent. */
	readonly method?: Method;
	readonly upload?: Upload;
	/** `first-last`: which bytes of a blob are sent. */
	readonly range?: string;
	/** The statuses that are answers; 200 and 206 when absent. */
	readonly answers?: readonly number[];
}

const gotIt: readonly number[] = [200, 206];

export interface RegistryClient {
	readonly endpoint: Endpoint;
	readonly pacing: Pacing;
	/** Tries before it is given up. */
	readonly attempts: number | undefined;
	/** One try: the response, of one of the statuses that are answers, with its body unread. Throws `RequestFailure` or an `EngineError` that is final. */
	open(request: Request, signal: AbortSignal): Promise<Opened>;
	/** Tries until it works: the whole body, of at most `limit` bytes, and the response's headers. */
	read(request: Request, limit: number, signal: AbortSignal): Promise<Answer>;
}

export interface Opened {
	readonly response: Response;
	/** The address that was asked, before redirects. */
	readonly url: URL;
}

export interface Answer {
	readonly bytes: Uint8Array;
	readonly status: number;
	readonly headers: Headers;
	/** The address that was asked, before redirects. */
	readonly url: URL;
}

export function createClient(endpoint: Endpoint, deps: RegistryDeps): RegistryClient {
	const pacing = pacingOf(deps);
	const authorizer = createAuthorizer(endpoint, deps.credentials, {
		fetch: deps.fetch,
		pacing,
		eager: deps.eager ?? false,
	});
	let chosen: Promise<Scheme> | null = null;

	/** Plain HTTP is chosen only where it is allowed and the other side turns out not to speak TLS. */
	async function probe(signal: AbortSignal): Promise<Scheme> {
		const [first = "https", second] = endpoint.schemes;
		if (!second) return first;
		const ping = async (scheme: Scheme): Promise<number> => {
			const url = new URL(`${scheme}://${endpoint.apiHost}${endpoint.basePath}/v2/`);
			const response = await exchange(deps, endpoint, { url, headers: {}, authorization: null, follow: false }, signal);
			await discard(response);
			return response.status;
		};
		try {
			await ping(first);
			return first;
		} catch (thrown) {
			if (isNotTls(networkCode(thrown))) return second;
			if (!isUnreachable(thrown) || isCertificateProblem(thrown)) throw thrown;
			// Not reached by HTTPS: another port by HTTP, perhaps. HTTPS servers answer 400 to plain HTTP.
			const status = await ping(second).catch(() => 400);
			if (status === 400) throw thrown;
			return second;
		}
	}

	async function baseUrl(signal: AbortSignal): Promise<URL> {
		const mine = chosen ?? probe(signal);
		chosen = mine;
		try {
			return new URL(`${await mine}://${endpoint.apiHost}`);
		} catch (thrown) {
			if (chosen === mine) chosen = null;
			throw thrown;
		}
	}

	async function open(request: Request, signal: AbortSignal): Promise<Opened> {
		const base = await baseUrl(signal);
		const { path } = request;
		const url = new URL(path.startsWith("/v2/") ? `${endpoint.basePath}${path}` : path, base);
		// Blobs may be sent to another host, which is no business of these credentials.
		const isOwn = url.origin === base.origin;
		const subject = { ...request.subject, loggedIn: false };
		const headers = {
			accept: request.accept ?? "*/*",
			...(request.from !== undefined && { range: `bytes=${request.from}-` }),
			...(request.range !== undefined && { "content-range": request.range }),
		};
		const { method = "GET", upload } = request;
		const go = (authorization: string | null) => {
			const message = { url, headers, authorization, follow: true, method, ...(upload && { upload }) };
			return exchange(deps, endpoint, message, signal);
		};
		const sent = isOwn ? await authorizer.header(request.scope, subject, signal) : null;
		let response = await go(sent);
		// A 401 of a blob store that we were redirected to is no challenge to us.
		if (response.status === 401 && isOwn && isOwnAnswer(response, url)) {
			const challenge = response.headers.get("www-authenticate");
			await discard(response);
			response = await go(await authorizer.answer(challenge, sent, request.scope, subject, signal));
		}
		if ((request.answers ?? gotIt).includes(response.status)) return { response, url };
		const text = await readErrorText(endpoint.host, response, signal);
		if (signal.aborted) throw aborted(signal);
		const asked = { ...request.subject, loggedIn: authorizer.loggedIn() };
		throw responseFailure(endpoint.host, response, text, asked, pacing.now());
	}

	const attempts = endpoint.role === "mirror" ? mirrorAttempts : deps.attempts;
	return {
		endpoint,
		pacing,
		attempts,
		open,
		read: (request, limit, signal) =>
			retrying(
				async () => {
					const { response, url } = await open(request, signal);
					const what = `${request.subject.repository} ${request.subject.reference}`.trim();
					const bytes = await readBody(endpoint.host, response, limit, what, signal);
					return { bytes, status: response.status, headers: response.headers, url };
				},
				pacing,
				signal,
				attempts,
			),
	};
}

/** True when the response came from the origin that was asked. `Response.url` is empty in some fetches; then we asked it. */
function isOwnAnswer(response: Response, asked: URL): boolean {
	return response.url === "" || new URL(response.url).origin === asked.origin;
}

function isCertificateProblem(thrown: unknown): boolean {
	return thrown instanceof RequestFailure && thrown.error.code === "registry_tls";
}

/** A failure to reach the endpoint at all, so that nothing else is worth asking it. */
export function isUnreachable(thrown: unknown): boolean {
	return (
		thrown instanceof RequestFailure &&
		(thrown.error.code === "registry_unreachable" || thrown.error.code === "registry_tls")
	);
}
