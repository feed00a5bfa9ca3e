/** The HTTP application: what holds for every route. Routes are registered by what `main` wires. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import Fastify, {
	type FastifyBaseLogger,
	type FastifyInstance,
	type FastifyRequest,
	type RawServerDefault,
} from "fastify";
import type { Gatekeeper, Principal } from "./access/principal.ts";
import { forbidden, ServerError } from "./errors.ts";
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
}

/** Bodies are small JSON; nothing that people upload comes this way. */
const mostBody = 1024 * 1024;

export function createApp(deps: AppDeps): App {
	const app = Fastify({
		...(deps.log ? { loggerInstance: deps.log } : {}),
		bodyLimit: mostBody,
		requestTimeout: 60_000,
		trustProxy: false,
		routerOptions: { maxParamLength: 512 },
	})
		.withTypeProvider<TypeBoxTypeProvider>()
		.setValidatorCompiler(TypeBoxValidatorCompiler) as unknown as App;
	app.decorateRequest("principal", null);
	app.decorateRequest("sight");
	app.addHook("onRoute", (route) => {
		if (!route.config?.needs)
			throw new Error(`${String(route.method)} ${route.url} does not say what it needs (config.needs).`);
	});
	app.addHook("onRequest", async (request) => {
		request.sight = seesNothing;
		await admit(request, deps.gatekeeper);
	});
	app.setErrorHandler(async (error, request, reply) => {
		const problem = problemOf(error);
		if (problem.status >= 500) request.log.error({ err: error }, problem.detail);
		return reply.code(problem.status).type("application/problem+json").send(problem);
	});
	app.setNotFoundHandler({}, async (request, reply) => {
		const problem = problemOf(
			new ServerError(
				"not_found",
				`There is nothing at ${request.method} ${request.url.split("?")[0]}.`,
				"The API is described at /api/v1/openapi.json.",
			),
		);
		return reply.code(problem.status).type("application/problem+json").send(problem);
	});
	return app;
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
