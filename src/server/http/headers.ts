/** Headers of every answer. The API gives JSON to programs: no answer is a page, and none may be kept by what lies between. */
import type { FastifyReply } from "fastify";

const everywhere = {
	"x-content-type-options": "nosniff",
	"content-security-policy": "default-src 'none'; frame-ancestors 'none'",
	"referrer-policy": "no-referrer",
	"cross-origin-resource-policy": "same-origin",
	"cache-control": "no-store",
} as const;

/** Set first, so that a route which serves pages may say otherwise. */
export function securityHeaders(reply: FastifyReply): void {
	reply.headers(everywhere);
}
