/** Figures in Prometheus' text form at `/metrics`. What is counted in the database is the same whichever process is asked. */
import type { FastifyRequest } from "fastify";
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { App } from "../app.ts";
import { nothingAt } from "../errors.ts";
import type { ServiceFigures } from "../ports/figures.ts";

/** Around what is promised: lists within 50 ms, answers under load within 100. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

export function metricsRoute(app: App, { figures }: { readonly figures: ServiceFigures }): void {
	const registry = new Registry();
	collectDefaultMetrics({ register: registry });
	watchRequests(app, registry);
	const fill = serviceGauges(registry, figures);
	app.get(
		"/metrics",
		{ schema: { hide: true }, config: { needs: { by: "anybody", scope: null } } },
		async (request, reply) => {
			// It names registries: for others it is not there.
			if (!isFromThisMachine(request) && !mayWatch(request)) throw nothingAt(request.method, request.url);
			await fill();
			return reply.type(registry.contentType).send(await registry.metrics());
		},
	);
}

function watchRequests(app: App, registry: Registry): void {
	const durations = new Histogram({
		name: "plimsoll_http_request_duration_seconds",
		help: "Time to answer, by route as it is written in the API's description",
		labelNames: ["method", "route", "status"],
		buckets,
		registers: [registry],
	});
	app.addHook("onResponse", async (request, reply) => {
		// By the route's template: addresses that people make up must not become series.
		const route = request.routeOptions.url ?? "none";
		const method = route === "none" ? "any" : request.method;
		durations.observe({ method, route, status: String(reply.statusCode) }, reply.elapsedTime / 1000);
	});
}

function serviceGauges(registry: Registry, figures: ServiceFigures): () => Promise<void> {
	const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[]) =>
		new Gauge<L>({ name: `plimsoll_${name}`, help, labelNames, registers: [registry] });
	const up = gauge("database_up", "1 while the database answers", []);
	const jobs = gauge("queue_jobs", "Jobs in the queue", ["kind", "state"]);
	const artifacts = gauge("artifacts", "Artifacts by the state of their scan", ["state"]);
	const health = gauge("registry_health", "1 for the state that a registry is in", ["registry", "state"]);
	const age = gauge("advisories_age_seconds", "Age of the advisories that results are of", []);
	return async () => {
		for (const each of [jobs, artifacts, health, age]) each.reset();
		// A gauge without labels comes back as 0, which would read as "brand new".
		age.set(Number.NaN);
		try {
			const [byKind, byState, registries, current] = await Promise.all([
				figures.jobs(),
				figures.artifactsByState(),
				figures.registries(),
				figures.advisories(),
			]);
			for (const [kind, { waiting, running }] of Object.entries(byKind)) {
				jobs.set({ kind, state: "waiting" }, waiting);
				jobs.set({ kind, state: "running" }, running);
			}
			for (const [state, count] of Object.entries(byState)) artifacts.set({ state }, count);
			for (const { name, health: state } of registries) health.set({ registry: name, state }, 1);
			if (current) age.set((Date.now() - Date.parse(current.builtAt)) / 1000);
			up.set(1);
		} catch {
			up.set(0);
		}
	};
}

/** A platform administrator, also by a token that may only read; not by one that is bound to a workspace. */
function mayWatch({ principal, sight }: FastifyRequest): boolean {
	return sight.all && principal !== null && principal.scopes.has("read");
}

const loopback = /^(?:127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const loopbackHost = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i;

/**
 * Not what a proxy on this machine passes on, and not what a page of another name makes a browser on this machine ask
 * (DNS rebinding): then the address is loopback, but who asks is somewhere else.
 */
function isFromThisMachine(request: Pick<FastifyRequest, "headers" | "socket">): boolean {
	const { headers, socket } = request;
	const passedOn = ["x-forwarded-for", "forwarded", "x-real-ip", "via"].some((name) => headers[name] !== undefined);
	return !passedOn && loopback.test(socket.remoteAddress ?? "") && loopbackHost.test(headers.host ?? "");
}
