/** The HTTP application: what holds for every route. Routes are registered by `routes/index.ts`. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, {
	type FastifyBaseLogger,
	type FastifyInstance,
	type FastifyReply,
	type FastifyRequest,
	LogController,
	type RawServerDefault,
	type RouteOptions,
} from "fastify";
import type { TSchema } from "typebox";
import type { Problem } from "#contract";
import type { Gatekeeper, Principal } from "./access/principal.ts";
import { forbidden, nothingAt, ServerError } from "./errors.ts";
import { answerBrokenRequest } from "./http/broken-requests.ts";
import { closing } from "./http/closing.ts";
import { securityHeaders } from "./http/headers.ts";
import { readJsonBodies } from "./http/json-bodies.ts";
import { describeApi } from "./http/openapi.ts";
import { type RateLimits, rateLimiter, usualRateLimits } from "./http/rate-limits.ts";
import { canBeDecoded } from "./http/readable.ts";
import { closed, closedOrNothing } from "./http/strict-schemas.ts";
import { validatorCompiler } from "./http/validation.ts";
import { seesNothing } from "./ports/sight.ts";
import { problemOf } from "./problem.ts";

export type App = FastifyInstance<
	RawServerDefault,
	IncomingMessage,
	ServerResponse,
	FastifyBaseLogger,
	TypeBoxTypeProvider
>;

export interface AppDeps {
	readonly gatekeeper: Gatekeeper;
	readonly log: FastifyBaseLogger | null;
	readonly rateLimits?: RateLimits;
	/** What an error of a store means to who asked; null: it is a fault of ours. */
	readonly explainTrouble?: (error: unknown) => ServerError | null;
	/** How long requests that run may go on when the server closes. */
	readonly closeGraceMilliseconds?: number;
	readonly version?: string;
}

/** Bodies are small JSON; nothing that people upload comes this way. */
const mostBody = 1024 * 1024;
/** Where it is not known better. */
const usualRetrySeconds = 5;
/** The longest query that the console makes is below 2 KiB. */
const longestUrl = 8192;

export function createApp(deps: AppDeps): App {
	const app = Fastify({
		...(deps.log ? { loggerInstance: deps.log } : {}),
		// An address may hold what is nobody's business in a log: routes are logged, not addresses.
		logController: new LogController({ disableRequestLogging: true }),
		bodyLimit: mostBody,
		// To receive a request, not to answer it: event streams stay open.
		requestTimeout: 60_000,
		keepAliveTimeout: 30_000,
		// Looked after every five seconds: whoever sends a byte now and then holds a connection no longer than that.
		http: { maxHeaderSize: 16 * 1024, headersTimeout: 20_000, connectionsCheckingInterval: 5000 },
		trustProxy: false,
		routerOptions: { maxParamLength: 512 },
		clientErrorHandler: answerBrokenRequest,
		// An address that cannot be decoded belongs to no route.
		frameworkErrors: (error, _request, reply) => {
			const problem = problemOf(error);
			void sendProblem(reply, problem);
		},
	})
		.withTypeProvider<TypeBoxTypeProvider>()
		.setValidatorCompiler(validatorCompiler) as unknown as App;
	const limiter = rateLimiter(app, deps.rateLimits ?? usualRateLimits);
	const end = closing(app, deps.closeGraceMilliseconds ?? 10_000);
	readJsonBodies(app);
	app.decorate("closing", end.signal);
	app.decorateRequest("principal", null);
	app.decorateRequest("sight");
	app.addHook("onRoute", checkRoute);
	describeApi(app, deps.version ?? "0.0.0");
	app.addHook("onRequest", async (request, reply) => {
		request.sight = seesNothing;
		securityHeaders(reply);
		end.watch(reply.raw);
		if (request.url.length > longestUrl)
			throw new ServerError("too_large", `The address is longer than ${longestUrl} bytes.`, "Ask for less at once.");
		await limiter.beforeIdentity(request, reply);
		if (!canBeDecoded(request.url))
			throw new ServerError(
				"invalid_request",
				"The address's query cannot be read: it has a % that begins no character of UTF-8.",
				"Percent-encode it, and a % itself as %25.",
			);
		await admit(request, deps.gatekeeper);
		await limiter.afterIdentity(request, reply);
	});
	app.addHook("preValidation", async (request) => {
		if (request.is404 || request.routeOptions.schema?.body || isEmpty(request.body)) return;
		throw new ServerError("invalid_request", "This request takes no body.", "Send it without one.");
	});
	app.addHook("onResponse", async (request, reply) => {
		const { method, routeOptions } = request;
		const answer = {
			method,
			route: routeOptions.url ?? "none",
			status: reply.statusCode,
			ms: Math.round(reply.elapsedTime),
		};
		request.log.debug(answer, "answered");
	});
	app.setErrorHandler(async (error, request, reply) => {
		const problem = problemOf(error instanceof ServerError ? error : (deps.explainTrouble?.(error) ?? error));
		if (problem.status >= 500) request.log.error({ err: error }, problem.detail);
		const passes = problem.status === 429 || problem.status === 503;
		if (passes && !reply.hasHeader("retry-after")) reply.header("retry-after", usualRetrySeconds);
		return sendProblem(reply, problem);
	});
	app.setNotFoundHandler({}, async (request, reply) => {
		return sendProblem(reply, problemOf(nothingAt(request.method, request.url)));
	});
	return app;
}

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
	// A route may have begun to say how its own answer is written, and under which name it is kept.
	reply.removeHeader("content-disposition");
	return reply
		.code(problem.status)
		.type("application/problem+json")
		.serializer((body: unknown) => JSON.stringify(body))
		.send(problem);
}

/** Holds for all routes, so that none can forget it: it says who may call it, and takes nothing that it does not name. */
function checkRoute(route: RouteOptions): void {
	if (!route.config?.needs)
		throw new Error(`${String(route.method)} ${route.url} does not say what it needs (config.needs).`);
	const { schema = {} } = route;
	route.schema = {
		...schema,
		querystring: closedOrNothing(schema.querystring as TSchema | undefined),
		...(schema.params ? { params: closed(schema.params) } : {}),
		...(schema.body ? { body: closed(schema.body) } : {}),
	};
}

function isEmpty(body: unknown): boolean {
	if (body === undefined || body === null) return true;
	return typeof body === "object" && !Array.isArray(body) && Object.keys(body).length === 0;
}

async function admit(request: FastifyRequest, gatekeeper: Gatekeeper): Promise<void> {
	const needs = request.routeOptions.config.needs;
	if (!needs || needs.by === "secret") return;
	const identified = await gatekeeper.identify(request);
	if (identified) {
		request.principal = identified.principal;
		request.sight = identified.sight;
	}
	if (needs.by === "anybody") return;
	if (!identified)
		throw new ServerError(
			"unauthenticated",
			"You are not signed in.",
			"Sign in, or send an API token as a bearer token.",
		);
	const { principal } = identified;
	if (needs.by === "platform-admin" && !principal.platformAdmin)
		throw forbidden("do this", "the role of platform administrator");
	if (needs.scope && !principal.scopes.has(needs.scope))
		throw forbidden("do this with this token", `a token with the scope "${needs.scope}"`);
}

/** Who asks, in a route that needs somebody. */
export function principalOf(request: FastifyRequest): Principal {
	if (!request.principal) throw new ServerError("unauthenticated", "You are not signed in.", "Sign in first.");
	return request.principal;
}
