import type { FastifyRequest } from "fastify";
import { ServerError } from "../errors.ts";

const safe: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

export function changesSomething(request: FastifyRequest): boolean {
	return !safe.has(request.method);
}

/**
 * Refuses what a browser sends for another site's page. `Sec-Fetch-Site` says so itself; older browsers send `Origin`,
 * which is held against `Host` (the scheme is not known behind a proxy that ends TLS). Programs send neither.
 */
export function refuseForeignOrigin(request: FastifyRequest): void {
	const { origin, host, "sec-fetch-site": site } = request.headers;
	const foreign =
		(site !== undefined && site !== "same-origin" && site !== "none") ||
		(origin !== undefined && !isSameHost(origin, host));
	if (!foreign) return;
	throw new ServerError(
		"csrf_missing",
		"The request comes from a page of another site.",
		"Open Plimsoll itself; a proxy that stands before it must pass on the Host header.",
	);
}

function isSameHost(origin: string, host: string | undefined): boolean {
	const from = URL.parse(origin);
	if (!host || !from || !/^https?:$/.test(from.protocol)) return false;
	return URL.parse(`${from.protocol}//${host}`)?.host === from.host;
}
