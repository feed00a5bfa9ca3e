/** All routes in one place: what main serves, and what docs/openapi.json describes. */
import type { App } from "../app.ts";
import { healthRoutes } from "../http/health.ts";
import { metricsRoute } from "../http/metrics.ts";
import { openApiRoute } from "../http/openapi.ts";
import { accessRoutes } from "./access.ts";
import { advisoryRoutes } from "./advisories.ts";
import { artifactRoutes } from "./artifacts.ts";
import { eventRoutes } from "./events.ts";
import { findingRoutes } from "./findings.ts";
import { notificationRoutes } from "./notifications.ts";
import { packageRoutes } from "./packages.ts";
import { registryRoutes } from "./registries.ts";
import { reportRoutes } from "./reports.ts";
import { repositoryRoutes } from "./repositories.ts";
import { scanRoutes } from "./scans.ts";
import { scheduleRoutes } from "./schedules.ts";
import { spaceRoutes } from "./spaces.ts";
import { vulnerabilityRoutes } from "./vulnerabilities.ts";

/** In the order that the API's description has them. */
const all = [
	accessRoutes,
	registryRoutes,
	notificationRoutes,
	spaceRoutes,
	repositoryRoutes,
	artifactRoutes,
	scanRoutes,
	scheduleRoutes,
	findingRoutes,
	reportRoutes,
	vulnerabilityRoutes,
	packageRoutes,
	advisoryRoutes,
	eventRoutes,
	healthRoutes,
] as const;

type Union = Parameters<(typeof all)[number]>[1] | Parameters<typeof metricsRoute>[1];
type Intersection<U> = (U extends unknown ? (each: U) => void : never) extends (every: infer I) => void ? I : never;

/** What the routes need, all together; main wires it. */
export type ServiceDeps = Intersection<Union>;

export function registerRoutes(app: App, deps: ServiceDeps): void {
	metricsRoute(app, deps);
	// Deferred until the app's own plugins are loaded: the API's description must see each route.
	app.register(async (scope) => {
		const routes = scope as unknown as App;
		openApiRoute(routes);
		for (const register of all) register(routes, deps);
	});
}
