/**
 * How often somebody may ask: by address before it is known who asks (each look-up of a token costs a query), and by
 * user after. Counted in this process; with several behind one balancer each counts for itself.
 */
import rateLimit from "@fastify/rate-limit";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { App } from "../app.ts";
import { ServerError } from "../errors.ts";

export interface RateLimits {
	/** Requests a minute from one address; a whole office may share one. */
	readonly perAddress: number;
	/** Requests a minute of one user. */
	readonly perUser: number;
	/** Requests a minute from one address to routes that check a password or another secret. */
	readonly perAddressToSecrets: number;
}

export const usualRateLimits: RateLimits = { perAddress: 3000, perUser: 1500, perAddressToSecrets: 20 };

const minute = 60_000;

export interface RateLimiter {
	beforeIdentity(request: FastifyRequest, reply: FastifyReply): Promise<void>;
	afterIdentity(request: FastifyRequest, reply: FastifyReply): Promise<void>;
}

type Count = Awaited<ReturnType<ReturnType<App["createRateLimit"]>>>;

/** Routes state `config: { limit: "sign-in" }` when they check a password. */
export function rateLimiter(app: App, limits: RateLimits): RateLimiter {
	app.register(rateLimit, { global: false });
	let ready: ReturnType<typeof counters> | null = null;
	app.after(() => {
		ready = counters(app, limits);
	});
	return {
		beforeIdentity: async (request, reply) => {
			if (!ready || isProbe(request)) return;
			refuseBeyond(await ready.address(request), reply);
			if (request.routeOptions.config.limit === "sign-in") refuseBeyond(await ready.secrets(request), reply);
		},
		afterIdentity: async (request, reply) => {
			if (ready && request.principal) refuseBeyond(await ready.user(request), reply);
		},
	};
}

function counters(app: App, limits: RateLimits) {
	const byAddress = { timeWindow: minute, ipv6Subnet: 64 };
	return {
		address: app.createRateLimit({ ...byAddress, max: limits.perAddress }),
		secrets: app.createRateLimit({ ...byAddress, max: limits.perAddressToSecrets }),
		user: app.createRateLimit({
			timeWindow: minute,
			max: limits.perUser,
			keyGenerator: (request: FastifyRequest) => request.principal?.userId ?? "",
		}),
	};
}

/** Whoever watches over the process must hear that it lives also when it is busy. */
function isProbe(request: FastifyRequest): boolean {
	return request.routeOptions.url === "/healthz" || request.routeOptions.url === "/readyz";
}

function refuseBeyond(count: Count, reply: FastifyReply): void {
	if (count.isAllowed || !count.isExceeded) return;
	const seconds = Math.max(1, count.ttlInSeconds);
	reply.header("retry-after", seconds);
	throw new ServerError(
		"too_many_requests",
		`More than ${count.max} requests came within a minute.`,
		`Wait ${seconds} s.`,
	);
}

declare module "fastify" {
	interface FastifyContextConfig {
		limit?: "sign-in";
	}
}
